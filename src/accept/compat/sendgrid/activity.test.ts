import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventEntry, EventFilter, StoryReader } from "../../../spool/index.ts";
import { EVENT } from "../../../../test/support/message-story.ts";
import { activities } from "./activity.ts";
import { isFault } from "./dialect.ts";

/** Answers as the spool does, from a list that is newest first. */
const storiesOf = (events: readonly EventEntry[]): { stories: StoryReader } => ({
  stories: {
    events: async ({ kinds, after, before, spoolId }: EventFilter) => ({
      events: events.filter(
        (one) =>
          (kinds?.includes(one.kind) ?? true) &&
          one.at >= (after ?? 0) &&
          one.at < (before ?? Number.POSITIVE_INFINITY) &&
          (spoolId ?? one.spoolId) === one.spoolId,
      ),
      next: null,
    }),
  } as unknown as StoryReader,
});
const at = (seconds: number, kind: string, n = 0): EventEntry => ({
  ...EVENT,
  kind,
  at: EVENT.message.acceptedAt + seconds * 1000,
  recipientNumber: n,
  recipient: `r${n}@example.com`,
});
const told = [
  at(9, "message.complained"),
  at(8, "message.opened"),
  at(7, "message.opened"),
  at(6, "message.delivered"),
  at(2, "message.bounced", 1),
  at(1, "message.accepted", 1),
  at(1, "message.accepted"),
];
const found = async (query: Parameters<typeof activities>[1]) => {
  const answer = await activities("acme", query, 10, storiesOf(told));
  return isFault(answer)
    ? assert.fail(answer.errors[0]!.message)
    : answer.map((one) => [one.n, one.last.kind, one.opens]);
};

test("each recipient is there once, with what happened last", async () => {
  assert.deepEqual(await found({}), [
    [0, "message.complained", 2],
    [1, "message.bounced", 0],
  ]);
  assert.deepEqual(await found({ statuses: ["not_delivered"] }), [[1, "message.bounced", 0]]);
});

test("a span of time means the last event: whoever heard something later is not in it", async () => {
  assert.deepEqual(await found({ before: EVENT.message.acceptedAt + 5_000 }), [[1, "message.bounced", 0]]);
});

test("what is not found within bounds is said, and not left out", async () => {
  const endless = {
    stories: { events: async () => ({ events: [], next: { at: 0, key: "x" } }) } as unknown as StoryReader,
  };
  const answer = await activities("acme", {}, 10, endless);
  assert.ok(isFault(answer) && /Narrow the query/.test(answer.errors[0]!.message));
});
