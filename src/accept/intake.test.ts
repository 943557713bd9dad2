import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { type VirtualClock, virtualClock } from "../../test/support/virtual-clock.ts";
import { DEFAULT_LIMITS } from "../config/index.ts";
import { type LogFields, silentLog } from "../kernel/index.ts";
import { silentMetrics } from "../metrics/index.ts";
import { Intake } from "./intake.ts";

describe("whether anything may be taken", () => {
  let clock: VirtualClock;
  let up: boolean;
  let rows: number;
  let lines: LogFields[];
  let intake: Intake;
  const codeNow = (): string | null => intake.refusal()?.code ?? null;

  beforeEach(() => {
    clock = virtualClock();
    up = true;
    rows = 0;
    lines = [];
    intake = new Intake({
      limits: { ...DEFAULT_LIMITS, queueRows: 10, acceptInFlightBytes: 100 },
      folders: ["/"],
      isDatabaseUp: () => up,
      queueRows: () => rows,
      clock,
      log: {
        ...silentLog,
        warn: (event, fields) => lines.push({ event, ...fields }),
        info: (event) => lines.push({ event }),
      },
      metrics: silentMetrics,
    });
  });
  afterEach(() => intake.stop());

  test("follows the database and the queue by itself", () => {
    assert.equal(codeNow(), null);
    up = false;
    assert.equal(codeNow(), "database-unavailable");
    up = true;
    rows = 10;
    assert.equal(codeNow(), "queue-full");
    rows = 9;
    assert.equal(codeNow(), null);
  });

  test("a database that cannot write closes it for a moment; then a message may try again", async () => {
    assert.equal(intake.databaseFull().smtp.enhancedStatus, "4.3.1");
    assert.equal(codeNow(), "database-disk-full");
    await clock.advance(1_900);
    assert.equal(codeNow(), "database-disk-full");
    await clock.advance(200);
    assert.equal(codeNow(), null);
  });

  test("each change is said once, with its cause", () => {
    up = false;
    codeNow();
    codeNow();
    up = true;
    codeNow();
    assert.deepEqual(
      lines.map((line) => [line["event"], line["code"]]),
      [
        ["intake.stopped", "database-unavailable"],
        ["intake.open", undefined],
      ],
    );
  });

  test("a disk with less free than the bound closes it, whichever of the folders it holds", async () => {
    const greedy = { ...DEFAULT_LIMITS, diskFreeBytes: Number.MAX_SAFE_INTEGER };
    const one = new Intake({
      limits: greedy,
      folders: ["/proc", "/"],
      isDatabaseUp: () => true,
      queueRows: () => 0,
      clock,
      log: silentLog,
      metrics: silentMetrics,
    });
    assert.equal(one.refusal(), null, "not looked yet");
    await one.look();
    assert.equal(one.refusal()?.code, "disk-low");
    await one.stop();
  });

  test("a lone message always fits, a second one only within the bound", () => {
    assert.ok(intake.take(1_000));
    assert.ok(!intake.take(1));
    intake.give(1_000);
    assert.ok(intake.take(60) && intake.take(40) && !intake.take(1));
  });
});
