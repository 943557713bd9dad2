import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../../../test/support/virtual-clock.ts";
import { systemRandom } from "../../kernel/index.ts";
import { Domains, type Permit } from "./domains.ts";

const calm = new AbortController().signal;
const random = { ...systemRandom, fraction: () => 0.5 };
const made = (connections: number, ratePerS: number | null) => {
  const clock = virtualClock();
  return { clock, domains: new Domains({ connections, ratePerS }, { clock, random }) };
};
const causeOf = (answer: Permit | { cause: string }): string => ("leave" in answer ? "permit" : answer.cause);

test("whoever waits is served in order, and one that waits too long goes another way", async () => {
  const { clock, domains } = made(1, null);
  const first = await domains.enter("a.example", calm);
  const ends: string[] = [];
  for (const name of ["second", "third"])
    void domains.enter("a.example", calm).then((answer) => ends.push(`${name} ${causeOf(answer)}`));
  assert.equal(causeOf(await domains.enter("b.example", calm)), "permit", "another domain does not wait");
  await clock.advance(1_000);
  assert.deepEqual(ends, []);
  if ("leave" in first) {
    first.leave();
    first.leave(); // a permit is given back once, however often it is said
  }
  await clock.advance(8_000);
  assert.deepEqual(ends, ["second permit"]);
  await clock.advance(1_000);
  assert.deepEqual(ends, ["second permit", "third domain-busy"]);
});

test("a rate is kept, and what would wait longer than ten seconds goes another way", async () => {
  const { clock, domains } = made(100, 2);
  const startMs = clock.monotonicMs();
  const at: number[] = [];
  const turnedAway: string[] = [];
  const one = async (): Promise<void> => {
    const answer = await domains.enter("a.example", calm);
    if ("leave" in answer) at.push(clock.monotonicMs() - startMs);
    else turnedAway.push(answer.cause);
  };
  const all = Array.from({ length: 30 }, one);
  await clock.advance(20_000);
  await Promise.all(all);
  assert.deepEqual([at.length, turnedAway.length], [22, 8]);
  for (let n = 2; n < at.length; n += 1) assert.equal(at[n], (n - 1) * 500);
});

test("a stop ends all waiting at once", async () => {
  const { clock, domains } = made(1, null);
  await domains.enter("a.example", calm);
  const stop = new AbortController();
  const waiting = domains.enter("a.example", stop.signal);
  await clock.advance(10);
  stop.abort();
  assert.equal(causeOf(await waiting), "aborted");
  assert.equal(clock.pending, 0);
});

test("rests grow to a quarter of an hour, and one success ends them", async () => {
  const { clock, domains } = made(1, null);
  const rests: number[] = [];
  for (let n = 0; n < 8; n += 1) {
    domains.rest("a.example", "away");
    domains.rest("a.example", "away"); // of a message that was on its way too
    const from = clock.monotonicMs();
    while (causeOf(await enterAndLeave(domains)) === "domain-resting") await clock.advance(1_000);
    rests.push((clock.monotonicMs() - from) / 1_000);
  }
  assert.deepEqual(rests, [20, 40, 80, 160, 320, 640, 900, 900]);
  domains.works("a.example");
  domains.rest("a.example", "away");
  await clock.advance(20_000);
  assert.equal(causeOf(await enterAndLeave(domains)), "permit");
});

async function enterAndLeave(domains: Domains) {
  const answer = await domains.enter("a.example", calm);
  if ("leave" in answer) answer.leave();
  return answer;
}
