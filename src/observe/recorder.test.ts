import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { newMessage, newAttempt, settlement, T0 } from "../../test/support/new-message.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { TEST_TENANT } from "../../test/support/mail-path.ts";
import { eventually } from "../../test/support/eventually.ts";
import { DEFAULT_RETENTION, type TenantSettings } from "../config/index.ts";
import {
  type FailpointName,
  newNodeId,
  type NodeId,
  noFailpoint,
  silentLog,
  type SpoolId,
  systemClock,
  systemRandom,
} from "../kernel/index.ts";
import { LeafMaker } from "../ledger/index.ts";
import { type DeliveryEvent, deliveryEvent, type DeliveryEventType, type MessageClass } from "../mail/index.ts";
import { silentMetrics } from "../metrics/index.ts";
import { type NewMessage, Spool } from "../spool/index.ts";
import { tenantsOf } from "../tenancy/index.ts";
import type { TakenNotice } from "./facts.ts";
import { Recorder, type RecorderParts } from "./recorder.ts";

const node: NodeId = newNodeId(systemClock, systemRandom);
let fresh: FreshDatabase;
let spool: Spool;
before(async () => {
  fresh = await freshDatabase();
  spool = new Spool({ node, database: fresh.database, failpoint: noFailpoint });
});
after(() => fresh.drop());
afterEach(() =>
  fresh.database.query(
    "TRUNCATE messages, recipients, bodies, queue, attempts, message_events, suppressions, seen_notices, foreign_notices",
  ),
);

const attemptIdOf: RecorderParts["attemptIdOf"] = (spoolId, provider, n) => `${provider}-${n}-of-${spoolId}`;
function recorder(change: Partial<RecorderParts> & { tenant?: Partial<TenantSettings> } = {}): Recorder {
  return new Recorder({
    database: fresh.database,
    tenants: tenantsOf([{ ...TEST_TENANT, ...change.tenant }]),
    leaves: new LeafMaker(Buffer.alloc(32, 7)),
    attemptIdOf,
    bodyMs: DEFAULT_RETENTION.bodyMs,
    onEvents: () => {},
    clock: { ...systemClock, now: () => T0 + 10_000 },
    log: silentLog,
    metrics: silentMetrics,
    failpoint: noFailpoint,
    ...change,
  });
}

let made = 0;
function noticeOf(events: DeliveryEvent[], ids = [`id-${(made += 1)}`]): TakenNotice {
  const eventsOf = (new_: ReadonlySet<string>) => Promise.resolve(events.filter((_, n) => new_.has(ids[n] ?? ids[0]!)));
  return { provider: "harbour", ids, events, eventsOf, hash: Buffer.alloc(32, 1), forgetAt: T0 + 86_400_000 };
}
const told = (
  type: DeliveryEventType,
  spoolId: SpoolId,
  { n = 1, recipient = "bob@example.net", ...more }: { n?: number } & Partial<DeliveryEvent> = {},
): DeliveryEvent =>
  deliveryEvent({ type, spoolId, attemptId: attemptIdOf(spoolId, "harbour", n), recipient, at: T0 + 9_000, ...more });
const hard = { bounce: "hard", rejectReason: "invalid" } as const;

const rows = <Row = Record<string, unknown>>(text: string, ...values: unknown[]) =>
  fresh.database.query<Row>(text, values);
const stateOf = async (id: SpoolId) =>
  (await rows<{ state: string }>("SELECT state FROM recipients WHERE spool_id = $1 ORDER BY n", id)).map(
    (r) => r.state,
  );
const eventsOf = async (id: SpoolId) =>
  (await rows<{ kind: string }>("SELECT kind FROM message_events WHERE spool_id = $1 ORDER BY event_id", id)).map(
    (r) => r.kind,
  );
const queueOf = async (id: SpoolId) => (await rows("SELECT state FROM queue WHERE spool_id = $1", id)).length;

const to = (...addresses: string[]): NewMessage["recipients"] =>
  addresses.map((address) => ({ address, notify: null, original: null }));
