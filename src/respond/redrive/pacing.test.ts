import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import { type Standing, type State, healthy } from "../../judge/index.ts";
import { HOUR_MS, MINUTE_MS, silentLog, systemClock } from "../../kernel/index.ts";
import { LeafMaker } from "../../ledger/index.ts";
import { closeUpPaced, loadPaces } from "../../spool/index.ts";
import { saveStanding } from "../../standing/index.ts";
import { TestRows } from "../rows-for-tests.ts";
import { Pacing } from "./pacing.ts";
import { standInsOf } from "./stand-ins.ts";

const AT = Date.UTC(2026, 2, 8);
const ROUTE = {
  prefer: ["harbour"],
  standby: ["lantern", "beacon"],
  standbyShare: 0,
  weights: null,
  avoidOwnerGroups: ["b"],
};
const OPEN = { ...ROUTE, avoidOwnerGroups: [] };
const GROUPS: Record<string, string> = { harbour: "h", lantern: "l", beacon: "b" };
const ownerGroupOf = (name: string): string | undefined => GROUPS[name];
const routes = ["receipts", "alerts"].map((stream) => ({ tenant: "acme", stream, route: ROUTE }));

let place: FreshDatabase;
before(async () => {
  place = await freshDatabase();
});
after(() => place.drop());

const standing = (state: State): Standing => ({
  ...healthy(AT, 600_000),
  state,
  because: { kind: "silence", numbers: {}, sentence: "A sentence." },
});

test("stand-ins are those that the routes lead to past a withdrawn provider, for all of its mail or for one stream", () => {
  const row = (provider: string, scope: string, state: State) => ({ provider, scope, standing: standing(state) });
  const found = (...rows: ReturnType<typeof row>[]) =>
    [...standInsOf(routes, rows, ownerGroupOf)].map(([name, one]) => [name, [...one.insteadOf], [...one.streams]]);
  const firstOf = (...rows: ReturnType<typeof row>[]) =>
    [...standInsOf([{ ...routes[0]!, route: OPEN }], rows, ownerGroupOf)].map(([name, one]) => [name, [...one.first]]);
  assert.deepEqual(found(row("harbour", "", "DOWN")), [["lantern", ["harbour"], ["acme/receipts", "acme/alerts"]]]);
  assert.deepEqual(found(row("harbour", "acme/alerts", "DOWN")), [
    ["lantern", ["harbour acme/alerts"], ["acme/alerts"]],
  ]);
  assert.deepEqual(found(row("harbour", "", "SUSPECT")), []);
  assert.deepEqual(found(row("harbour", "", "DOWN"), row("lantern", "", "DOWN")), []);
  assert.deepEqual(firstOf(row("harbour", "", "DOWN")), [
    ["lantern", ["acme/receipts"]],
    ["beacon", []],
  ]);
});

test("a pace begins with the verdict from the stand-in's best hour, grows with what it took, and what waits for a turn is due when it ends", async () => {
  const { database } = place;
  const rows = new TestRows(database);
  for (let n = 0; n < 60; n += 1) await rows.handOff({ at: AT - 30 * HOUR_MS + n, provider: "lantern", class: 3 });
  const pacing = new Pacing({
    database,
    routes,
    ownerGroupOf,
    leaves: new LeafMaker(Buffer.alloc(32, 1)),
    clock: systemClock,
    log: silentLog,
  });
  const paces = async () => (await loadPaces(database)).paces;
  await pacing.tick(AT);
  assert.deepEqual(await paces(), []);
  const change = await saveStanding(
    database,
    { provider: "harbour", scope: "", from: "HEALTHY", standing: standing("DOWN") },
    AT,
    0,
  );
  await pacing.tick(AT + 1_000);
  const [first] = await paces();
  assert.deepEqual(
    [first!.provider, first!.insteadOf, first!.state, first!.peakPerHour, first!.allowancePerHour],
    ["lantern", ["harbour"], "ramping", 60, 100],
  );
  for (let n = 0; n < 80; n += 1)
    await rows.handOff({ at: AT + 2_000 + n * 30_000, provider: "lantern", class: 3, stream: "receipts" });
  await pacing.tick(AT + 1_000 + HOUR_MS);
  assert.deepEqual([(await paces())[0]!.peakPerHour, (await paces())[0]!.allowancePerHour], [80, 128]);

  const waiting = await rows.handOff({ at: AT, stream: "receipts", class: 3, outcome: "deferred" });
  const scheduled = await rows.handOff({ at: AT, stream: "receipts", class: 3, outcome: "deferred" });
  await database.query("UPDATE messages SET send_at = $2 WHERE spool_id = $1", [scheduled, new Date(AT + 9 * HOUR_MS)]);
  for (const id of [waiting, scheduled])
    await database.query("INSERT INTO queue (spool_id, class, state, due_at) VALUES ($1, 3, 'queued', $2)", [
      id,
      new Date(AT + 9 * HOUR_MS),
    ]);
  await saveStanding(
    database,
    { provider: "harbour", scope: "", from: "DOWN", standing: healthy(AT, 600_000) },
    AT,
    change!,
  );
  const over = AT + 2 * HOUR_MS + MINUTE_MS;
  await pacing.tick(over);
  assert.deepEqual(await paces(), []);
  const due = await database.query<{ id: string; at: number }>("SELECT spool_id AS id, due_at AS at FROM queue");
  assert.equal(due.find((one) => one.id === waiting)!.at, over);
  assert.equal(due.find((one) => one.id === scheduled)!.at, AT + 9 * HOUR_MS);
  const leaves = await database.query("SELECT 1 FROM ledger_leaves WHERE convert_from(leaf, 'UTF8') LIKE '%pace.%'");
  assert.equal(leaves.length, 3, "began, grew, ended");
});

test("a gap at the head of the line is closed: who waits for a late turn has the next, but not what is scheduled or was put off", async () => {
  const { database } = place;
  const rows = new TestRows(database);
  const now = AT + 40 * HOUR_MS;
  await database.query("DELETE FROM queue");
  const inLine = async (outcome: "accepted" | "deferred", at: number): Promise<string> => {
    const id = await rows.handOff({ at, stream: "receipts", class: 3, outcome });
    await database.query("INSERT INTO queue (spool_id, class, state, due_at) VALUES ($1, 3, 'queued', $2)", [
      id,
      new Date(now + 9 * HOUR_MS),
    ]);
    return id;
  };
  const late = [await inLine("accepted", now - HOUR_MS), await inLine("accepted", now - HOUR_MS)];
  const others = [await inLine("deferred", now - MINUTE_MS), await inLine("accepted", now - HOUR_MS)];
  await database.query("UPDATE messages SET send_at = $2 WHERE spool_id = $1", [others[1], new Date(now + HOUR_MS)]);
  assert.equal(await closeUpPaced(database, ["acme/receipts"], 120, now), 2);
  const dueOf = async (id: string): Promise<number> =>
    (await database.query<{ at: number }>("SELECT due_at AS at FROM queue WHERE spool_id = $1", [id]))[0]!.at - now;
  const dues = await Promise.all(late.map(dueOf));
  assert.deepEqual(
    dues.toSorted((a, b) => a - b),
    [30_000, 60_000],
  );
  for (const id of others) assert.equal(await dueOf(id), 9 * HOUR_MS);
  assert.equal(await closeUpPaced(database, ["acme/receipts"], 120, now), 0, "once is enough");
});
