import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { quickClock } from "../../test/support/quick-clock.ts";
import type { AlertTargetSettings } from "../config/index.ts";
import { Secret, silentLog, systemRandom } from "../kernel/index.ts";
import { type Alert, Alerts, sweepAlerts } from "./index.ts";

const target = (name: string, but: Partial<AlertTargetSettings> = {}): AlertTargetSettings => ({
  name,
  kind: "slack",
  url: new Secret(`https://hooks.slack.example/${name}`),
  key: null,
  region: "us",
  severities: ["page", "notice"],
  ...but,
});
const DOWN: Alert = {
  key: "standby-in-use mandrill",
  severity: "notice",
  kind: "standby-in-use",
  provider: "mandrill",
  scope: "",
  sentence: "5 of 5 canaries did not arrive in time, which is 15 s.",
  numbers: { missed: 5 },
  at: Date.UTC(2022, 7, 8, 19, 30),
};

let place: FreshDatabase;
const open: Alerts[] = [];
beforeEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
  await place?.drop();
  place = await freshDatabase();
});
after(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
  await place.drop();
});

type Call = { url: string; text: string };
function telling(targets: AlertTargetSettings[], answer: (call: Call) => number = () => 200) {
  const calls: Call[] = [];
  const alerts = new Alerts({
    settings: { targets },
    database: place.database,
    egress: {
      async post(url, _headers, body) {
        const call = { url, text: (JSON.parse(String(body)) as { text: string }).text };
        calls.push(call);
        return { kind: "answered", status: answer(call), retryAfterMs: null };
      },
    },
    source: "postern.example",
    clock: quickClock((delayMs) => delayMs === 1_000), // it goes on looking once a second; a wait for a retry is over at once
    random: systemRandom,
    log: silentLog,
  });
  open.push(alerts);
  return { alerts, calls };
}
const states = () =>
  place.database.query<{ target: string; telling: string; state: string; tries: number }>(
    "SELECT target, telling, state, tries FROM alert_deliveries ORDER BY target, telling",
  );
const allEnded = async () => {
  const all = await states();
  return all.length > 0 && all.every(({ state }) => state !== "waiting") ? all : null;
};

test("each target that wants its severity is told once that it began and once that it is over", async () => {
  const { alerts, calls } = telling([target("chat"), target("night", { severities: ["page"] })]);
  await alerts.raise(DOWN);
  await alerts.raise({ ...DOWN, sentence: "again" });
  await eventually(allEnded);
  await alerts.resolve(DOWN.key);
  await alerts.resolve(DOWN.key);
  await eventually(() => calls.length === 2);
  await eventually(allEnded);
  assert.deepEqual(
    calls.map(({ url, text }) => [url, text]),
    [
      ["https://hooks.slack.example/chat", "Notice: mandrill: Mail goes by a standby"],
      ["https://hooks.slack.example/chat", "Over: mandrill: Mail goes by a standby"],
    ],
  );
});

test("trouble that comes back after its end is told anew", async () => {
  const { alerts, calls } = telling([target("chat")]);
  for (let n = 0; n < 2; n += 1) {
    await alerts.raise(DOWN);
    await eventually(allEnded);
    await alerts.resolve(DOWN.key);
    await eventually(allEnded);
  }
  assert.equal(calls.length, 4);
});

test("what ends before it could be told is told in its order, and a receiver that is away costs the others nothing", async () => {
  let away = true;
  const { alerts, calls } = telling([target("away"), target("chat")], ({ url }) =>
    away && url.endsWith("away") ? 503 : 200,
  );
  await alerts.raise(DOWN);
  await alerts.resolve(DOWN.key);
  await eventually(() => calls.filter(({ url }) => url.endsWith("chat")).length === 2);
  const waiting = await eventually(async () => {
    const [raised] = (await states()).filter((one) => one.target === "away" && one.telling === "raised");
    return raised && raised.tries === 1 ? raised : null;
  });
  assert.equal(waiting.state, "waiting");
  assert.ok(
    !calls.some(({ url, text }) => url.endsWith("away") && text.startsWith("Over")),
    "its end waits for its beginning",
  );
  away = false;
  await place.database.query("UPDATE alert_deliveries SET due_at = to_timestamp(0) WHERE state = 'waiting'");
  await eventually(allEnded);
  const told = calls.filter(({ url }) => url.endsWith("away")).map(({ text }) => text.split(":")[0]);
  assert.deepEqual(told, ["Notice", "Notice", "Over"]);
});

test("two that tell at the same time tell each thing once", async () => {
  const one = telling([target("chat")]);
  const other = telling([target("chat")]);
  for (let n = 0; n < 20; n += 1) await one.alerts.raise({ ...DOWN, key: `trouble ${n}` });
  await eventually(allEnded);
  assert.equal(one.calls.length + other.calls.length, 20);
});

test("what ended long ago is forgotten, what is open never", async () => {
  const { alerts } = telling([]);
  await alerts.raise(DOWN);
  await alerts.raise({ ...DOWN, key: "other" });
  await alerts.resolve("other");
  await sweepAlerts(place.database, Date.now() + 500 * 86_400_000);
  assert.deepEqual(await place.database.query("SELECT key FROM alerts"), [{ key: DOWN.key }]);
});