/** Leased to this node, with attempt 1 committed and not answered. */
async function intended(change: Partial<NewMessage> = {}): Promise<SpoolId> {
  const { n: _n, recipients: _r, ...intent } = newAttempt();
  const message = newMessage({ leased: true, intent: { n: 1, recipients: null, ...intent }, ...change });
  await spool.accept(message);
  return message.spoolId;
}
async function handedOff(change: Partial<NewMessage> = {}): Promise<SpoolId> {
  const id = await intended(change);
  const recipients = (change.recipients ?? [null]).map((_, n) => ({ n, state: "handed-off" as const, reason: null }));
  assert.ok(await spool.settle(settlement({ spoolId: id, fence: 1 }, { recipients })));
  return id;
}
/** Attempt 1 ended without an answer; it is to be asked for. */
async function unclear(change: Partial<NewMessage> = {}): Promise<SpoolId> {
  const id = await intended(change);
  const { attempt } = settlement({ spoolId: id, fence: 1 });
  await spool.settle(
    settlement(
      { spoolId: id, fence: 1 },
      {
        attempt: { ...attempt!, outcome: "indeterminate", cause: "no-answer", providerMessageId: null },
        recipients: [],
        next: { kind: "queue", dueAt: T0 },
      },
    ),
  );
  return id;
}

test("delivered: state, event with the server's words, and a leaf", async () => {
  const id = await handedOff();
  const one = recorder();
  assert.equal(
    await one.record(noticeOf([told("delivered", id, { mtaResponse: "250 2.0.0 OK bob@example.net" })])),
    "taken",
  );
  assert.deepEqual(await stateOf(id), ["delivered"]);
  const [event] = await rows<{ detail: unknown; at: number }>(
    "SELECT detail, at FROM message_events WHERE spool_id = $1",
    id,
  );
  assert.deepEqual(event!.detail, {
    provider: "harbour",
    attempt: 1,
    recipients: [0],
    response: "250 2.0.0 OK [address]",
  });
  assert.equal(event!.at, T0 + 9_000);
  const [leaf] = await rows<{ leaf: Buffer }>("SELECT leaf FROM ledger_leaves ORDER BY leaf_id DESC LIMIT 1");
  assert.match(leaf!.leaf.toString(), /"kind":"observed".*"state":"delivered"/);
  await one.close();
});

test("a secret for which a new one is wanted arrives late: counted for its order, told, and with a leaf of its own", async () => {
  const [lost, usual] = [await handedOff(), await handedOff()];
  const item =
    "INSERT INTO redrive_items (order_id, spool_id, class, due_at, result) VALUES (7, $1, 0, $2, 'reissue-wanted')";
  await rows(item, lost, new Date(T0));
  const counted: string[] = [];
  const one = recorder({ metrics: { ...silentMetrics, lateCopy: (provider) => void counted.push(provider) } });
  await one.record(noticeOf([told("delivered", lost), told("delivered", usual)], ["late-1", "late-2"]));
  assert.deepEqual(counted, ["harbour"]);
  assert.deepEqual(await rows("SELECT late_at AS at FROM redrive_items WHERE order_id = 7"), [{ at: T0 + 10_000 }]);
  const late = await rows("SELECT spool_id AS id FROM message_events WHERE detail->>'late' = 'true'");
  assert.deepEqual(late, [{ id: lost }]);
  const leaf = `SELECT 1 FROM ledger_leaves WHERE convert_from(leaf, 'UTF8') LIKE '%' || $1 || '%"kind":"late-copy"%'`;
  assert.deepEqual([(await rows(leaf, lost)).length, (await rows(leaf, usual)).length], [1, 0]);
  await one.close();
});

test("what comes later and says less changes no state", async () => {
  const id = await handedOff();
  const one = recorder();
  await one.record(noticeOf([told("delivered", id)]));
  await one.record(noticeOf([told("deferred", id), told("sent", id), told("rejected", id)]));
  assert.deepEqual(await stateOf(id), ["delivered"]);
  assert.deepEqual(await eventsOf(id), ["message.delivered", "message.delayed"]);
  await one.close();
});

