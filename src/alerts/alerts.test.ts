import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { type VirtualClock, virtualClock } from "../../test/support/virtual-clock.ts";
import { type AlertSettings, type AlertTargetSettings, NO_ALERTS } from "../config/index.ts";
import { MINUTE_MS, SECOND_MS, silentLog, systemRandom } from "../kernel/index.ts";
import { silentMetrics } from "../metrics/index.ts";
import { type Alert, Alerts, acknowledge, listAlerts, placeTest, sweepAlerts } from "./index.ts";
import { targetForTests as target } from "./target-for-tests.ts";

const NIGHT = Date.UTC(2022, 7, 8, 3, 0);
const STANDBY: Alert = {
  key: "standby-in-use mandrill",
  severity: "notice",
  kind: "standby-in-use",
  provider: "mandrill",
  scope: "",
  sentence: "5 of 5 canaries did not arrive in time, which is 15 s.",
  numbers: { missed: 5 },
  at: NIGHT,
};
const PAGE: Alert = { ...STANDBY, key: "quarantined mandrill", severity: "page", kind: "quarantined" };

let place: FreshDatabase;
let clock: VirtualClock;
const open: Alerts[] = [];
before(async () => {
  place = await freshDatabase();
});
beforeEach(async () => {
  await place.database.query("TRUNCATE alerts, alert_deliveries RESTART IDENTITY");
  clock = virtualClock(NIGHT);
});
afterEach(() => Promise.all(open.splice(0).map((one) => one.stop())));
after(() => place.drop());

type Call = { url: string; text: string; at: number };
function telling(
  targets: AlertTargetSettings[],
  answer: (call: Call) => number = () => 200,
  but: Partial<AlertSettings> = {},
) {
  const calls: Call[] = [];
  const alerts = new Alerts({
    settings: { alerts: { ...NO_ALERTS, targets, ...but }, tenants: [], providers: [], hostname: "postern.example" },
    database: place.database,
    egress: {
      async post(url, _headers, body) {
        const { text } = JSON.parse(String(body)) as { text: string };
        const call = { url: url.slice(url.lastIndexOf("/") + 1), text: text.split(":")[0]!, at: clock.now() };
        calls.push(call);
        return { kind: "answered", status: answer(call), retryAfterMs: null };
      },
      close() {},
    },
    port: { accept: () => assert.fail("no mail here") },
    clock,
    random: { ...systemRandom, fraction: () => 0.5 }, // waits as planned
    log: silentLog,
    metrics: silentMetrics,
  });
  open.push(alerts);
  return { alerts, calls, told: () => calls.map((call) => `${call.url} ${call.text}`) };
}

/** Lets time pass, and then what is due be told: a look ends before the next one is planned. */
async function pass(ms: number): Promise<void> {
  await clock.advance(ms - SECOND_MS);
  for (let looks = 0; looks < 3; looks += 1) {
    await eventually(() => clock.pending > 0);
    await clock.advance(looks === 0 ? SECOND_MS : 0);
    await eventually(async () => (await inHand()) === 0 && clock.pending > 0);
  }
}
/** Leased and not settled: its lease still runs and its try left no word. */
const inHand = async (): Promise<number> =>
  (
    await place.database.query("SELECT FROM alert_deliveries WHERE state = 'waiting' AND tries > 0 AND due_at = $1", [
      new Date(clock.now() + MINUTE_MS),
    ])
  ).length;
const states = () =>
  place.database.query<{ target: string; telling: string; state: string; tries: number; error: string | null }>(
    "SELECT target, telling, state, tries, last_error AS error FROM alert_deliveries ORDER BY target, telling",
  );

test("each target that wants its severity is told once that it began, and once that it is over", async () => {
  const { alerts, told } = telling([target("chat"), target("night", { severities: ["page"] })]);
  await alerts.raise(STANDBY);
  await alerts.raise({ ...STANDBY, sentence: "again" });
  await pass(2 * SECOND_MS);
  await alerts.resolve(STANDBY.key);
  await alerts.resolve(STANDBY.key);
  await pass(2 * MINUTE_MS);
  assert.deepEqual(told(), ["chat Notice", "chat Over"]);
});

