import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { type Standing, healthy } from "../judge/index.ts";
import { silentLog, systemClock } from "../kernel/index.ts";
import { LeafMaker } from "../ledger/index.ts";
import { silentMetrics } from "../metrics/index.ts";
import { StandingBoard, loadStandings } from "../standing/index.ts";
import type { Alert, RedriveOrder, ResponsePorts } from "./ports.ts";
import { Verdicts } from "./verdicts.ts";

const AT = Date.UTC(2026, 2, 1);
let place: FreshDatabase;
before(async () => {
  place = await freshDatabase();
});
after(() => place.drop());
beforeEach(() => place.database.query("TRUNCATE provider_standings, standing_changes"));

const standing = (state: Standing["state"], numbers: Record<string, number | string> = {}, since = AT): Standing => ({
  ...healthy(since, 600_000),
  state,
  because: { kind: "silence", numbers, sentence: "A sentence." },
});

function world(ports: ResponsePorts = {}) {
  const { database } = place;
  const board = new StandingBoard({ database, watch: { add: () => {} } });
  const parts = {
    database,
    board,
    leaves: new LeafMaker(Buffer.alloc(32, 1)),
    ports: () => ports,
    clock: systemClock,
    log: silentLog,
    metrics: silentMetrics,
  };
  return { board, verdicts: new Verdicts(parts, []) };
}
const change = (from: Standing["state"], to: Standing) => ({ provider: "harbour", scope: "", from, standing: to });

test("a verdict is a row, a change and a leaf with its numbers, and this node obeys at once", async () => {
  const { board, verdicts } = world();
  assert.equal(await verdicts.write(change("HEALTHY", standing("SUSPECT", { nats: 10.25, open: 7 }))), true);
  assert.deepEqual(board.useOf("harbour", { class: "C0", tenant: "acme", stream: "x" }).use, "avoid");
  const [row] = await loadStandings(place.database);
  assert.equal(row?.standing.state, "SUSPECT");
  const [leaf] = await place.database.query<{ leaf: string }>(
    "SELECT convert_from(leaf, 'UTF8') AS leaf FROM ledger_leaves ORDER BY leaf_id DESC LIMIT 1",
  );
  const { change: id, at, ...told } = JSON.parse(leaf!.leaf) as Record<string, unknown>;
  assert.equal(id, row.changeId);
  assert.equal(typeof at, "number");
  assert.deepEqual(told, {
    kind: "standing",
    provider: "harbour",
    scope: "",
    from: "HEALTHY",
    to: "SUSPECT",
    cause: "silence",
    numbers: { nats: "10.25", open: "7" },
  });
});

test("who was overtaken by another node writes nothing: no row, no leaf, no alert", async () => {
  const raised: Alert[] = [];
  const ports = { alerts: { raise: async (one: Alert) => void raised.push(one), resolve: async () => {} } };
  const { verdicts } = world(ports);
  await world().verdicts.write(change("HEALTHY", standing("SUSPECT")));
  const leaves = () => place.database.query("SELECT 1 FROM ledger_leaves");
  const count = (await leaves()).length;
  assert.equal(await verdicts.write(change("HEALTHY", standing("DOWN"))), false);
  assert.equal((await loadStandings(place.database))[0]!.standing.state, "SUSPECT");
  assert.equal((await leaves()).length, count);
  assert.deepEqual(raised, []);
});

test("mail in doubt since the suspicion began is ordered again when the provider is withdrawn", async () => {
  const orders: RedriveOrder[] = [];
  const { verdicts } = world({ redrive: { order: async (one) => void orders.push(one), tick: async () => {} } });
  await verdicts.write(change("HEALTHY", standing("SUSPECT", { sinceAt: AT - 30_000 })));
  assert.deepEqual(orders, []);
  await verdicts.write(change("SUSPECT", standing("DOWN", { missed: 5 }, AT + 14_000)));
  assert.deepEqual(orders, [
    { provider: "harbour", scope: "", sinceAt: AT - 30_000, verdictAt: AT + 14_000, reason: "silence" },
  ]);
});

test("people hear that a standby is in use, and when it ends; a response that fails stops no other", async () => {
  const told: string[] = [];
  const { verdicts } = world({
    redrive: { order: () => Promise.reject(new Error("away")), tick: async () => {} },
    alerts: {
      raise: async ({ key, severity }) => void told.push(`${severity} ${key}`),
      resolve: async (key) => void told.push(`over ${key}`),
    },
  });
  await verdicts.write(change("HEALTHY", standing("DOWN")));
  assert.ok(told.includes("notice standby-in-use harbour"), told.join());
  told.length = 0;
  await verdicts.write(change("DOWN", standing("QUARANTINED")));
  assert.ok(told.includes("page quarantined harbour"));
  told.length = 0;
  await verdicts.write(change("QUARANTINED", standing("HEALTHY")));
  assert.ok(told.includes("over standby-in-use harbour") && told.includes("over quarantined harbour"));
});
