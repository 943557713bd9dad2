import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EVENT } from "../../../../test/support/message-story.ts";
import type { EventCursor, EventEntry, EventFilter, StoryReader } from "../../../spool/index.ts";
import type { CompatParts } from "../compat.ts";
import { type EventsPage, findPage, readToken, tokenOf } from "./event-pages.ts";
import { messagesCalled, newMessageId } from "./message-id.ts";

const LIST = { oldestFirst: false };
const entry = (n: number, change: Partial<EventEntry> = {}): EventEntry => ({
  ...EVENT,
  at: n,
  key: `k${n}`,
  ...change,
});

/** Some entries, and what was asked for them. */
function readerOf(entries: readonly EventEntry[]): { parts: CompatParts; asked: EventFilter[] } {
  const asked: EventFilter[] = [];
  const events: StoryReader["events"] = (filter, limit, after: EventCursor | null) => {
    asked.push(filter);
    const sign = filter.oldestFirst ? 1 : -1;
    const ordered = entries.toSorted((one, other) => sign * (one.at - other.at));
    const beyond = ordered.filter(({ at }) => after === null || sign * (at - after.at) > 0);
    const page = beyond.slice(0, limit);
    const last = page.at(-1);
    return Promise.resolve({
      events: page,
      next: beyond.length > limit && last ? { at: last.at, key: last.key } : null,
    });
  };
  return { parts: { stories: { events } } as unknown as CompatParts, asked };
}

describe("pages of events", () => {
  const numbers = (entries: readonly EventEntry[]): number[] => entries.map(({ at }) => at);

  test("lie beside each other in both directions, and beyond the ends there is nothing to miss", async () => {
    const { parts } = readerOf([1, 2, 3, 4, 5].map((n) => entry(n)));
    const find = (page: EventsPage) => findPage(page, "acme", "acme.test", parts);
    const first = await find({ list: LIST, limit: 2 });
    const second = await find(first.around.next);
    const third = await find(second.around.next);
    const beyond = await find(third.around.next);
    assert.deepEqual(
      [first, second, third, beyond].map(({ entries }) => numbers(entries)),
      [[5, 4], [3, 2], [1], []],
    );
    assert.deepEqual(numbers((await find(third.around.previous)).entries), [3, 2]);
    assert.deepEqual(numbers((await find(beyond.around.previous)).entries), [2, 1], "the last page, whole");
    const before = await find(first.around.previous);
    assert.deepEqual(before.entries, []);
    assert.deepEqual(numbers((await find(before.around.next)).entries), [5, 4]);
  });

  test("what a kind of ours holds beside what is asked for is read over", async () => {
    const rejected = (n: number, cause: string): EventEntry =>
      entry(n, { kind: "message.rejected", detail: { cause } });
    const mixed = [1, 2, 3, 4, 5, 6].map((n) => rejected(n, n > 2 ? "mailbox-unavailable" : "message-refused"));
    const { parts, asked } = readerOf(mixed);
    const page = await findPage({ list: { ...LIST, events: ["rejected"] }, limit: 2 }, "acme", undefined, parts);
    assert.deepEqual(numbers(page.entries), [2, 1]);
    assert.deepEqual(asked[0]!.kinds, ["message.rejected"]);
  });

  test("an address of a page names no tenant, and one that somebody made up leads nowhere", () => {
    const page = { list: { ...LIST, recipient: "ada@example.com" }, limit: 2, place: [7, "k7"] as [number, string] };
    assert.deepEqual(readToken(tokenOf(page)), page);
    const forged = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const token of [
      "x",
      "",
      "a".repeat(5_000),
      forged(null),
      forged({ ...page, limit: 100_000 }),
      forged({ ...page, place: [7, "k'; DROP TABLE messages"] }),
      forged({ ...page, place: [1e300, "k7"] }),
      forged({ ...page, list: { ...LIST, messageId: "\0" } }),
      forged({ ...page, list: { ...LIST, after: -1 } }),
    ])
      assert.equal(readToken(token), null, token.slice(0, 40));
    assert.deepEqual(readToken(forged({ ...page, tenant: "other" })), page);
  });
});

test("a message id of ours says when its message was accepted; any other says nothing", () => {
  const at = Date.UTC(2026, 10, 25, 3, 20, 48);
  const clock = { now: () => at } as never;
  const random = { bytes: (count: number) => Buffer.alloc(count, 7) } as never;
  const id = newMessageId("acme.test", { clock, random });
  assert.match(id, /^<20261125032048\.(?:07){16}@acme\.test>$/);
  const found = messagesCalled(id.slice(1, -1));
  assert.equal(found.headerMessageId, id);
  assert.ok(found.acceptedAfter! < at && at < found.acceptedBefore!);
  assert.deepEqual(messagesCalled("own@acme.test"), { headerMessageId: "<own@acme.test>" });
});
