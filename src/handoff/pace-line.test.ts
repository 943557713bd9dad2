import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HOUR_MS, MINUTE_MS } from "../kernel/index.ts";
import { type Allowance, PaceLine } from "./pace-line.ts";

const AT = Date.UTC(2026, 2, 1);
const allowance = (change: Partial<Allowance> = {}): Allowance => ({
  perHour: 120,
  stepAt: AT,
  grows: false,
  ...change,
});

describe("a line before a stand-in", () => {
  test("lets through what an hour allows, evenly, and a minute's worth at once", () => {
    const line = new PaceLine(allowance(), AT);
    let gone = 0;
    for (let now = AT; now < AT + HOUR_MS; now += 1_000) while (line.mayGo(now, true)) gone += 1;
    assert.ok(gone >= 119 && gone <= 121, `${gone}`);
    let saved = 0;
    while (line.mayGo(AT + 5 * HOUR_MS, true)) saved += 1;
    assert.equal(saved, 2);
  });

  test("hands out turns one after the other, as if the allowance grew each hour as soon as it may", () => {
    const line = new PaceLine(allowance({ grows: true }), AT);
    line.mayGo(AT, true);
    const turns: number[] = [];
    for (let n = 0; n < 119 + 192; n += 1) turns.push(line.turn(AT, false));
    assert.ok(turns.every((turn, n) => n === 0 || turn >= turns[n - 1]!));
    assert.equal(turns.filter((turn) => turn < AT + HOUR_MS).length, 119);
    assert.ok(turns.at(-1)! > AT + 119 * MINUTE_MS - MINUTE_MS && turns.at(-1)! < AT + 2 * HOUR_MS + MINUTE_MS);
  });

  test("20,000 messages before a door for 100 an hour get turns within eleven hours", () => {
    const line = new PaceLine(allowance({ perHour: 100, grows: true }), AT);
    let last = 0;
    for (let n = 0; n < 20_000; n += 1) last = line.turn(AT, false);
    assert.ok(last < AT + 11 * HOUR_MS, `${(last - AT) / HOUR_MS} h`);
  });

  test("a newcomer passes nobody who waits; who has waited may go as soon as there is a token", () => {
    const line = new PaceLine(allowance(), AT);
    assert.equal(line.mayGo(AT, false), true);
    const turn = line.turn(AT, false);
    assert.equal(line.mayGo(turn, false), false);
    assert.equal(line.mayGo(turn, true), true);
    assert.ok(line.turn(turn, false) > turn);
  });

  test("who comes back and finds no token goes to the head of the line: none is lost, and none passed by newcomers", () => {
    const line = new PaceLine(allowance({ perHour: 60 }), AT);
    line.mayGo(AT, true);
    let waiting = Array.from({ length: 30 }, () => ({ turn: line.turn(AT, false), isFirst: true }));
    line.set(allowance({ perHour: 20 }), AT); // their turns are three times as close as tokens come
    const gone: number[] = [];
    let tries = 0;
    for (let now = AT; gone.length < 30 && now < AT + 6 * HOUR_MS; now += 1_000) {
      const isMinute = (now - AT) % MINUTE_MS === 0;
      if (isMinute && now < AT + HOUR_MS) waiting.push({ turn: line.turn(now, false), isFirst: false });
      waiting = waiting.flatMap(({ turn, isFirst }) => {
        if (turn > now) return [{ turn, isFirst }];
        tries += 1;
        if (!line.mayGo(now, true)) return [{ turn: line.turn(now, true), isFirst }];
        if (isFirst) gone.push(now);
        return [];
      });
    }
    assert.equal(gone.length, 30);
    assert.ok(gone.at(-1)! <= AT + 100 * MINUTE_MS, `${(gone.at(-1)! - AT) / MINUTE_MS} min for 30 at 20 an hour`);
    assert.ok(tries <= 30 * 5, `${tries} tries`);
  });

  test("no turn lies further ahead than a day", () => {
    const line = new PaceLine(allowance({ perHour: 1 }), AT);
    for (let n = 0; n < 100; n += 1) assert.ok(line.turn(AT, false) <= AT + 24 * HOUR_MS);
  });
});
