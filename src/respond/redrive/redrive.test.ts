import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import {
  type FakeProvider,
  type MailPath,
  TEST_TENANT,
  fakeProvider,
  outcome,
  startMailPath,
  submission,
} from "../../../test/support/mail-path.ts";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import { type SpoolId, silentLog, systemClock } from "../../kernel/index.ts";
import { LeafMaker } from "../../ledger/index.ts";
import { silentMetrics } from "../../metrics/index.ts";
import type { ActivityItem, Provider } from "../../providers/index.ts";
import { type MessageStory, type RedriveResult, redriveCounts } from "../../spool/index.ts";
import { tenantsOf } from "../../tenancy/index.ts";
import { REDRIVE_BOUNDS } from "./bounds.ts";
import { Redrive, type RedriveWish } from "./redrive.ts";

let place: FreshDatabase;
let harbour: FakeProvider;
let lantern: FakeProvider;
let path: MailPath;
let redrive: Redrive;
/** What the log of harbour says of an attempt; null: it does not answer. */
let log: (attemptId: string) => ActivityItem[] | null;
/** What people were told of. */
let alerted: string[];

beforeEach(async () => {
  place = await freshDatabase();
  harbour = Object.assign(fakeProvider("harbour"), {
    activity: async ({ attemptId }: { attemptId?: string }) => {
      const value = log(attemptId ?? "");
      return value ? { kind: "answer" as const, value } : { kind: "unavailable" as const, reason: "down" };
    },
  });
  lantern = fakeProvider("lantern");
  log = () => [];
  alerted = [];
  path = await startMailPath(place.database, [harbour, lantern]);
  redrive = begin();
});
afterEach(async () => {
  await redrive.stop();
  await path.stop();
  await place.drop();
});

/** As the node that leads has it; a second one is what comes after a crash. */
const begin = (): Redrive =>
  new Redrive({
    database: place.database,
    providers: new Map<string, Provider>([
      ["harbour", harbour],
      ["lantern", lantern],
    ]),
    routes: TEST_TENANT.streams.map(({ name }) => ({
      tenant: "acme",
      stream: name,
      route: TEST_TENANT.routes["default"]!,
    })),
    tenants: tenantsOf([TEST_TENANT]),
    leaves: new LeafMaker(Buffer.alloc(32, 7)),
    attemptIdOf: (spoolId, provider, n) => `${spoolId} ${provider} ${n}`,
    alerts: {
      async raise({ severity, key, numbers, provider }) {
        alerted.push(`raise ${severity} ${key}: ${numbers["messages"]} of ${provider}`);
      },
      async resolve(key) {
        alerted.push(`resolve ${key}`);
      },
    },
    onEvents: () => {},
    clock: systemClock,
    log: silentLog,
    metrics: silentMetrics,
  });

async function sent(stream: string, change: Parameters<typeof submission>[0] = {}): Promise<SpoolId> {
  const answer = await path.port.accept(submission({ stream, ...change }));
  assert.equal(answer.kind, "accepted");
  const id = answer.kind === "accepted" ? answer.spoolId : ("" as SpoolId);
  await storyWhen(id, (story) => story.state === "ended");
  return id;
}
const storyWhen = (id: SpoolId, met: (story: MessageStory) => boolean): Promise<MessageStory> =>
  eventually(async () => {
    const story = await path.stories.find("acme", id);
    return story && met(story) ? story : null;
  });
const wish = (change: Partial<RedriveWish> = {}): RedriveWish => {
  const now = systemClock.now();
  return { provider: "harbour", scope: "", sinceAt: now - 1_000, verdictAt: now, reason: "silence", ...change };
};
/** Looks until nothing that is due at `at` is left. */
async function results(at = systemClock.now()): Promise<Record<string, number>> {
  return eventually(async () => {
    await redrive.tick(at);
    const counts = await redriveCounts(place.database, 1);
    const found: Record<string, number> = {};
    for (const { class: n, result, messages } of counts) found[`C${n} ${result ?? "waits"}`] = messages;
    return counts.every(({ result, class: n }) => result !== null || n === 3) && found;
  });
}
const copies = (provider: FakeProvider, id: SpoolId): number =>
  provider.calls.filter((call) => call.spoolId === id).length;

