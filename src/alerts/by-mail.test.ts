import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import {
  type FakeProvider,
  type MailPath,
  fakeProvider,
  outcome,
  startMailPath,
} from "../../test/support/mail-path.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { quickClock } from "../../test/support/quick-clock.ts";
import { NO_ALERTS } from "../config/index.ts";
import { SECOND_MS, silentLog, systemClock, systemRandom } from "../kernel/index.ts";
import { silentMetrics } from "../metrics/index.ts";
import { type Alert, Alerts, listAlerts } from "./index.ts";
import { followMail } from "./rows/follow-mail.ts";
import { targetForTests } from "./target-for-tests.ts";
import { alertsTenant } from "./tenant.ts";

const POST = targetForTests("post", {
  kind: "mail",
  url: null,
  from: "postern@ops.example",
  to: ["duty@ops.example", "chief@elsewhere.example"],
});
const PAGE: Alert = {
  key: "quarantined harbour",
  severity: "page",
  kind: "quarantined",
  provider: "harbour",
  scope: "",
  sentence: "It says that 4 canaries were delivered which none of our receivers has seen.",
  numbers: { claimed: 4, sinceAt: Date.UTC(2022, 7, 8, 19, 29) },
  at: systemClock.now(),
};

let place: FreshDatabase;
let path: MailPath;
let harbour: FakeProvider;
let lantern: FakeProvider;
let alerts: Alerts;
before(async () => {
  place = await freshDatabase();
});
beforeEach(async () => {
  // Ids go on: an alert of the same id would be the same message.
  await place.database.query("TRUNCATE alerts, alert_deliveries");
  [harbour, lantern] = [fakeProvider("harbour"), fakeProvider("lantern")];
  const settings = { ...NO_ALERTS, quietMs: 0, targets: [POST] };
  const providers = [harbour, lantern].map(({ name }) => ({ name, ownerGroup: name }));
  path = await startMailPath(place.database, [harbour, lantern], { tenant: alertsTenant(settings, providers)[0]! });
  alerts = new Alerts({
    settings: { alerts: settings, tenants: [], providers: providers as never, hostname: "postern.example" },
    database: place.database,
    port: path.port,
    egress: { post: () => assert.fail("no call here"), close() {} },
    clock: quickClock((delayMs) => delayMs > 3 * SECOND_MS), // it looks without waiting
    random: systemRandom,
    log: silentLog,
    metrics: silentMetrics,
  });
});
afterEach(async () => {
  await alerts.stop();
  await path.stop();
});
after(() => place.drop());

const states = async () =>
  (
    await place.database.query<{ telling: string; state: string; last_error: string | null }>(
      "SELECT telling, state, last_error FROM alert_deliveries WHERE target = 'post' ORDER BY alert_id, telling",
    )
  ).map((one) => [one.telling, one.state, ...(one.last_error === null ? [] : [one.last_error])].join(" "));
const textOf = (raw: Buffer) => raw.toString().replaceAll("=\r\n", "").replaceAll("\r\n", "\n");

test("a person reads what happened, since when, what was done and what to do, by mail that the affected provider never saw", async () => {
  await alerts.raise(PAGE);
  await eventually(async () => (await states()).join() === "raised delivered");
  await alerts.resolve(PAGE.key);
  await eventually(async () => (await states()).join() === "raised delivered,resolved delivered");
  assert.equal(harbour.calls.length, 0);
  const [raised, over] = lantern.calls;
  assert.deepEqual(
    raised!.envelope.recipients.map(({ mailbox }) => `${mailbox.localPart}@${mailbox.domain}`),
    POST.to,
  );
  const text = textOf(raised!.raw);
  assert.match(text, /^Subject: PAGE: harbour: A provider is quarantined$/m);
  assert.match(text, /^From: "?Postern postern\.example"? <postern@ops\.example>$/m);
  assert.match(text, /^Auto-Submitted: auto-generated$/m);
  assert.match(text, /^It says that 4 canaries were delivered/m);
  assert.match(text, /^Since: \d{4}-\d\d-\d\d /m);
  assert.match(text, /^Postern hands it nothing any more/m);
  assert.match(text, /^Next: Change its keys\. Then two people, each: postern provider release harbour /m);
  assert.match(text, /^To take it on: postern alerts ack \d+ --operator NAME$/m);
  assert.match(text, /^Numbers: claimed: 4, sinceAt: 2022-08-08 19:29:00 UTC$/m);
  assert.match(textOf(over!.raw), /^Subject: Over: harbour: A provider is quarantined$/m);
});

test("what nobody takes is no telling: the target is told of as silent, with how the mail ended", async () => {
  lantern.answer = (call) => call.envelope.recipients.map(() => outcome("rejected", "message", "550"));
  await alerts.raise(PAGE);
  await eventually(async () => (await states()).join() === "raised gave-up the mail ended as rejected");
  const silent = await eventually(async () => {
    const open = await listAlerts(place.database, "open");
    return open.find(({ kind }) => kind === "target-silent") ?? null;
  });
  assert.deepEqual([silent.severity, silent.told], ["page", []]); // there is no other target
  lantern.answer = (call) => call.envelope.recipients.map(() => outcome("accepted"));
  await alerts.resolve(PAGE.key);
  await eventually(async () => (await listAlerts(place.database, "open")).length === 0);
});

test("mail that does not leave is stuck, and says so each time until it leaves", async () => {
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  lantern.answer = async (call) => {
    await held;
    return call.envelope.recipients.map(() => outcome("accepted"));
  };
  await alerts.raise(PAGE);
  await eventually(async () => (await states()).join() === "raised mailed");
  const later = systemClock.now() + 3_600_000;
  assert.deepEqual(await followMail(place.database, systemClock.now() - 60_000), []);
  for (let n = 0; n < 2; n += 1)
    assert.deepEqual(await followMail(place.database, later), [{ target: "post", end: "stuck", state: "pending" }]);
  letGo();
  await eventually(async () => (await states()).join() === "raised delivered");
});

test("asked again it is the same message: a crash after the commit writes to nobody twice", async () => {
  await alerts.raise(PAGE);
  await eventually(async () => (await states()).join() === "raised delivered");
  await place.database.query("UPDATE alert_deliveries SET state = 'waiting', due_at = to_timestamp(0)");
  await eventually(async () => (await states()).join() === "raised delivered");
  assert.equal(lantern.calls.length, 1);
});