test("a soft bounce is told and changes no state; a hard one does", async () => {
  const id = await handedOff();
  const one = recorder();
  await one.record(noticeOf([told("bounced", id, { bounce: "soft" })]));
  assert.deepEqual(await stateOf(id), ["handed-off"]);
  await one.record(noticeOf([told("bounced", id, hard)]));
  assert.deepEqual(await stateOf(id), ["rejected"]);
  assert.deepEqual(await rows("SELECT reason FROM recipients WHERE spool_id = $1", id), [
    { reason: "bounced: invalid" },
  ]);
  await one.close();
});

test("an attempt of which nothing was known was taken once its provider tells anything: it is never handed off again", async () => {
  for (const type of ["queued", "sent", "deferred", "delivered", "opened"] as const) {
    const id = await unclear({ recipients: to("bob@example.net", "eve@example.net") });
    const one = recorder();
    await one.record(noticeOf([told(type, id)]));
    assert.deepEqual(await stateOf(id), [type === "delivered" ? "delivered" : "handed-off", "handed-off"], type);
    assert.deepEqual(await rows("SELECT resolved FROM attempts WHERE spool_id = $1", id), [{ resolved: "taken" }]);
    assert.equal(await queueOf(id), 0);
    assert.equal((await eventsOf(id))[0], "message.handed-off");
    assert.deepEqual(await spool.lease(T0 + 3_600_000, 10), []);
    await one.close();
  }
});

test("who asks the provider at the same moment loses the message to the notice: its settlement is not live", async () => {
  const id = await unclear();
  const [leased] = await spool.lease(T0 + 1, 10);
  assert.equal(leased?.spoolId, id);
  const one = recorder();
  await one.record(noticeOf([told("delivered", id)]));
  assert.equal(await queueOf(id), 0);
  const { attempt: _none, ...again } = settlement(leased);
  assert.equal(await spool.intend({ lease: leased, attempt: newAttempt({ n: 2 }) }), false, "no second hand-off");
  assert.equal(await spool.settle({ ...again, attempt: null, next: { kind: "queue", dueAt: T0 } }), false);
  assert.deepEqual(await stateOf(id), ["delivered"]);
  await one.close();
});

test("a second try that is on its way already is left to whoever makes it, and its answer takes nothing back", async () => {
  const id = await unclear();
  const [leased] = await spool.lease(T0 + 1, 10);
  assert.ok(await spool.intend({ lease: leased!, attempt: newAttempt({ n: 2, provider: "lantern" }) }));
  const one = recorder();
  await one.record(noticeOf([told("delivered", id)]));
  assert.equal(await queueOf(id), 1);
  const { attempt } = settlement(leased!);
  assert.ok(await spool.settle(settlement(leased!, { attempt: { ...attempt!, n: 2 } })));
  assert.deepEqual(await stateOf(id), ["delivered"]);
  assert.equal(await queueOf(id), 0);
  await one.close();
});

test("a notice may be faster than the answer of the call itself", async () => {
  const id = await intended();
  const one = recorder();
  await one.record(noticeOf([told("delivered", id)]));
  assert.equal(await queueOf(id), 1);
  assert.ok(await spool.settle(settlement({ spoolId: id, fence: 1 })));
  assert.deepEqual(await stateOf(id), ["delivered"]);
  assert.deepEqual(await rows("SELECT outcome FROM attempts WHERE spool_id = $1", id), [{ outcome: "accepted" }]);
  await one.close();
});