describe("mail that a provider took and lost", () => {
  test("goes out once more by class: notices and critical mail by the standby, secrets are asked for anew, bulk waits", async () => {
    const ids = {
      C0: await sent("security"),
      C1: await sent("notices"),
      C2: await sent("alerts"),
      C3: await sent("receipts"),
      C4: await sent("news"),
    };
    await redrive.order(wish());
    assert.deepEqual(await results(), {
      "C0 reissue-wanted": 1,
      "C1 resent": 1,
      "C2 resent": 1,
      "C3 waits": 1,
      "C4 bulk": 1,
    });
    for (const id of [ids.C1, ids.C2]) {
      const story = await storyWhen(id, (one) => one.state === "ended");
      assert.deepEqual(
        story.attempts.map((one) => [one.n, one.provider, one.outcome]),
        [
          [1, "harbour", "accepted"],
          [2, "lantern", "accepted"],
        ],
      );
      const event = story.events.find((one) => one.kind === "message.redriven");
      assert.deepEqual(event?.detail, { provider: "harbour", reason: "silence", attempt: 1, recipients: [0] });
      assert.equal(copies(lantern, id), 1);
    }
    const secret = (await path.stories.find("acme", ids.C0))!;
    assert.equal(secret.state, "ended");
    const wanted = secret.events.find((one) => one.kind === "message.reissue-wanted")!;
    assert.equal(wanted.detail["stream"], "security");
    assert.equal(wanted.detail["count"], 1);
    assert.equal(copies(lantern, ids.C0) + copies(lantern, ids.C3) + copies(lantern, ids.C4), 0);
    await eventually(async () => {
      const found = await results(systemClock.now() + REDRIVE_BOUNDS.reconcileMs);
      return found["C3 resent"] === 1;
    });
    await place.database.query("UPDATE queue SET due_at = $1", [new Date(systemClock.now())]); // a quarter of an hour has passed
    await storyWhen(ids.C3, (story) => story.attempts.length === 2 && story.state === "ended");
    assert.equal(copies(lantern, ids.C3), 1);
  });

  test("both copies carry the same Message-ID and X-Postern-Id", async () => {
    const id = await sent("alerts");
    await redrive.order(wish());
    await results();
    await storyWhen(id, (story) => story.attempts.length === 2 && story.state === "ended");
    const fields = (provider: FakeProvider): string[] =>
      (
        provider.calls
          .find((call) => call.spoolId === id)!
          .raw.toString()
          .match(/^(?:Message-ID|X-Postern-Id): .*$/gim) ?? []
      ).toSorted();
    assert.equal(fields(harbour).length, 2);
    assert.deepEqual(fields(harbour), fields(lantern));
  });

  test("is left alone where a notice or the provider's own log tells that it arrived; a log that is silent stops nothing", async () => {
    const [confirmed, logged, lost] = [await sent("alerts"), await sent("alerts"), await sent("alerts")];
    await place.database.query("UPDATE recipients SET state = 'delivered' WHERE spool_id = $1", [confirmed]);
    log = (attemptId) =>
      attemptId.startsWith(logged)
        ? [
            {
              providerMessageId: "1",
              attemptId,
              recipient: "Bob@example.net",
              sender: null,
              state: "delivered",
              at: null,
            },
          ]
        : attemptId.startsWith(lost)
          ? null
          : [];
    await redrive.order(wish());
    assert.deepEqual(await results(), { "C2 delivered": 1, "C2 resent": 1 });
    assert.equal(copies(lantern, logged) + copies(lantern, confirmed), 0);
    await storyWhen(lost, (story) => story.attempts.length === 2);
  });

  test("of a provider that lies goes out whatever it says", async () => {
    const id = await sent("alerts");
    await place.database.query("UPDATE recipients SET state = 'delivered' WHERE spool_id = $1", [id]);
    await redrive.order(wish({ lying: true }));
    assert.deepEqual(await results(), { "C2 resent": 1 });
    await storyWhen(id, (story) => story.attempts.length === 2 && story.state === "ended");
    assert.equal(copies(lantern, id), 1);
  });

  test("goes out a second time once, whatever falls after that, and never again to the provider that lost it", async () => {
    const id = await sent("alerts");
    // The standby is full: the message waits, and is tried again and again.
    let full = true;
    lantern.answer = () => [full ? outcome("deferred") : outcome("accepted")];
    await redrive.order(wish());
    await results();
    await storyWhen(id, (story) => story.attempts.length === 2 && story.state === "queued");
    await path.acts.retry("acme", id, "a test");
    await storyWhen(id, (story) => story.attempts.length === 3 && story.state === "queued");
    full = false;
    await path.acts.retry("acme", id, "a test");
    await storyWhen(id, (story) => story.state === "ended");
    assert.equal(copies(harbour, id), 1);
    await redrive.order(wish({ provider: "lantern", verdictAt: systemClock.now() + 1 }));
    await redrive.tick(systemClock.now());
    const counts = await redriveCounts(place.database, 2);
    assert.deepEqual(
      counts.map((one) => one.result),
      ["twice"] satisfies RedriveResult[],
    );
    assert.equal(harbour.calls.filter((call) => call.spoolId === id).length, 1);
  });

  test("is found by its stream where one stream is lost, and from the first message in doubt on", async () => {
    const early = await sent("alerts");
    await place.database.query(
      "UPDATE attempts SET settled_at = settled_at - interval '10 minutes' WHERE spool_id = $1",
      [early],
    );
    await sent("notices");
    const id = await sent("alerts");
    await redrive.order(wish({ scope: "acme/alerts" }));
    assert.deepEqual(await results(), { "C2 resent": 1 });
    await storyWhen(id, (story) => story.attempts.length === 2);
  });

  test("whose text is kept no longer is asked for anew, visibly", async () => {
    const id = await sent("alerts");
    await place.database.query("DELETE FROM bodies");
    await redrive.order(wish());
    assert.deepEqual(await results(), { "C2 body-gone": 1 });
    const story = (await path.stories.find("acme", id))!;
    assert.equal(story.events.find((one) => one.kind === "message.reissue-wanted")?.detail["cause"], "body-gone");
    assert.deepEqual(alerted, ["raise page body-gone 1: 1 of harbour"]);
    await redrive.tick(systemClock.now() + 120_000);
    assert.deepEqual(alerted.slice(1), ["raise page body-gone 1: 1 of harbour", "resolve body-gone 1"]);
  });

  test("an order is the same when it is given again, and goes on under another leader where the first one stopped", async () => {
    const ids: SpoolId[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await sent("alerts"));
    const one = wish();
    await redrive.order(one);
    await redrive.order(one);
    await redrive.stop();
    redrive = begin();
    assert.deepEqual(await results(), { "C2 resent": 5 });
    for (const id of ids) await storyWhen(id, (story) => story.attempts.length === 2 && story.state === "ended");
    await results();
    for (const id of ids) assert.equal(copies(lantern, id), 1);
    const orders = await place.database.query<{ done: number | null }>("SELECT done_at AS done FROM redrive_orders");
    assert.equal(orders.length, 1);
    assert.equal(orders[0]!.done, null, "hand-offs that were on their way may still end");
    await redrive.tick(systemClock.now() + 120_000);
    const [order] = await place.database.query<{ done: number | null }>("SELECT done_at AS done FROM redrive_orders");
    assert.notEqual(order!.done, null);
  });

  test("canaries are never sent again", async () => {
    const id = await sent("alerts");
    await place.database.query("UPDATE messages SET tenant = '~canary' WHERE spool_id = $1", [id]);
    await redrive.order(wish());
    assert.deepEqual(await results(), {});
  });
});

