import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { T0, newAttempt, newMessage, settlement } from "../../test/support/new-message.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { type SpoolId, newNodeId, noFailpoint, systemClock, systemRandom } from "../kernel/index.ts";
import { backlogOf } from "./backlog.ts";
import { queueCounts } from "./counts.ts";
import type { NewMessage } from "./rows.ts";
import { Spool } from "./spool.ts";
import { storyReader } from "./stories.ts";
import type { MessageFilter, StoryReader } from "./story.ts";

let fresh: FreshDatabase;
let stories: StoryReader;
const made: Record<"queued" | "leased" | "held" | "ended" | "foreign", NewMessage> = {
  queued: newMessage({ tags: { order: "17" } }),
  leased: newMessage({ leased: true, acceptedAt: T0 + 1_000, stream: "security", class: "C0" }),
  held: newMessage({ leased: true, acceptedAt: T0 + 2_000 }),
  ended: newMessage({
    leased: true,
    intent: newAttempt(),
    acceptedAt: T0 + 3_000,
    recipients: ["Bob@Example.net", "ann@example.net"].map((address) => ({ address, notify: null, original: null })),
    events: [{ kind: "message.accepted", at: T0 + 3_000, detail: {}, notify: false }],
  }),
  foreign: newMessage({ tenant: "other" }),
};

before(async () => {
  fresh = await freshDatabase();
  const spool = new Spool({
    node: newNodeId(systemClock, systemRandom),
    database: fresh.database,
    failpoint: noFailpoint,
  });
  stories = storyReader(fresh.database, systemClock);
  for (const message of Object.values(made)) await spool.accept(message);
  await spool.settle(
    settlement(
      { spoolId: made.held.spoolId, fence: 1 },
      { attempt: null, recipients: [], next: { kind: "hold", reason: "no-provider", dueAt: T0 + 9_000 } },
    ),
  );
  await spool.settle(
    settlement(
      { spoolId: made.ended.spoolId, fence: 1 },
      {
        recipients: [
          { n: 0, state: "handed-off", reason: null },
          { n: 1, state: "rejected", reason: "mailbox-unavailable" },
        ],
        events: [{ kind: "message.handed-off", at: T0 + 2, detail: { provider: "harbour" }, notify: true }],
      },
    ),
  );
});
after(() => fresh.drop());

const list = async (filter: Partial<MessageFilter>, limit = 100) => {
  const { messages } = await stories.list({ tenant: "acme", ...filter }, limit, null);
  return messages.map((one) => one.spoolId);
};
const idsOf = (...names: (keyof typeof made)[]) => names.map((name) => made[name].spoolId);

test("a story tells everything of its message: recipients, attempts, events", async () => {
  const story = await stories.find("acme", made.ended.spoolId);
  assert.deepEqual(story, {
    spoolId: made.ended.spoolId,
    tenant: "acme",
    stream: "alerts",
    class: "C2",
    door: "smtp",
    state: "ended",
    heldReason: null,
    dueAt: null,
    acceptedAt: T0 + 3_000,
    sendAt: null,
    expiresAt: T0 + 86_400_000,
    endedAt: T0 + 2,
    returnPath: "bounces@acme.test",
    author: "app@acme.test",
    headerMessageId: "<1@acme.test>",
    sizeBytes: 5_000,
    tags: {},
    recipients: [
      { address: "Bob@Example.net", state: "handed-off", reason: null },
      { address: "ann@example.net", state: "rejected", reason: "mailbox-unavailable" },
    ],
    attempts: [
      {
        n: 1,
        provider: "harbour",
        routeReason: "preferred",
        recipients: [0, 1],
        intentAt: T0 + 1,
        settledAt: T0 + 2,
        outcome: "accepted",
        scope: "message",
        cause: "taken",
        replyCode: 250,
        enhancedStatus: "2.0.0",
        providerMessageId: "p-1",
        diagnostic: "250 ok",
      },
    ],
    events: [
      { at: T0 + 3_000, kind: "message.accepted", detail: {} },
      { at: T0 + 2, kind: "message.handed-off", detail: { provider: "harbour" } },
    ],
  });
});

test("each state is told with what belongs to it", async () => {
  const state = async (name: keyof typeof made) => {
    const story = (await stories.find(null, made[name].spoolId))!;
    return [story.state, story.heldReason, story.dueAt];
  };
  assert.deepEqual(await state("queued"), ["queued", null, T0]);
  assert.deepEqual(await state("leased"), ["in-flight", null, null]);
  assert.deepEqual(await state("held"), ["held", "no-provider", null]);
  assert.deepEqual(await state("ended"), ["ended", null, null]);
});

test("a tenant sees its own messages only, an operator all", async () => {
  assert.equal(await stories.find("acme", made.foreign.spoolId), null);
  assert.equal((await stories.find(null, made.foreign.spoolId))?.tenant, "other");
  assert.equal(await stories.find("acme", "no id" as SpoolId), null);
  assert.ok(!(await list({})).includes(made.foreign.spoolId));
  assert.equal((await list({ tenant: null })).length, 5);
  assert.deepEqual([await stories.count({ tenant: null }, 10), await stories.count({ tenant: null }, 3)], [5, 3]);
});

test("lists are filtered by state, stream, recipient and time, newest first", async () => {
  assert.deepEqual(await list({}), idsOf("ended", "held", "leased", "queued"));
  for (const [state, name] of [
    ["queued", "queued"],
    ["in-flight", "leased"],
    ["held", "held"],
    ["ended", "ended"],
  ] as const)
    assert.deepEqual(await list({ state }), idsOf(name), state);
  assert.deepEqual(await list({ stream: "security" }), idsOf("leased"));
  assert.deepEqual(await list({ recipient: "bob@example.NET" }), idsOf("ended", "held", "leased", "queued"));
  assert.deepEqual(await list({ recipient: "ANN@example.net" }), idsOf("ended"));
  assert.deepEqual(await list({ recipient: "' OR true --" }), []);
  assert.deepEqual(await list({ acceptedAfter: T0 + 1_000, acceptedBefore: T0 + 3_000 }), idsOf("held", "leased"));
  assert.deepEqual(await list({ state: "held", stream: "security" }), []);
});

test("pages follow each other without gap or repeat, and the last one says so", async () => {
  for (const size of [1, 2, 3, 4, 5]) {
    const seen: SpoolId[] = [];
    let last: SpoolId | null = null;
    do {
      const page = await stories.list({ tenant: "acme" }, size, last);
      assert.ok(page.messages.length <= size);
      seen.push(...page.messages.map((one) => one.spoolId));
      last = page.next;
    } while (last !== null);
    assert.deepEqual(seen, idsOf("ended", "held", "leased", "queued"), `pages of ${size}`);
  }
});

test("the backlog and the counts tell what waits, by owner, class and state", async () => {
  const backlog = await backlogOf(fresh.database, systemClock.now());
  assert.deepEqual(
    backlog.map((row) => [row.tenant, row.stream, row.class, row.state, row.messages, row.oldestAcceptedAt]),
    [
      ["acme", "security", "C0", "in-flight", 1, T0 + 1_000],
      ["acme", "alerts", "C2", "held", 1, T0 + 2_000],
      ["acme", "alerts", "C2", "queued", 1, T0],
      ["other", "alerts", "C2", "queued", 1, T0],
    ],
  );
  const counts = await queueCounts(fresh.database);
  const byKey = Object.fromEntries(counts.map((row) => [`${row.messageClass} ${row.state}`, row.count]));
  assert.deepEqual(byKey, { "C0 leased": 1, "C2 held": 1, "C2 queued": 2 });
});
