import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import {
  type FakeProvider,
  type MailPath,
  type MailPathOptions,
  fakeProvider,
  outcome,
  NOTHING_KEPT,
  startMailPath,
  submission,
} from "../../test/support/mail-path.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { type ShiftingClock, shiftingClock } from "../../test/support/shifting-clock.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../kernel/index.ts";
import type { LookupAnswer } from "../providers/index.ts";
import type { MessageStory } from "../spool/index.ts";

type SpoolId = MessageStory["spoolId"];

let place: FreshDatabase;
let clock: ShiftingClock;
let harbour: FakeProvider;
let path: MailPath;

async function start(options: MailPathOptions = {}, lookup?: () => LookupAnswer): Promise<void> {
  harbour = fakeProvider("harbour", lookup ? { lookup } : {});
  path = await startMailPath(place.database, [harbour], { clock, bodyMs: NOTHING_KEPT, ...options });
}
beforeEach(async () => {
  place = await freshDatabase();
  clock = shiftingClock({ longestWaitMs: 250 });
});
afterEach(async () => {
  await path.stop();
  await place.drop();
});

async function accepted(stream: string): Promise<SpoolId> {
  const answer = await path.port.accept(submission({ stream }));
  assert.ok(answer.kind === "accepted");
  return answer.spoolId;
}
const storyWhen = (id: SpoolId, met: (story: MessageStory) => boolean): Promise<MessageStory> =>
  eventually(async () => {
    const story = await path.stories.find("acme", id);
    return story && met(story) ? story : null;
  });
const later = () => (harbour.answer = () => [outcome("deferred", "recipient", "greylisted")]);
const takes = () => (harbour.answer = (call) => call.envelope.recipients.map(() => outcome("accepted")));
const deferred = (story: MessageStory) => story.state === "queued" && story.attempts.length > 0;
const bodies = async (id: SpoolId) =>
  (await place.database.query("SELECT 1 FROM bodies WHERE spool_id = $1", [id])).length;

describe("a message that waits until its time is over", () => {
  for (const [stream, lifeMs] of [
    ["security", 15 * MINUTE_MS],
    ["notices", 72 * HOUR_MS],
    ["alerts", 24 * HOUR_MS],
    ["receipts", 72 * HOUR_MS],
  ] as const) {
    test(`of ${stream} is still tried just before, ends as expired just after, and is never sent then`, async () => {
      await start();
      later();
      const id = await accepted(stream);
      await storyWhen(id, deferred);
      const tries = harbour.calls.length;
      clock.shift(lifeMs - 10 * SECOND_MS);
      await storyWhen(id, (story) => deferred(story) && story.attempts.length > tries);
      takes();
      await place.database.query("UPDATE queue SET due_at = due_at + interval '1 hour' WHERE state = 'queued'");
      const before = harbour.calls.length;
      clock.shift(20 * SECOND_MS);
      await place.database.query("UPDATE queue SET due_at = now()");
      const story = await storyWhen(id, (one) => one.state === "ended");
      assert.equal(story.recipients[0]!.state, "expired");
      assert.equal(story.recipients[0]!.reason, "last: harbour greylisted");
      assert.equal(story.events.at(-1)!.kind, "message.expired");
      assert.equal(harbour.calls.length, before, "sent after its time");
      assert.equal(await bodies(id), 0);
    });
  }

  test("is woken for its end even where its next try would be later", async () => {
    await start();
    later();
    const id = await accepted("security");
    await storyWhen(id, deferred);
    const [row] = await place.database.query<{ due: number; expires: number }>(
      "SELECT due_at AS due, expires_at AS expires FROM queue JOIN messages USING (spool_id)",
    );
    assert.ok(row!.due <= row!.expires);
    clock.shift(16 * MINUTE_MS);
    await storyWhen(id, (one) => one.recipients[0]!.state === "expired");
  });

  test("bulk has no end of its own", async () => {
    await start();
    later();
    const id = await accepted("news");
    await storyWhen(id, deferred);
    clock.shift(365 * 24 * HOUR_MS);
    takes();
    assert.equal((await storyWhen(id, (story) => story.state === "ended")).recipients[0]!.state, "handed-off");
  });

  test("in memory, behind a slow provider, is not sent either", async () => {
    await start({ concurrency: 1 });
    let answer = () => {};
    harbour.answer = (call) =>
      new Promise((resolve) => (answer = () => resolve(call.envelope.recipients.map(() => outcome("accepted")))));
    const first = await accepted("security");
    await eventually(() => harbour.calls.length === 1);
    const second = await accepted("security");
    clock.shift(16 * MINUTE_MS);
    answer();
    assert.equal((await storyWhen(first, (one) => one.state === "ended")).recipients[0]!.state, "handed-off");
    assert.equal((await storyWhen(second, (one) => one.state === "ended")).recipients[0]!.state, "expired");
    assert.equal(harbour.calls.length, 1);
  });

  test("with an unknown end that nobody can resolve is not sent a second time, and ends", async () => {
    await start({}, () => "unavailable");
    harbour.answer = () => [outcome("indeterminate", "message", "no-answer")];
    const id = await accepted("security");
    await storyWhen(id, (story) => story.attempts[0]?.outcome === "indeterminate");
    takes();
    clock.shift(16 * MINUTE_MS);
    assert.equal((await storyWhen(id, (one) => one.state === "ended")).recipients[0]!.state, "expired");
    assert.equal(harbour.calls.length, 1);
  });
});

describe("a held message", () => {
  async function held(stream: string): Promise<SpoolId> {
    later();
    const id = await accepted(stream);
    await storyWhen(id, deferred);
    await eventually(async () => (await path.acts.hold("acme", id, "operator:test")) === "done");
    return id;
  }

  test("is tried by nobody, and ends when its time is over", async () => {
    await start();
    const id = await held("alerts");
    takes();
    const tries = harbour.calls.length;
    clock.shift(23 * HOUR_MS);
    await eventually(async () => (await place.database.query("SELECT 1 FROM queue WHERE state = 'held'")).length === 1);
    clock.shift(2 * HOUR_MS);
    const story = await storyWhen(id, (one) => one.state === "ended");
    assert.equal(story.recipients[0]!.state, "expired");
    assert.equal(harbour.calls.length, tries);
    assert.equal(await bodies(id), 0);
  });

  test("released in time goes out at once", async () => {
    await start();
    const id = await held("alerts");
    takes();
    clock.shift(23 * HOUR_MS);
    assert.equal(await path.acts.release("acme", id, "operator:test"), "done");
    assert.equal((await storyWhen(id, (one) => one.state === "ended")).recipients[0]!.state, "handed-off");
  });

  test("released too late ends instead of being sent", async () => {
    await start();
    const id = await held("security");
    takes();
    const tries = harbour.calls.length;
    await place.database.query("UPDATE queue SET due_at = due_at + interval '10 years'"); // nobody has looked yet
    clock.shift(16 * MINUTE_MS);
    assert.equal(await path.acts.release("acme", id, "operator:test"), "done");
    assert.equal((await storyWhen(id, (one) => one.state === "ended")).recipients[0]!.state, "expired");
    assert.equal(harbour.calls.length, tries);
  });
});