test("what comes back within the quiet time is the same trouble: nobody hears that it is over", async () => {
  const { alerts, told } = telling([target("chat")]);
  for (let swings = 0; swings < 3; swings += 1) {
    await alerts.raise(STANDBY);
    await pass(10 * SECOND_MS);
    await alerts.resolve(STANDBY.key);
    await pass(30 * SECOND_MS);
  }
  await pass(2 * MINUTE_MS);
  assert.deepEqual(told(), ["chat Notice", "chat Over"]);
  assert.equal((await listAlerts(place.database, "all")).length, 1);
});

test("without the quiet time each swing is told", async () => {
  const { alerts, told } = telling([target("chat")], undefined, { quietMs: 0 });
  for (let swings = 0; swings < 2; swings += 1) {
    await alerts.raise(STANDBY);
    await pass(10 * SECOND_MS);
    await alerts.resolve(STANDBY.key);
    await pass(30 * SECOND_MS);
  }
  assert.deepEqual(told(), ["chat Notice", "chat Over", "chat Notice", "chat Over"]);
});

test("a page is told again every half an hour until somebody takes it on; then the others hear who has it", async () => {
  const { alerts, told } = telling([target("chat")]);
  await alerts.raise(PAGE);
  await pass(2 * SECOND_MS);
  await pass(29 * MINUTE_MS);
  assert.deepEqual(told(), ["chat PAGE"]);
  await pass(2 * MINUTE_MS);
  await pass(31 * MINUTE_MS);
  assert.deepEqual(told(), ["chat PAGE", "chat PAGE, still", "chat PAGE, still"]);
  const [alert] = await listAlerts(place.database, "open");
  assert.equal(await acknowledge(place.database, alert!.id, "ada", clock.now()), true);
  assert.equal(await acknowledge(place.database, alert!.id, "bob", clock.now()), false);
  await pass(2 * SECOND_MS);
  await pass(90 * MINUTE_MS);
  assert.deepEqual(told().slice(3), ["chat Taken on"]);
  assert.equal((await listAlerts(place.database, "open"))[0]!.acknowledgedBy, "ada");
});

test("a notice is told once, however long it lasts", async () => {
  const { alerts, told } = telling([target("chat")]);
  await alerts.raise(STANDBY);
  await pass(2 * SECOND_MS);
  await pass(120 * MINUTE_MS);
  assert.deepEqual(told(), ["chat Notice"]);
});

test("a target that is away is tried again after 5 s, 10 s, 20 s …, and costs the others nothing", async () => {
  let isAway = true;
  const { alerts, calls } = telling([target("away"), target("chat")], ({ url }) =>
    isAway && url === "away" ? 503 : 200,
  );
  await alerts.raise(STANDBY);
  for (let s = 0; s < 70; s += 1) await pass(SECOND_MS);
  const tries = calls.filter(({ url }) => url === "away").map(({ at }) => Math.round((at - NIGHT) / SECOND_MS));
  assert.deepEqual(tries, [1, 6, 16, 36]);
  assert.equal(calls.filter(({ url }) => url === "chat").length, 1);
  isAway = false;
  await pass(2 * MINUTE_MS);
  assert.deepEqual(
    (await states()).map((one) => [one.target, one.state, one.tries, one.error]),
    [
      ["away", "delivered", 5, "answered 503"],
      ["chat", "delivered", 1, null],
    ],
  );
});

test("one that stays away is told of to the others, once, and so is that it takes something again", async () => {
  let isAway = true;
  const { alerts, told } = telling([target("away"), target("chat")], ({ url }) =>
    isAway && url === "away" ? 503 : 200,
  );
  await alerts.raise(STANDBY);
  for (let s = 0; s < 90; s += 1) await pass(SECOND_MS);
  assert.deepEqual(
    told().filter((one) => one.startsWith("chat")),
    ["chat Notice", "chat PAGE"],
  );
  const silent = (await listAlerts(place.database, "open")).find(({ kind }) => kind === "target-silent");
  assert.match(silent!.sentence, /^away \(slack\) is to be told of an alert and cannot be: answered 503/);
  isAway = false;
  for (let n = 0; n < 4; n += 1) await pass(MINUTE_MS);
  assert.deepEqual(told().slice(-2), ["away Notice", "chat Over"]);
  assert.deepEqual(
    (await listAlerts(place.database, "open")).map(({ kind }) => kind),
    ["standby-in-use"],
  );
});

