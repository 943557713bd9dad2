import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import { fakeProvider } from "../../test/support/mail-path.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { silentLog, systemClock } from "../kernel/index.ts";
import { LeafMaker } from "../ledger/index.ts";
import { silentMetrics } from "../metrics/index.ts";
import { StandingBoard, loadStandings } from "../standing/index.ts";
import { answerOf, placeOrder } from "./orders.ts";
import { Respond } from "./respond.ts";
import { TestRows } from "./rows-for-tests.ts";

let place: FreshDatabase;
before(async () => {
  place = await freshDatabase();
});
after(() => place.drop());

function node(name: string, told: string[] = []): Respond {
  const { database } = place;
  return new Respond({
    database,
    board: new StandingBoard({ database, watch: { add: () => {} } }),
    providers: new Map([["harbour", fakeProvider("harbour")]]),
    leaves: new LeafMaker(Buffer.alloc(32, 1)),
    attemptIdOf: () => "",
    hasReceivers: false,
    logSink: () => Promise.resolve(),
    ports: () => ({}),
    clock: systemClock,
    log: {
      ...silentLog,
      info: (event) => told.push(`${name} ${event}`),
      warn: (event) => told.push(`${name} ${event}`),
    },
    metrics: silentMetrics,
  });
}
const stateOf = async () => (await loadStandings(place.database))[0]?.standing.state ?? null;

test("of two nodes one judges; the other one goes on from its rows when it stops, and no verdict falls twice", async () => {
  const told: string[] = [];
  const [first, second] = [node("first", told), node("second", told)];
  first.start();
  await eventually(() => told.includes("first respond.leads"));
  second.start();
  const rows = new TestRows(place.database);
  for (let n = 0; n < 2; n += 1)
    await rows.handOff({ at: systemClock.now(), outcome: "held", scope: "account", cause: "account-suspended" });
  await eventually(async () => (await stateOf()) === "DOWN");
  const changes = async () => (await place.database.query("SELECT 1 FROM standing_changes")).length;
  const count = await changes();
  await first.stop();
  await eventually(() => told.includes("second respond.leads"));
  const order = await placeOrder(place.database, {
    provider: "harbour",
    kind: "pin-off",
    operator: "ada",
    why: "because",
    keysRotatedAt: null,
    orderedAt: systemClock.now(),
  });
  await eventually(async () => (await answerOf(place.database, order)) === "done");
  assert.equal(await stateOf(), "PINNED_OFF");
  assert.equal(await changes(), count + 1);
  await second.stop();
});

test("a verdict that could not be written falls again from the rows, and its order is answered only then", async () => {
  await place.database.query("TRUNCATE provider_standings, standing_changes");
  await place.database.query("ALTER TABLE standing_changes ADD CONSTRAINT full_disk CHECK (false) NOT VALID");
  const told: string[] = [];
  const one = node("one", told);
  one.start();
  const order = await placeOrder(place.database, {
    provider: "harbour",
    kind: "pin-off",
    operator: "ada",
    why: "because",
    keysRotatedAt: null,
    orderedAt: systemClock.now(),
  });
  await eventually(() => told.filter((line) => line === "one respond.look-failed").length >= 2);
  assert.equal(await answerOf(place.database, order), null);
  await place.database.query("ALTER TABLE standing_changes DROP CONSTRAINT full_disk");
  await eventually(async () => (await answerOf(place.database, order)) === "done");
  assert.equal(await stateOf(), "PINNED_OFF");
  await one.stop();
});
