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
import type { SpoolId } from "../kernel/index.ts";
import type { Outcome } from "../mail/index.ts";
import type { MessageStory } from "./story.ts";

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

const given = (supersedes?: string) => ({
  ...submission({ stream: "security" }),
  ...(supersedes === undefined ? {} : { supersedes }),
});
async function sent(supersedes?: string): Promise<SpoolId> {
  const answer = await path.port.accept(given(supersedes));
  if (answer.kind !== "accepted") throw new Error(answer.refusal.code);
  return answer.spoolId;
}
const storyWhen = (id: SpoolId, met: (story: MessageStory) => boolean): Promise<MessageStory> =>
  eventually(async () => {
    const story = await path.stories.find("acme", id);
    return story && met(story) ? story : null;
  });

describe("a message whose place another one takes", () => {
  test("is not sent where it waits, and is told once; the new one goes out", async () => {
    harbour.answer = () => [outcome("deferred")];
    const old = await sent();
    await storyWhen(old, (story) => story.state === "queued" && story.attempts.length === 1);
    harbour.answer = () => [outcome("accepted")];
    const fresh = await sent(old);
    await storyWhen(fresh, (story) => story.state === "ended");
    const story = await storyWhen(old, (one) => one.state === "ended");
    assert.deepEqual(story.recipients[0], {
      address: "bob@example.net",
      state: "cancelled",
      reason: "superseded",
    });
    assert.equal(await sent(old).then(() => "taken"), "taken", "a second new one is no mistake");
    const told = (await path.stories.find("acme", old))!.events.filter((one) => one.kind === "message.superseded");
    assert.equal(told.length, 1);
    assert.equal(told[0]!.detail["by"], fresh);
  });

  test("is not tried anywhere else once the try under way has ended", async () => {
    const { promise, resolve } = Promise.withResolvers<Outcome[]>();
    harbour.answer = () => promise;
    const old = await sent();
    await eventually(() => harbour.calls.length === 1);
    harbour.answer = () => [outcome("accepted")];
    const fresh = await sent(old);
    resolve([outcome("deferred")]);
    await storyWhen(fresh, (story) => story.state === "ended");
    const story = await storyWhen(old, (one) => one.state === "ended");
    assert.equal(story.recipients[0]!.state, "cancelled");
    assert.equal(harbour.calls.filter((one) => one.spoolId === old).length, 1);
  });

  test("has to be one of the same tenant, named by its id", async () => {
    const stranger = await sent();
    await storyWhen(stranger, (one) => one.state === "ended");
    await place.database.query("UPDATE messages SET tenant = 'other' WHERE spool_id = $1", [stranger]);
    for (const [supersedes, code] of [
      [stranger, "supersedes-unknown"],
      ["01234567-89ab-7def-8123-456789abcdef", "supersedes-unknown"],
      ["no id", "supersedes-invalid"],
    ] as const) {
      const answer = await path.port.accept(given(supersedes));
      assert.equal(answer.kind === "refused" && answer.refusal.code, code);
    }
    const [row] = await place.database.query<{ by: string | null }>(
      "SELECT superseded_by AS by FROM messages WHERE spool_id = $1",
      [stranger],
    );
    assert.equal(row!.by, null);
  });

  test("may be named in a field of the message itself, which goes no further", async () => {
    const old = await sent();
    await storyWhen(old, (one) => one.state === "ended");
    const raw = `From: app@acme.test\r\nTo: bob@example.net\r\nX-Postern-Supersedes: ${old}\r\nSubject: new\r\n\r\nNew\r\n`;
    const answer = await path.port.accept(submission({ stream: "security", raw }));
    assert.equal(answer.kind, "accepted");
    await eventually(() => harbour.calls.length === 2);
    assert.doesNotMatch(harbour.calls[1]!.raw.toString(), /supersedes/i);
    const [row] = await place.database.query<{ by: string | null }>(
      "SELECT superseded_by AS by FROM messages WHERE spool_id = $1",
      [old],
    );
    assert.notEqual(row!.by, null);
  });
});
