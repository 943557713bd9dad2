import type { Drill } from "./rows.ts";

/** A drill of ten minutes that began at 0. */
export const drillOf = (change: Partial<Drill> = {}): Drill => ({
  drillId: 3,
  provider: "harbour",
  streams: null,
  share: 1,
  operator: "ada",
  reason: "monthly",
  plan: { moves: [{ tenant: "acme", stream: "resets", class: "C0", to: "lantern", others: [] }] },
  startedAt: 0,
  untilAt: 600_000,
  stopAskedBy: null,
  stopAskedAt: null,
  endedAt: null,
  endedBy: null,
  endedBecause: null,
  numbers: null,
  report: null,
  ...change,
});