test("rows that are being settled are waited for, without holding up who settles them", async () => {
  const id = await handedOff();
  const one = recorder({ clock: systemClock });
  let recorded: Promise<unknown> = Promise.resolve();
  await fresh.database.transaction(async (tx) => {
    await tx.query("SELECT FROM recipients WHERE spool_id = $1 FOR UPDATE", [id]);
    recorded = one.record(noticeOf([told("delivered", id)]));
    await eventually(() => one.waiting === 1);
    await tx.query("UPDATE recipients SET reason = 'settled' WHERE spool_id = $1", [id]);
  });
  assert.equal(await recorded, "taken");
  assert.deepEqual(await stateOf(id), ["delivered"]);
  await one.close();
});

test("seen before: on another node, in the same group, and each event of a batch by itself", async () => {
  const id = await handedOff();
  const [one, other] = [recorder(), recorder()];
  const notice = noticeOf([told("opened", id)]);
  assert.deepEqual(
    (await Promise.all([one.record(notice), one.record({ ...notice }), other.record({ ...notice })])).toSorted(),
    ["seen", "seen", "taken"],
  );
  const batch = noticeOf([told("opened", id), told("clicked", id)], [notice.ids[0]!, "another"]);
  assert.equal(await other.record(batch), "taken");
  assert.deepEqual(await eventsOf(id), ["message.opened", "message.clicked"]);
  await Promise.all([one.close(), other.close()]);
});

test("a crash before the commit leaves nothing; one after it leaves all, and the notice that comes again changes nothing", async () => {
  for (const moment of ["notices.before-commit", "notices.after-commit"] as const) {
    const id = await handedOff();
    const notice = noticeOf([told("delivered", id)]);
    const failpoint = (name: FailpointName) => {
      if (name === moment) throw new Error("crash");
    };
    const dying = recorder({ failpoint });
    await assert.rejects(dying.record(notice), /crash/);
    await dying.close();
    assert.deepEqual(await stateOf(id), [moment === "notices.after-commit" ? "delivered" : "handed-off"]);
    const next = recorder();
    assert.equal(await next.record(notice), moment === "notices.after-commit" ? "seen" : "taken");
    assert.deepEqual(await stateOf(id), ["delivered"]);
    assert.deepEqual(await eventsOf(id), ["message.delivered"]);
    await next.close();
  }
});

test("one provider's no says nothing of what another one has", async () => {
  const id = await intended();
  const lease = { spoolId: id, fence: 1 };
  const { attempt } = settlement(lease);
  const held = { ...attempt!, outcome: "held" as const, cause: "account-suspended" };
  await spool.settle(settlement(lease, { attempt: held, recipients: [], next: { kind: "keep" } }));
  await spool.intend({ lease, attempt: newAttempt({ n: 2, provider: "lantern" }) });
  await spool.settle(settlement(lease, { attempt: { ...attempt!, n: 2 } }));
  const one = recorder();
  await one.record(noticeOf([told("rejected", id), told("bounced", id, hard)]));
  assert.deepEqual(await stateOf(id), ["handed-off"]);
  assert.deepEqual(await eventsOf(id), ["message.bounced"]);
  await one.record(noticeOf([told("delivered", id)]));
  assert.deepEqual(await stateOf(id), ["delivered"]);
  await one.close();
});

test("addresses are suppressed by themselves only where the tenant says so", async () => {
  const send = (suppress: TenantSettings["suppress"], events: (id: SpoolId) => DeliveryEvent[]) => async () => {
    const id = await handedOff({ recipients: to("Bob@Example.net") });
    const one = recorder({ tenant: { suppress } });
    await one.record(noticeOf(events(id)));
    await one.close();
  };
  const both = (id: SpoolId) => [told("complained", id), told("bounced", id, hard)];
  await send([], both)();
  assert.deepEqual(await rows("SELECT * FROM suppressions"), []);
  await send(["complained"], (id) => [told("bounced", id, hard)])();
  assert.deepEqual(await rows("SELECT * FROM suppressions"), []);
  await send(["bounced", "complained"], both)();
  assert.deepEqual(await rows("SELECT tenant, address, reason FROM suppressions"), [
    { tenant: "acme", address: "bob@example.net", reason: "complained" },
  ]);
});

