import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import {
  type FakeProvider,
  type MailPath,
  fakeProvider,
  outcome,
  startMailPath,
  submission,
} from "../../test/support/mail-path.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import type { Outcome } from "../mail/index.ts";
import type { MessageStory } from "../spool/index.ts";

/** A node that was taken for dead while its provider was still answering. */
describe("an answer that comes after the lease was lost", () => {
  let place: FreshDatabase;
  let harbour: FakeProvider;
  let path: MailPath;
  let answer: (outcomes: Outcome[]) => void;

  beforeEach(async () => {
    place = await freshDatabase();
    harbour = fakeProvider("harbour"); // one that cannot be asked what it took
    harbour.answer = (call) =>
      harbour.calls.length > 1
        ? call.envelope.recipients.map(() => outcome("accepted"))
        : new Promise<Outcome[]>((resolve) => (answer = resolve));
    path = await startMailPath(place.database, [harbour]);
  });
  afterEach(async () => {
    await path.stop();
    await place.drop();
  });

  /** Sent, not answered, and taken over; nobody works on it for the moment. */
  async function takenOver(to: string[]): Promise<MessageStory["spoolId"]> {
    const accepted = await path.port.accept(submission({ to }));
    assert.ok(accepted.kind === "accepted");
    await eventually(() => harbour.calls.length === 1);
    await place.database.query(
      "UPDATE queue SET state = 'queued', lease_node = NULL, fence = fence + 1, due_at = now() + interval '1 hour'",
    );
    return accepted.spoolId;
  }
  const storyWhen = (id: MessageStory["spoolId"], met: (story: MessageStory) => boolean) =>
    eventually(async () => {
      const story = await path.stories.find("acme", id);
      return story && met(story) ? story : null;
    });
  const dueNow = () => place.database.query("UPDATE queue SET due_at = now()");

  test("counts: what the provider took is not sent again by whoever has the message now", async () => {
    const id = await takenOver(["bob@example.net"]);
    answer([outcome("accepted")]);
    await storyWhen(id, (story) => story.attempts[0]?.outcome === "accepted");
    await dueNow();
    const story = await storyWhen(id, (one) => one.state === "ended");
    assert.equal(harbour.calls.length, 1);
    assert.equal(story.attempts.length, 1);
    assert.equal(story.recipients[0]!.state, "handed-off");
  });

  test("counts for the recipients it took; the others are tried again", async () => {
    const id = await takenOver(["bob@example.net", "eve@example.net"]);
    answer([outcome("deferred", "recipient", "greylisted"), outcome("accepted")]);
    await storyWhen(id, (story) => story.attempts[0]?.outcome === "accepted");
    await dueNow();
    const story = await storyWhen(id, (one) => one.state === "ended");
    assert.deepEqual(
      harbour.calls.map((call) => call.envelope.recipients.map((one) => one.mailbox.address)),
      [["bob@example.net", "eve@example.net"], ["bob@example.net"]],
    );
    assert.ok(story.recipients.every((one) => one.state === "handed-off"));
  });
});
