/**
 * Drills: a provider is withdrawn on purpose, for a bounded time, in production, to see that the others carry the mail.
 * 1. `planOf` says beforehand what would move and where to, or why it may not be (plan.ts, pure).
 * 2. `startDrill` writes the row that says so; every node reads it twice a second (withdrawals.ts) and advises the route
 *    against that provider. Advice only: where nobody else is left, mail still goes through it.
 * 3. The node that leads watches (drills.ts): the guard (guard.ts, pure) ends the drill when it costs anything.
 * 4. What moved, how fast and what it cost is counted from the rows of attempts (report.ts).
 * Invariants: one drill at a time; it ends at its time on every node even where nobody leads; a provider's standing is
 * never touched, so what canaries find of it meanwhile counts.
 * Operator sees: `postern drill`, reasons of routes ("not harbour: drill 3"), leaves drill.started and drill.ended.
 */
export * from "./bounds.ts";
export * from "./drills.ts";
export * from "./guard.ts";
export * from "./plan.ts";
export * from "./report.ts";
export * from "./rows.ts";
export * from "./start.ts";
export * from "./withdrawals.ts";
