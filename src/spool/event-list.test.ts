import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { T0, newAttempt, newMessage, settlement } from "../../test/support/new-message.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { virtualClock } from "../../test/support/virtual-clock.ts";
import { DAY_MS, HOUR_MS, newNodeId, newSpoolId, noFailpoint, systemClock, systemRandom } from "../kernel/index.ts";
import { Spool } from "./spool.ts";
import { storyReader } from "./stories.ts";
import type { EventCursor, EventEntry, EventFilter, StoryReader } from "./story.ts";

const NOW = T0 + 3 * DAY_MS;
let fresh: FreshDatabase;
let stories: StoryReader;
const two = ["Bob@Example.net", "ann@example.net"].map((address) => ({ address, notify: null, original: null }));
const taken = newMessage({
  leased: true,
  intent: newAttempt(),
  recipients: two,
  tags: { campaign: "spring" },
  author: "News@acme.test",
});
const split = newMessage({
  spoolId: newSpoolId({ ...systemClock, now: () => T0 + HOUR_MS }, systemRandom),
  leased: true,
  intent: newAttempt(),
  recipients: two,
  acceptedAt: T0 + HOUR_MS,
});
const foreign = newMessage({ tenant: "other", leased: true, intent: newAttempt() });

before(async () => {
  fresh = await freshDatabase();
  const node = newNodeId(systemClock, systemRandom);
  const spool = new Spool({ node, database: fresh.database, failpoint: noFailpoint });
  stories = storyReader(fresh.database, virtualClock(NOW));
  for (const message of [taken, split, foreign]) await spool.accept(message);
  const told = (kind: string, at: number, detail: Record<string, unknown>) => ({ kind, at, detail, notify: false });
  const lease = ({ spoolId }: { spoolId: typeof taken.spoolId }) => ({ spoolId, fence: 1 });
  await spool.settle(
    settlement(lease(taken), { events: [told("message.handed-off", T0 + 2, { provider: "harbour", attempt: 1 })] }),
  );
  const mixed = [
    { n: 0, outcome: "accepted", scope: "message", cause: "taken" },
    { n: 1, outcome: "deferred", scope: "recipient", cause: "greylisted", replyCode: 451, diagnostic: "later" },
  ];
  const { attempt } = settlement(lease(split));
  await spool.settle(
    settlement(lease(split), {
      attempt: { ...attempt!, settledAt: T0 + HOUR_MS + 500, mixed: JSON.stringify(mixed) },
      next: { kind: "queue", dueAt: T0 + 2 * HOUR_MS },
    }),
  );
  await spool.settle({ ...settlement(lease(foreign)), tenant: "other" });
  const detail = { provider: "harbour", attempt: 1, recipients: [1], reason: "spam", response: "550 no" };
  await spool.note(taken, told("message.bounced", T0 + DAY_MS, detail));
  await spool.note(taken, told("message.opened", T0 + 2 * DAY_MS, { provider: "harbour", attempt: 1, recipients: [] }));
  await spool.note(split, told("message.held", T0 + HOUR_MS + 600, { actor: "operator:cli" }));
});
after(() => fresh.drop());

const all = async (filter: Partial<EventFilter> = {}, size = 100): Promise<EventEntry[]> => {
  const found: EventEntry[] = [];
  let last: EventCursor | null = null;
  do {
    const page = await stories.events({ tenant: "acme", ...filter }, size, last);
    assert.ok(page.events.length <= size);
    found.push(...page.events);
    last = page.next;
  } while (last !== null);
  return found;
};
const brief = (entries: readonly EventEntry[]) =>
  entries.map((one) => `${one.kind.slice(8)} ${one.recipient?.toLowerCase().split("@")[0] ?? "-"}`);

const NEWEST_FIRST = [
  "opened -",
  "bounced ann",
  "held ann",
  "held bob",
  "deferred ann",
  "handed-off bob",
  "accepted ann",
  "accepted bob",
  "handed-off ann",
  "handed-off bob",
  "accepted ann",
  "accepted bob",
];

test("events of all messages are told by time, each for one recipient, and none of them twice", async () => {
  assert.deepEqual(brief(await all()), NEWEST_FIRST);
  assert.deepEqual(brief(await all({ oldestFirst: true })), NEWEST_FIRST.toReversed());
});

test("pages follow each other without gap or repeat, whatever their size and direction", async () => {
  for (const size of [1, 2, 3, 5, 11, 12]) {
    assert.deepEqual(brief(await all({}, size)), NEWEST_FIRST, `pages of ${size}`);
    assert.deepEqual(
      brief(await all({ oldestFirst: true }, size)),
      NEWEST_FIRST.toReversed(),
      `pages of ${size}, oldest`,
    );
  }
});

