import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type TestDoor, problemOf, startTestDoor } from "../../../test/support/http-door.ts";
import { EVENT, ID } from "../../../test/support/message-story.ts";
import { eventCursor, eventCursorText } from "./stories/cursor.ts";

let door: TestDoor;
before(async () => {
  door = await startTestDoor();
});
after(() => door.stop());
beforeEach(() => {
  door.story.events = { events: [], next: null };
  door.story.asked.length = 0;
});

const CURSOR = { at: 1_772_357_400_000, key: `${ID}e${"0".repeat(24)}` };

test("events are told with the message they belong to, in pages", async () => {
  door.story.events = { events: [EVENT], next: CURSOR };
  const page = (await (await door.ask("/v1/events")).json()) as {
    events: Record<string, unknown>[];
    nextCursor: string;
  };
  assert.equal(page.events[0]!["messageId"], ID);
  assert.equal(page.events[0]!["at"], "2026-03-01T09:30:03.000Z");
  assert.deepEqual(page.events[0]!["tags"], { order: "4711" });
  assert.ok(!("tenant" in page.events[0]!));
  await door.ask(`/v1/events?cursor=${page.nextCursor}&limit=7`);
  assert.deepEqual(door.story.asked.at(-1), { filter: { tenant: "acme" }, limit: 7, after: CURSOR });
});

test("they are narrowed by everything the core can narrow them by", async () => {
  await door.ask(
    `/v1/events?kind=message.bounced,message.opened&message=${ID}&recipient=Bob%40example.net&author=a%40acme.test` +
      "&tag=campaign%3Dx&stream=alerts&after=2026-03-01T00:00:00Z&before=2026-03-02T00:00:00Z&order=oldest",
  );
  assert.deepEqual((door.story.asked[0] as { filter: unknown }).filter, {
    tenant: "acme",
    stream: "alerts",
    recipient: "Bob@example.net",
    author: "a@acme.test",
    tag: { name: "campaign", value: "x" },
    kinds: ["message.bounced", "message.opened"],
    spoolId: ID,
    after: Date.UTC(2026, 2, 1),
    before: Date.UTC(2026, 2, 2),
    oldestFirst: true,
  });
});

test("what cannot be meant is told parameter by parameter", async () => {
  for (const [query, parameter] of [
    ["kind=message.lost", "kind"],
    ["kind=", "kind"],
    ["message=7", "message"],
    ["after=yesterday", "after"],
    ["order=best", "order"],
    ["cursor=AQ", "cursor"],
    ["state=queued", "state"],
    ["limit=201", "limit"],
  ]) {
    const problem = await problemOf(await door.ask(`/v1/events?${query}`), 422);
    assert.deepEqual([problem.code, problem.errors?.[0]?.parameter], ["request-invalid", parameter], query);
  }
  assert.equal(door.story.asked.length, 0);
});

test("a cursor comes back as it was, and nothing that is none gets to the core", () => {
  assert.deepEqual(eventCursor(eventCursorText(CURSOR)), CURSOR);
  for (const text of ["1.5.' OR true", "2.5.x", "1..x", `1.99999999999999999.${CURSOR.key}`])
    assert.equal(eventCursor(Buffer.from(text).toString("base64url")), null, text);
});
