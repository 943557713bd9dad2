import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import {
  type FakeProvider,
  type MailPath,
  fakeProvider,
  startMailPath,
  submission,
} from "../../test/support/mail-path.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { silentLog, systemClock, systemRandom } from "../kernel/index.ts";
import type { MessageClass } from "../mail/index.ts";
import { type Pace, savePace } from "../spool/index.ts";
import { RowWatch } from "../store/index.ts";
import { PaceBoard } from "./pace-board.ts";

let place: FreshDatabase;
let harbour: FakeProvider;
let lantern: FakeProvider;
let board: PaceBoard;
let watch: RowWatch;
let path: MailPath;

const pace = (change: Partial<Pace> = {}): Pace => ({
  provider: "lantern",
  insteadOf: ["harbour"],
  state: "ramping",
  allowancePerHour: 600,
  routinePerHour: 600,
  criticalPerHour: 36_000,
  peakPerHour: 300,
  deferred: 0,
  beganAt: systemClock.now(),
  stepAt: systemClock.now(),
  countedAt: systemClock.now(),
  ...change,
});

const boardWith = (standing: { state: string; since: number } | null): PaceBoard =>
  new PaceBoard({
    database: place.database,
    watch,
    standings: { standing: (name, scope = "") => (name === "harbour" && scope === "" ? standing : null) },
    clock: systemClock,
    random: systemRandom,
  });

beforeEach(async () => {
  place = await freshDatabase();
  harbour = fakeProvider("harbour");
  lantern = fakeProvider("lantern");
  watch = new RowWatch({ database: place.database, clock: systemClock, log: silentLog });
  board = boardWith(null);
  await savePace(place.database, pace());
  await watch.start();
  path = await startMailPath(place.database, [harbour, lantern], {
    paces: board,
    verdicts: { useOf: (name) => ({ use: name === "harbour" ? "no" : "yes", why: "DOWN" }) },
  });
});
afterEach(async () => {
  await path.stop();
  await watch.stop();
  await place.drop();
});

const send = async (stream: string): Promise<void> =>
  assert.equal((await path.port.accept(submission({ stream }))).kind, "accepted");
const reached = (messageClass: string): number =>
  lantern.calls.filter((call) => call.messageClass === messageClass).length;
const waiting = async (messageClass: number): Promise<{ n: number; due: number; leases: number }> => {
  const [row] = await place.database.query<{ n: number; due: number; leases: number }>(
    "SELECT count(*)::int AS n, (count(*) FILTER (WHERE due_at <= $2))::int AS due, coalesce(sum(fence), 0)::int AS leases FROM queue WHERE class = $1",
    [messageClass, new Date(systemClock.now())],
  );
  return row!;
};

describe("mail that goes to a stand-in", () => {
  test("of classes C0 to C2 goes at once, routine mail by its turn, bulk not at all", async () => {
    for (let n = 0; n < 200; n += 1) await send("receipts");
    await send("news");
    const began = performance.now();
    for (const stream of ["security", "notices", "alerts"]) for (let n = 0; n < 10; n += 1) await send(stream);
    await eventually(() => reached("C0") === 10 && reached("C1") === 10);
    await eventually(() => reached("C2") === 10, 5_000);
    assert.ok(performance.now() - began < 6_000);
    await eventually(async () => (await waiting(3)).due === 0);
    const { n, leases } = await waiting(3);
    assert.ok(reached("C3") >= 1 && reached("C3") <= 12, `${reached("C3")} of 200 within a few seconds`);
    assert.equal(n, 200 - reached("C3"));
    assert.ok(leases <= 400, `each was leased once or so, not over and over: ${leases}`);
    assert.equal(reached("C4"), 0);
    assert.equal((await waiting(4)).due, 0);
    const [last] = await place.database.query<{ at: number }>("SELECT max(due_at) AS at FROM queue WHERE class = 3");
    const minutes = (last!.at - systemClock.now()) / 60_000;
    assert.ok(minutes > 15 && minutes < 25, `200 at 600 an hour: the last one's turn is in ${minutes} minutes`);
  });

  test("is not paced where it is the provider's own, and no more once the pace is over", async () => {
    await savePace(place.database, pace({ insteadOf: ["harbour acme/alerts"] }));
    await board.look();
    for (let n = 0; n < 20; n += 1) await send("receipts");
    await eventually(() => reached("C3") === 20);
    await savePace(place.database, pace());
    await board.look();
    for (let n = 0; n < 30; n += 1) await send("receipts");
    await eventually(async () => (await waiting(3)).n > 0 && (await waiting(3)).due === 0);
    await place.database.query("DELETE FROM provider_paces");
    await board.look();
    await place.database.query("UPDATE queue SET due_at = $1", [new Date(systemClock.now())]);
    await eventually(() => reached("C3") === 50);
  });
});

test("between a verdict and the stand-in's pace routine mail waits a moment, and nothing else does; where none comes it goes", () => {
  const route = { prefer: ["harbour"], standby: ["lantern"], standbyShare: 0, weights: null, avoidOwnerGroups: [] };
  const asked = (given: PaceBoard, provider: string, messageClass: MessageClass): string => {
    const message = { class: messageClass, tenant: "acme", stream: "receipts", route };
    const turn = given.turn(provider, message, false);
    assert.equal(given.mayGoNow(provider, message), turn === "go");
    return turn === "go" ? turn : "later";
  };
  const fresh = boardWith({ state: "DOWN", since: systemClock.now() - 1_000 });
  assert.equal(asked(fresh, "lantern", "C3"), "later");
  for (const messageClass of ["C0", "C1", "C2"] as const) assert.equal(asked(fresh, "lantern", messageClass), "go");
  assert.equal(asked(fresh, "harbour", "C3"), "go");
  assert.equal(asked(boardWith({ state: "DOWN", since: systemClock.now() - 6_000 }), "lantern", "C3"), "go");
  assert.equal(asked(boardWith({ state: "SUSPECT", since: systemClock.now() }), "lantern", "C3"), "go");
  assert.equal(asked(boardWith(null), "lantern", "C3"), "go");
});
