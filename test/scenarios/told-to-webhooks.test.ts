import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { Secret, newNodeId, silentLog, systemRandom } from "../../src/kernel/index.ts";
import { silentMetrics } from "../../src/metrics/index.ts";
import { type Notifier, startNotifier } from "../../src/notify/index.ts";
import type { MessageStory } from "../../src/spool/index.ts";
import { eventually } from "../support/eventually.ts";
import { type Received, type Receiver, TEST_CERTIFICATE, startReceiver } from "../support/https-receiver.ts";
import {
  type FakeProvider,
  type MailPath,
  TEST_TENANT,
  fakeProvider,
  outcome,
  startMailPath,
  submission,
} from "../support/mail-path.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";
import { type ShiftingClock, shiftingClock } from "../support/shifting-clock.ts";

/** Whatever becomes of a message, its tenant's webhook hears of it: the mail path and the notifier on one database. */
const KEY = Buffer.alloc(32, 9);
let place: FreshDatabase;
let receiver: Receiver;
let harbour: FakeProvider;
let path: MailPath;
let notifier: Notifier;
let clock: ShiftingClock;

before(async () => {
  [place, receiver] = await Promise.all([freshDatabase(), startReceiver()]);
  clock = shiftingClock({ longestWaitMs: 250 });
  const webhook = {
    name: "hook",
    url: receiver.url,
    secret: new Secret(`whsec_${KEY.toString("base64")}`),
    format: "postern" as const,
    events: null,
  };
  const tenant = { ...TEST_TENANT, webhooks: [webhook] };
  harbour = fakeProvider("harbour");
  path = await startMailPath(place.database, [harbour], { clock, tenant });
  notifier = startNotifier({
    database: place.database,
    tenants: [tenant],
    clock,
    random: systemRandom,
    log: silentLog,
    metrics: silentMetrics,
    node: newNodeId(clock, systemRandom),
    egress: {
      ca: TEST_CERTIFICATE,
      permitted: [{ address: "127.0.0.1", port: receiver.port }],
      resolve: () => Promise.resolve(["127.0.0.1"]),
    },
  });
});
after(async () => {
  await notifier.stop();
  await path.stop();
  await receiver.stop();
  await place.drop();
});

type Told = { type: string; data: { id: string; recipients: string[]; detail: Record<string, unknown> } };
const toldOf = (id: string): Told[] =>
  receiver.received.map((one) => JSON.parse(one.body.toString()) as Told).filter((one) => one.data.id === id);
const kinds = (id: string): string[] => toldOf(id).map((one) => one.type);

async function accepted(change: Parameters<typeof submission>[0] = {}): Promise<MessageStory["spoolId"]> {
  const answer = await path.port.accept(submission(change));
  assert.ok(answer.kind === "accepted");
  return answer.spoolId;
}
/** Until exactly these were told, in any order: what happens at once may be told in any. */
const hears = (id: string, wanted: string[]) =>
  eventually(() => kinds(id).toSorted().join() === wanted.toSorted().join()).catch(() =>
    assert.deepEqual(kinds(id).toSorted(), wanted.toSorted()),
  );
const later = () =>
  (harbour.answer = (call) => call.envelope.recipients.map(() => outcome("deferred", "recipient", "greylisted")));

test("taken: accepted and handed off", async () => {
  const id = await accepted();
  await hears(id, ["message.accepted", "message.handed-off"]);
  assert.deepEqual(toldOf(id)[0]!.data.recipients, ["bob@example.net"]);
});

test("refused for one of two: rejected for that one, handed off for the other", async () => {
  harbour.answer = () => [outcome("accepted"), outcome("rejected", "recipient", "mailbox-unavailable")];
  const id = await accepted({ to: ["bob@example.net", "eve@example.net"] });
  await hears(id, ["message.accepted", "message.handed-off", "message.rejected"]);
  const rejected = toldOf(id).find((one) => one.type === "message.rejected")!;
  assert.deepEqual(rejected.data.recipients, ["eve@example.net"]);
  assert.equal(rejected.data.detail["cause"], "mailbox-unavailable");
});

test("waiting, held by a person, released, expired", async () => {
  later();
  const id = await accepted({ stream: "security" });
  await hears(id, ["message.accepted", "message.deferred"]);
  await eventually(async () => (await path.acts.hold("acme", id, "operator:test")) === "done");
  await hears(id, ["message.accepted", "message.deferred", "message.held"]);
  await place.database.query("UPDATE queue SET due_at = due_at + interval '10 years'"); // nobody looks at it meanwhile
  clock.shift(16 * 60_000);
  assert.equal(await path.acts.release("acme", id, "operator:test"), "done");
  await hears(id, ["message.accepted", "message.deferred", "message.held", "message.released", "message.expired"]);
  const expired = toldOf(id).find((one) => one.type === "message.expired")!;
  assert.equal(expired.data.detail["reason"], "last: harbour greylisted");
});

test("cancelled", async () => {
  later();
  const id = await accepted();
  await hears(id, ["message.accepted", "message.deferred"]);
  await eventually(async () => (await path.acts.cancel("acme", id, "api:app")) === "done");
  await eventually(() => kinds(id).includes("message.cancelled"));
});

test("suppressed", async () => {
  await place.database.query(
    "INSERT INTO suppressions (tenant, address, reason) VALUES ('acme', 'gone@example.net', 'bounced')",
  );
  const id = await accepted({ to: ["gone@example.net"] });
  await hears(id, ["message.accepted", "message.suppressed"]);
});

test("held by the provider", async () => {
  harbour.answer = () => [outcome("held", "account", "account-suspended")];
  const id = await accepted();
  await hears(id, ["message.accepted", "message.deferred", "message.held"]);
});

test("each of them was signed", () => {
  assert.ok(receiver.received.length > 15);
  for (const one of receiver.received) assert.equal(one.headers["webhook-signature"], signatureOf(one));
  assert.equal(new Set(receiver.received.map((one) => one.headers["webhook-id"])).size, receiver.received.length);
});

/** Standard Webhooks, worked out here anew. */
function signatureOf({ headers, body }: Received): string {
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.`;
  return `v1,${createHmac("sha256", KEY).update(signed).update(body).digest("base64")}`;
}