describe("what a provider did not answer for", () => {
  test("a secret of which nobody knows whether it was taken is asked for anew, and is not sent again", async () => {
    harbour.answer = () => [outcome("indeterminate")];
    const answer = await path.port.accept(submission({ stream: "security" }));
    assert.equal(answer.kind, "accepted");
    const id = answer.kind === "accepted" ? answer.spoolId : ("" as SpoolId);
    await storyWhen(id, (story) => story.attempts[0]?.outcome === "indeterminate");
    await eventually(async () => {
      const [row] = await place.database.query<{ state: string }>("SELECT state FROM queue WHERE spool_id = $1", [id]);
      return row?.state === "held";
    });
    await redrive.order(wish({ sinceAt: systemClock.now() - 10_000 }));
    assert.deepEqual(await results(), { "C0 reissue-wanted": 1 });
    assert.equal(harbour.calls.length, 1);
    assert.equal(lantern.calls.length, 0);
  });

  test("and of which it told a delivery while it was asked is taken: of a liar it goes out once more", async () => {
    harbour.answer = async ({ spoolId }) => {
      await place.database.query("UPDATE recipients SET state = 'delivered' WHERE spool_id = $1", [spoolId]);
      return [outcome("indeterminate")];
    };
    const id = await sent("alerts");
    const attempts = await place.database.query("SELECT outcome, resolved FROM attempts WHERE spool_id = $1", [id]);
    assert.deepEqual(attempts, [{ outcome: "indeterminate", resolved: "taken" }]);
    await redrive.order(wish({ sinceAt: systemClock.now() - 10_000, lying: true }));
    assert.deepEqual(await results(), { "C2 resent": 1 });
    await storyWhen(id, (story) => story.attempts.length === 2 && story.state === "ended");
    assert.equal(copies(lantern, id), 1);
  });

  test("what it holds is due at once, elsewhere", async () => {
    harbour.answer = () => [outcome("held", "account")];
    lantern.answer = () => [outcome("deferred")];
    const answer = await path.port.accept(submission({ stream: "receipts" }));
    const id = answer.kind === "accepted" ? answer.spoolId : ("" as SpoolId);
    await storyWhen(id, (story) => story.attempts.length === 2 && story.state === "queued");
    lantern.answer = () => [outcome("accepted")];
    await redrive.order(wish({ sinceAt: systemClock.now() - 10_000 }));
    assert.deepEqual(await results(), { "C3 hurried": 1 });
    await storyWhen(id, (story) => story.state === "ended");
    assert.equal(copies(harbour, id), 1);
  });
});
