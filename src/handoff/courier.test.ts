import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import {
  type FakeProvider,
  type MailPath,
  fakeProvider,
  startMailPath,
  submission,
} from "../../test/support/mail-path.ts";
import { newMessage } from "../../test/support/new-message.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { newNodeId, noFailpoint, systemClock, systemRandom } from "../kernel/index.ts";
import { type MessageStory, Sealer, Spool } from "../spool/index.ts";

let place: FreshDatabase;
let harbour: FakeProvider;
let path: MailPath;

beforeEach(async () => {
  place = await freshDatabase();
  harbour = fakeProvider("harbour");
  path = await startMailPath(place.database, [harbour]);
});
afterEach(async () => {
  await path.stop();
  await place.drop();
});

const storyWhen = (id: string, met: (story: MessageStory) => boolean): Promise<MessageStory> =>
  eventually(async () => {
    const story = await path.stories.find("acme", id as MessageStory["spoolId"]);
    return story && met(story) ? story : null;
  });

test("an adapter that breaks its promise and throws leaves a try with an unknown end, not one that begins again", async () => {
  harbour.answer = () => {
    throw new TypeError("cannot read properties of undefined");
  };
  const answer = await path.port.accept(submission());
  assert.ok(answer.kind === "accepted");
  const story = await storyWhen(answer.spoolId, (one) => one.state === "queued" && one.attempts[0]?.outcome !== null);
  assert.deepEqual(
    story.attempts.map((one) => [one.outcome, one.cause]),
    [["indeterminate", "adapter-failed"]],
  );
  assert.equal(harbour.calls.length, 1);
});

test("a message with a stored address that no longer parses is held before any try", async () => {
  const message = newMessage({
    acceptedAt: systemClock.now(),
    expiresAt: systemClock.now() + 60_000,
    recipients: [{ address: "no address", notify: null, original: null }],
  });
  message.body = new Sealer(Buffer.alloc(32, 7), systemRandom).seal(
    message.spoolId,
    Buffer.from("From: a@acme.test\r\n"),
  );
  const node = newNodeId(systemClock, systemRandom);
  await new Spool({ node, database: place.database, failpoint: noFailpoint }).accept(message);
  const story = await storyWhen(message.spoolId, (one) => one.state === "held");
  assert.equal(story.heldReason, "envelope-unreadable");
  assert.deepEqual(story.attempts, []);
});
