import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import {
  type FakeProvider,
  type MailPath,
  fakeProvider,
  outcome,
  NOTHING_KEPT,
  startMailPath,
  submission,
} from "../../test/support/mail-path.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { type ShiftingClock, shiftingClock } from "../../test/support/shifting-clock.ts";
import { HOUR_MS, MINUTE_MS } from "../kernel/index.ts";
import type { MessageStory } from "../spool/index.ts";

let place: FreshDatabase;
let clock: ShiftingClock;
let harbour: FakeProvider;
let path: MailPath;
beforeEach(async () => {
  place = await freshDatabase();
  clock = shiftingClock({ longestWaitMs: 250 });
  harbour = fakeProvider("harbour");
  path = await startMailPath(place.database, [harbour], { clock, bodyMs: NOTHING_KEPT });
});
afterEach(async () => {
  await path.stop();
  await place.drop();
});

type SpoolId = MessageStory["spoolId"];
const scheduled = async (sendAt: number, stream = "alerts"): Promise<SpoolId> => {
  const answer = await path.port.accept({ ...submission({ stream }), sendAt });
  assert.ok(answer.kind === "accepted");
  return answer.spoolId;
};
const storyOf = async (id: SpoolId): Promise<MessageStory> => (await path.stories.find("acme", id))!;
const ended = (id: SpoolId): Promise<MessageStory> =>
  eventually(async () => {
    const story = await storyOf(id);
    return story.state === "ended" ? story : null;
  });
/** Everything that was due has been taken: one that came later and is for now went through. */
const passed = async (): Promise<void> => {
  const answer = await path.port.accept(submission());
  assert.ok(answer.kind === "accepted");
  await ended(answer.spoolId);
  // A message born leased says nothing of the queue: let one go through that, too.
  const queued = await scheduled(clock.now() + HOUR_MS, "notices");
  await path.acts.retry("acme", queued, "test");
  await ended(queued);
};

test("a scheduled message is kept sealed, is not sent early, and is sent once within a second of its time", async () => {
  const at = clock.now() + 3 * HOUR_MS;
  const id = await scheduled(at);
  const waiting = await storyOf(id);
  assert.deepEqual([waiting.state, waiting.dueAt, waiting.sendAt], ["scheduled", at, at]);
  assert.equal(waiting.expiresAt, at + 24 * HOUR_MS, "its life begins when it is sent");
  clock.shift(3 * HOUR_MS - MINUTE_MS);
  await passed();
  assert.ok(
    harbour.calls.every((call) => call.spoolId !== id),
    "sent early",
  );
  clock.shift(MINUTE_MS);
  const story = await ended(id);
  assert.equal(story.recipients[0]!.state, "handed-off");
  const waited = story.attempts[0]!.intentAt - at;
  assert.ok(waited >= 0 && waited < 1_000, `tried ${waited} ms after its time`);
  await passed();
  assert.equal(harbour.calls.filter((call) => call.spoolId === id).length, 1);
  assert.match(harbour.calls.find((call) => call.spoolId === id)!.raw.toString(), /Hello there/);
});

test("a scheduled message outlives the process that took it, and waits for its time under the next one", async () => {
  const at = clock.now() + HOUR_MS;
  const id = await scheduled(at);
  await path.stop();
  path = await startMailPath(place.database, [harbour], { clock, bodyMs: NOTHING_KEPT });
  await passed();
  assert.equal((await storyOf(id)).state, "scheduled");
  clock.shift(HOUR_MS);
  assert.equal((await ended(id)).attempts.length, 1);
  assert.equal(harbour.calls.filter((call) => call.spoolId === id).length, 1);
});

test("nothing of a scheduled message is tried or counted before: no lease, no intent, and held back it stays so", async () => {
  const id = await scheduled(clock.now() + HOUR_MS);
  const [row] = await place.database.query("SELECT state, fence, attempt_count, lease_node FROM queue");
  assert.deepEqual(row, { state: "queued", fence: 0, attempt_count: 0, lease_node: null });
  assert.equal(await path.acts.hold("acme", id, "test"), "done");
  assert.equal(await path.acts.release("acme", id, "test"), "done");
  assert.equal((await storyOf(id)).state, "scheduled", "a hold that ended is no order to send early");
});

test("a cancelled one is never sent, and its text is gone at once", async () => {
  const id = await scheduled(clock.now() + HOUR_MS);
  assert.equal(await path.acts.cancel("acme", id, "test"), "done");
  assert.equal((await place.database.query("SELECT 1 FROM bodies")).length, 0);
  clock.shift(2 * HOUR_MS);
  await passed();
  assert.equal((await storyOf(id)).recipients[0]!.state, "cancelled");
  assert.ok(harbour.calls.every((call) => call.spoolId !== id));
});

test("one whose first try is put off waits by its time, not by its acceptance, and is not scheduled any more", async () => {
  harbour.answer = () => [outcome("deferred", "recipient", "greylisted")];
  const at = clock.now() + 10 * HOUR_MS;
  const id = await scheduled(at);
  clock.shift(10 * HOUR_MS);
  const story = await eventually(async () => {
    const one = await storyOf(id);
    return one.attempts[0]?.settledAt && one.state === "queued" ? one : null;
  });
  assert.ok(story.dueAt! - clock.now() < 10_000, "a second try within seconds, as of a new message");
  assert.equal(await path.acts.reschedule("acme", id, clock.now() + HOUR_MS, "test"), "not-applicable");
});

test("what may not wait so long is refused and not stored", async () => {
  const far = await path.port.accept({ ...submission(), sendAt: clock.now() + 31 * 24 * HOUR_MS });
  assert.equal(far.kind === "refused" && far.refusal.code, "send-at-too-far");
  const secret = await path.port.accept({ ...submission({ stream: "security" }), sendAt: clock.now() + HOUR_MS });
  assert.equal(secret.kind === "refused" && secret.refusal.code, "send-at-beyond-secret");
  assert.equal((await place.database.query("SELECT 1 FROM messages")).length, 0);
});