test("an address that is an exception is not suppressed by itself", async () => {
  await rows("INSERT INTO suppression_exceptions (tenant, address, comment) VALUES ('acme', 'bob@example.net', '')");
  const id = await handedOff({ recipients: to("Bob@Example.net") });
  const one = recorder({ tenant: { suppress: ["bounced"] } });
  await one.record(noticeOf([told("bounced", id, hard)]));
  await one.close();
  assert.deepEqual(await rows("SELECT * FROM suppressions"), []);
  assert.deepEqual(await stateOf(id), ["rejected"]);
  await rows("DELETE FROM suppression_exceptions");
});

test("an attempt that the provider was never given proves nothing", async () => {
  const id = await unclear();
  const warned: string[] = [];
  const one = recorder({ log: { ...silentLog, warn: (event) => warned.push(event) } });
  await one.record(noticeOf([told("delivered", id, { attemptId: "made up" })]));
  await one.record({ ...noticeOf([told("delivered", id)]), provider: "lantern" });
  assert.deepEqual(await stateOf(id), ["pending"]);
  assert.deepEqual(warned, ["notice.attempt-unknown", "notice.attempt-unknown"]);
  assert.equal((await rows("SELECT * FROM foreign_notices")).length, 2);
  await one.close();
});

test("of a message whose rows are gone a notice is not foreign", async () => {
  const one = recorder();
  await one.record(noticeOf([told("delivered", newMessage().spoolId)]));
  assert.deepEqual(await rows("SELECT * FROM foreign_notices"), []);
  await one.close();
});

test("a link that was followed is kept of routine mail only, and words of secret mail lose what could be one", async () => {
  const seen: Record<string, unknown> = {};
  for (const messageClass of ["C0", "C3"] as MessageClass[]) {
    const id = await handedOff({ class: messageClass });
    const one = recorder();
    const said = {
      url: "https://acme.test/reset?token=8d7f6e5d4c",
      mtaResponse: "550 5.7.1 refused: code 918273 in text",
    };
    await one.record(noticeOf([told("clicked", id, said), told("bounced", id, { ...said, ...hard })]));
    const events = await rows<{ detail: Record<string, unknown> }>(
      "SELECT detail FROM message_events WHERE spool_id = $1 ORDER BY event_id",
      id,
    );
    seen[messageClass] = [events[0]!.detail["url"], events[1]!.detail["response"]];
    await one.close();
  }
  assert.deepEqual(seen, {
    C0: [undefined, "550 5.7.1 refused: code […] in text"],
    C3: ["https://acme.test/reset?token=8d7f6e5d4c", "550 5.7.1 refused: code 918273 in text"],
  });
});

test("octets that no row takes come to no harm", async () => {
  const id = await handedOff();
  const one = recorder();
  const odd = {
    mtaResponse: "250 \u0000ok\ud800",
    userAgent: "a\u0000b",
    url: "https://x.test/\u0000",
    at: Number.NaN,
  };
  assert.equal(await one.record(noticeOf([told("clicked", id, odd), told("delivered", id, odd)])), "taken");
  const stranger = { spoolId: null, attemptId: null, providerMessageId: "\u0000\ud800", recipient: "\u0000@x" };
  assert.equal(await one.record(noticeOf([deliveryEvent({ type: "sent", ...stranger })])), "taken");
  await one.close();
});

test("what the log says is told as such, and a notice that comes later says nothing new of it", async () => {
  const id = await handedOff();
  const asked = recorder();
  assert.equal(await asked.record({ ...noticeOf([told("delivered", id)]), source: "log" }), "taken");
  assert.deepEqual(await stateOf(id), ["delivered"]);
  assert.equal(await asked.record(noticeOf([told("delivered", id)])), "taken");
  const events = await rows<{ kind: string; detail: { source?: string } }>(
    "SELECT kind, detail FROM message_events WHERE spool_id = $1",
    id,
  );
  assert.deepEqual(
    events.filter(({ kind }) => kind === "message.delivered").map(({ detail }) => detail.source),
    ["log"],
  );
  await asked.close();
});