test("a silent target that is configured no more is trouble no more", async () => {
  const earlier = telling([target("wrong"), target("chat")], ({ url }) => (url === "wrong" ? 404 : 200));
  await earlier.alerts.raise(STANDBY);
  for (let n = 0; n < 2; n += 1) await pass(2 * SECOND_MS);
  const kinds = async () => (await listAlerts(place.database, "open")).map(({ kind }) => kind).toSorted();
  assert.deepEqual(await kinds(), ["standby-in-use", "target-silent"]);
  await Promise.all(open.splice(0).map((one) => one.stop()));
  telling([target("chat")]);
  await pass(2 * SECOND_MS);
  assert.deepEqual(await kinds(), ["standby-in-use"]);
});

test("one that refuses is told of at once", async () => {
  const two = telling([target("wrong"), target("chat")], ({ url }) => (url === "wrong" ? 404 : 200));
  await two.alerts.raise(STANDBY);
  for (let n = 0; n < 2; n += 1) await pass(2 * SECOND_MS);
  assert.deepEqual(two.told().toSorted(), ["chat Notice", "chat PAGE", "wrong Notice"]);
});

test("that it is over is told after that it began, and never without it", async () => {
  let isAway = true;
  const { alerts, told } = telling([target("away")], () => (isAway ? 503 : 200));
  await alerts.raise(STANDBY);
  await pass(2 * SECOND_MS);
  await alerts.resolve(STANDBY.key);
  await pass(3 * MINUTE_MS);
  assert.ok(!told().includes("away Over"));
  isAway = false;
  for (let n = 0; n < 4; n += 1) await pass(2 * MINUTE_MS);
  assert.deepEqual(told().slice(-2), ["away Notice", "away Over"]);
});

test("a target that stays away is given up after some hours, and a page is told again all the same", async () => {
  const { alerts } = telling([target("away")], () => 500);
  await alerts.raise(PAGE);
  for (let n = 0; n < 40; n += 1) await pass(10 * MINUTE_MS + SECOND_MS);
  const [raised, repeated] = await states();
  assert.deepEqual([raised!.telling, raised!.state, raised!.tries], ["raised", "gave-up", 27]);
  assert.equal(repeated!.telling, "repeated");
});

test("two nodes tell each thing once, and what one was told before it was killed the other tells", async () => {
  const one = telling([target("chat")]);
  for (let n = 0; n < 20; n += 1) await one.alerts.raise({ ...STANDBY, key: `trouble ${n}` });
  await Promise.all(open.splice(0).map((each) => each.stop()));
  const two = telling([target("chat")]);
  const three = telling([target("chat")]);
  for (let n = 0; n < 10; n += 1) await pass(2 * SECOND_MS);
  assert.equal(one.calls.length, 0);
  assert.equal(two.calls.length + three.calls.length, 20);
});

test("of a fault that shows everywhere the first 500 are written, and those that end make room", async () => {
  const { alerts } = telling([]);
  await place.database.query(
    `INSERT INTO alerts (key, kind, severity, scope, sentence, numbers, raised_at, told_at)
     SELECT 'stream ' || n, 'standby-in-use', 'notice', '', '', '{}', now(), now() FROM generate_series(1, 499) n`,
  );
  const count = async () => (await place.database.query("SELECT FROM alerts WHERE resolved_at IS NULL")).length;
  await alerts.raise({ ...STANDBY, key: "one more" });
  await alerts.raise({ ...STANDBY, key: "one too many" });
  assert.equal(await count(), 500);
  await alerts.resolve("stream 7");
  await alerts.raise({ ...STANDBY, key: "one too many" });
  assert.equal(await count(), 500);
});

test("a test tells one target that it began and that it is over", async () => {
  const { told } = telling([target("chat"), target("other")]);
  await placeTest(place.database, target("chat"), "ada", clock.now());
  for (let n = 0; n < 3; n += 1) await pass(2 * SECOND_MS);
  assert.deepEqual(told(), ["chat PAGE", "chat Over"]);
});

test("what ended long ago is forgotten, what is open never; what was for a target that is gone ends", async () => {
  const { alerts } = telling([target("gone")]);
  await alerts.raise(STANDBY);
  await alerts.raise({ ...STANDBY, key: "other" });
  await alerts.resolve("other");
  await sweepAlerts(place.database, NIGHT + 500 * 86_400_000);
  assert.deepEqual(await place.database.query("SELECT key FROM alerts"), [{ key: STANDBY.key }]);
  assert.deepEqual(
    (await states()).map(({ state, error }) => [state, error]),
    [["gave-up", "no such target any more"]],
  );
});