test("an entry carries what the attempt, the provider and the message say", async () => {
  const [found] = await all({ kinds: ["message.deferred"] });
  const { key, ...deferred } = found!;
  assert.deepEqual(
    brief((await stories.events({ tenant: "acme" }, 1, { at: found!.at, key })).events),
    ["handed-off bob"],
    "with its key a list goes on after it",
  );
  assert.deepEqual(deferred, {
    eventId: null,
    recipientNumber: 1,
    kind: "message.deferred",
    at: T0 + HOUR_MS + 500,
    spoolId: split.spoolId,
    recipient: "ann@example.net",
    provider: "harbour",
    attempt: 1,
    reason: "greylisted",
    response: "later",
    replyCode: 451,
    enhancedStatus: null,
    providerMessageId: "p-1",
    detail: {},
    message: {
      stream: "alerts",
      class: "C2",
      author: "app@acme.test",
      headerMessageId: "<1@acme.test>",
      tags: {},
      acceptedAt: T0 + HOUR_MS,
    },
  });
  const [bounced] = await all({ kinds: ["message.bounced"] });
  assert.deepEqual(
    [bounced!.recipient, bounced!.reason, bounced!.response, bounced!.providerMessageId, bounced!.message.tags],
    ["ann@example.net", "spam", "550 no", "p-1", { campaign: "spring" }],
  );
  const byNumber = await all({ eventId: bounced!.eventId! });
  assert.deepEqual(
    byNumber.map(({ kind }) => kind),
    ["message.bounced"],
  );
  assert.deepEqual(await all({ eventId: 4_000_000 }), []);
});

test("they are narrowed by kind, message, recipient, author, tag and time", async () => {
  const count = async (filter: Partial<EventFilter>) => (await all(filter, 3)).length;
  assert.equal(await count({ kinds: ["message.accepted"] }), 4);
  assert.equal(await count({ kinds: ["message.handed-off", "message.held"] }), 5);
  assert.equal(await count({ kinds: ["message.clicked"] }), 0);
  assert.equal(await count({ kinds: [] }), 0);
  assert.equal(await count({ spoolId: taken.spoolId }), 6);
  assert.equal(await count({ spoolId: foreign.spoolId }), 0);
  assert.equal(await count({ spoolId: "x' OR true --" as typeof taken.spoolId }), 0);
  assert.equal(await count({ recipient: "BOB@example.NET" }), 5);
  assert.equal(await count({ author: "news@ACME.test" }), 6);
  assert.equal(await count({ tag: { name: "campaign" } }), 6);
  assert.equal(await count({ tag: { name: "campaign", value: "autumn" } }), 0);
  assert.equal(await count({ after: T0 + HOUR_MS, before: T0 + HOUR_MS + 600 }), 4);
  assert.equal(await count({ before: T0 }), 0);
  assert.equal(await count({ after: NOW }), 0);
  assert.equal(await count({ stream: "none" }), 0);
});

test("a tenant hears of its own messages only, an operator of all", async () => {
  assert.equal((await all({ tenant: "other" })).length, 2);
  assert.equal((await all({ tenant: "nobody" })).length, 0);
  assert.equal((await all({ tenant: null })).length, 14);
});

test("lists of messages are narrowed by author, tag and kind of event", async () => {
  const ids = async (filter: object) =>
    (await stories.list({ tenant: "acme", ...filter }, 10, null)).messages.map((one) => one.spoolId);
  assert.deepEqual(await ids({ author: "news@acme.TEST" }), [taken.spoolId]);
  assert.deepEqual(await ids({ tag: { name: "campaign" } }), [taken.spoolId]);
  assert.deepEqual(await ids({ tag: { name: "campaign", value: "spring" } }), [taken.spoolId]);
  assert.deepEqual(await ids({ tag: { name: "campaign", value: "autumn" } }), []);
  assert.deepEqual(await ids({ event: "message.held" }), [split.spoolId]);
  assert.deepEqual(await ids({ acceptedAfter: T0 + 1, acceptedBefore: T0 + DAY_MS }), [split.spoolId]);
});

test("events are narrowed by the domain of the author and by what the message is called", async () => {
  assert.equal((await all({ authorDomain: "acme.test" })).length, NEWEST_FIRST.length);
  assert.equal((await all({ authorDomain: "test" })).length, NEWEST_FIRST.length, "a domain above it");
  assert.deepEqual(await all({ authorDomain: "me.test" }), []);
  assert.deepEqual(await all({ headerMessageId: "<none@acme.test>" }), []);
  assert.equal((await all({ headerMessageId: "<1@acme.test>", acceptedAfter: T0 - 1 })).length, NEWEST_FIRST.length);
  assert.deepEqual(await all({ headerMessageId: "<1@acme.test>", acceptedBefore: T0 - HOUR_MS }), []);
});
