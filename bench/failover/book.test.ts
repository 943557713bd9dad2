import assert from "node:assert/strict";
import { test } from "node:test";
import { Book, LATE_MS } from "./book.ts";

/** One message a second from 0 on; the fault begins at 10 s and ends at 40 s. */
function booked(arrivals: (second: number) => { afterMs: number; through: string }[], refused: readonly number[] = []) {
  const book = new Book();
  for (let second = 0; second < 40; second += 1) {
    const token = String(second);
    book.given(token, second * 1_000);
    book.told(token, refused.includes(second) ? "refused" : "accepted");
    for (const { afterMs, through } of arrivals(second)) book.arrived(token, second * 1_000 + afterMs, through);
  }
  return book;
}
const well = { afterMs: 10, through: "primary" };

test("a message that was accepted and never arrived is lost; one that was refused is not", () => {
  const book = booked((second) => (second === 12 || second === 13 ? [] : [well]), [13]);
  const told = book.tally(10_000, 40_000, "standby");
  assert.deepEqual([told.given, told.accepted, told.refused, told.lost], [40, 39, 1, 1]);
  assert.equal(book.missing, 1);
});

test("mail flows again with the first message after the last that was lost or late", () => {
  const book = booked((second) => {
    if (second < 10) return [well];
    if (second === 11) return [];
    if (second === 14) return [{ afterMs: LATE_MS + 1, through: "standby" }];
    return [{ afterMs: 50, through: "standby" }];
  });
  const told = book.tally(10_000, 40_000, "standby");
  assert.equal(told.flowsAgainMs, 5_000);
  assert.equal(told.firstByStandbyMs, 50);
  assert.equal(told.late, 1);
});

test("mail never flowed again where one of the last ten messages of the fault was lost, and a fault nobody felt took no time", () => {
  assert.equal(booked((second) => (second === 38 ? [] : [well])).tally(10_000, 40_000, "standby").flowsAgainMs, null);
  const told = booked(() => [well]).tally(10_000, 40_000, "standby");
  assert.equal(told.flowsAgainMs, 0);
  assert.equal(told.firstByStandbyMs, null);
});

test("copies beyond the first are duplicates", () => {
  const told = booked((second) => (second === 3 ? [well, well, well] : [well])).tally(10_000, 40_000, "standby");
  assert.deepEqual([told.duplicates, told.mostCopies], [2, 3]);
});

test("a message of somebody else is none of the load", () => {
  assert.equal(new Book().arrived("canary", 1, "primary"), false);
});
