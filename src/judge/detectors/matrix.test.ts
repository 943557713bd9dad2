import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cause, type Cell, type Says, judgeCause } from "./matrix.ts";

const cell = (provider: string, receiver: string, arrives: boolean, missedSinceAt = 0): Cell => ({
  provider,
  receiver,
  arrived: arrives ? 5 : 0,
  missed: arrives ? 0 : 5,
  missedSinceAt: arrives ? null : missedSinceAt,
});
const SECOND = 1_000;
const cause = (cells: Cell[], says: Says): Cause => judgeCause("p", cells, says, 30 * SECOND).cause;
const SILENT: Says = { events: "silent", log: null };

test("every row of the table, and every case between them", () => {
  const rows: [boolean, Says["events"], Says["log"], Cause][] = [
    [true, "silent", "delivered", "events-dark"],
    [true, "silent", "none", "events-and-log-dark"],
    [true, "silent", "error", "events-and-log-dark"],
    [true, "silent", "queued", "events-and-log-dark"],
    [true, "silent", null, "events-and-log-dark"],
    [true, "delivered", "delivered", "healthy"],
    [true, "delivered", "queued", "healthy"],
    [true, "delivered", "none", "healthy"],
    [true, "delivered", "error", "healthy"],
    [true, "delivered", null, "healthy"],
    [false, "delivered", "delivered", "lying"],
    [false, "delivered", "queued", "down"],
    [false, "delivered", "none", "down"],
    [false, "delivered", "error", "down"],
    [false, "delivered", null, "down"],
    [false, "silent", "delivered", "down"],
    [false, "silent", "queued", "down"],
    [false, "silent", "none", "down"],
    [false, "silent", "error", "down"],
    [false, "silent", null, "down"],
  ];
  for (const [arrives, events, log, expected] of rows)
    assert.equal(
      cause([cell("p", "mx1", arrives), cell("p", "mx2", arrives)], { events, log }),
      expected,
      `${arrives ? "arrives" : "missing"}, events ${events}, log ${log}`,
    );
});

test("missing at one receiver only is that receiver's fault", () => {
  const judged = judgeCause("p", [cell("p", "mx1", false), cell("p", "mx2", true)], SILENT, 30 * SECOND);
  assert.equal(judged.cause, "receiver-fault");
  assert.deepEqual(judged.receivers, ["mx1"]);
});

test("a receiver that no provider reaches is at fault though this provider is tried at no other", () => {
  const cells = [cell("p", "mx1", false), cell("q", "mx1", false), cell("q", "mx2", true)];
  assert.equal(cause(cells, SILENT), "receiver-fault");
  assert.equal(cause([cell("p", "mx1", false), cell("q", "mx1", true), cell("q", "mx2", true)], SILENT), "down");
});

test("two providers that fail within 30 s of each other, and nothing arrives: the fault is ours", () => {
  const both = (apartMs: number) => [cell("p", "mx1", false, 0), cell("q", "mx1", false, apartMs)];
  assert.equal(cause(both(30 * SECOND), SILENT), "local-outage");
  assert.equal(cause(both(30 * SECOND + 1), SILENT), "down");
  assert.equal(cause([...both(0), cell("r", "mx1", true)], SILENT), "down", "a third gets through");
  assert.equal(cause([cell("p", "mx1", false)], SILENT), "down", "one alone cannot tell");
});

test("without a canary that ended nothing is known", () => {
  assert.equal(cause([cell("q", "mx1", true)], SILENT), "unknown");
});
