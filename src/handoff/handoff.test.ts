import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, test } from "node:test";
import { freshDatabase, type FreshDatabase } from "../../test/support/postgres.ts";
import {
  type FakeProvider,
  type MailPath,
  fakeProvider,
  outcome,
  NOTHING_KEPT,
  startMailPath,
  submission,
} from "../../test/support/mail-path.ts";
import { eventually } from "../../test/support/eventually.ts";
import type { MessageStory } from "../spool/index.ts";

let place: FreshDatabase;
let harbour: FakeProvider;
let lantern: FakeProvider;
let path: MailPath;

beforeEach(async () => {
  place = await freshDatabase();
  harbour = fakeProvider("harbour");
  lantern = fakeProvider("lantern");
  path = await startMailPath(place.database, [harbour, lantern], { bodyMs: NOTHING_KEPT });
});
afterEach(async () => {
  await path.stop();
  await place.drop();
});
after(() => {});

async function accepted(change: Parameters<typeof submission>[0] = {}): Promise<string> {
  const answer = await path.port.accept(submission(change));
  assert.equal(answer.kind, "accepted");
  return answer.kind === "accepted" ? answer.spoolId : "";
}

const storyWhen = (id: string, met: (story: MessageStory) => boolean): Promise<MessageStory> =>
  eventually(async () => {
    const story = await path.stories.find("acme", id as MessageStory["spoolId"]);
    return story && met(story) ? story : null;
  });
const ended = (story: MessageStory) => story.state === "ended";

describe("a message that goes well", () => {
  test("is handed to the preferred provider once, and its body is gone in the commit that ends it", async () => {
    const id = await accepted();
    const story = await storyWhen(id, ended);
    assert.deepEqual(story.recipients, [{ address: "bob@example.net", state: "handed-off", reason: null }]);
    assert.equal(story.attempts.length, 1);
    assert.equal(story.attempts[0]!.provider, "harbour");
    assert.equal(story.attempts[0]!.routeReason, "preferred");
    assert.equal(story.attempts[0]!.outcome, "accepted");
    assert.equal(harbour.calls.length, 1);
    assert.equal((await place.database.query("SELECT 1 FROM bodies")).length, 0);
    assert.equal((await place.database.query("SELECT 1 FROM queue")).length, 0);
  });

  test("carries our id and its attempt's, and neither Bcc nor the stream field", async () => {
    const id = await accepted({
      raw: "From: app@acme.test\r\nBcc: secret@example.net\r\nX-Postern-Stream: security\r\nX-Postern-Id: forged\r\nSubject: s\r\n\r\nBody\r\n",
    });
    const story = await storyWhen(id, ended);
    assert.equal(story.class, "C0");
    const sent = harbour.calls[0]!.raw.toString();
    assert.match(sent, new RegExp(`^X-Postern-Attempt: [0-9a-f]{32}\r\nReceived: by postern.test \\(Postern\\)`));
    assert.match(sent, new RegExp(`\r\nX-Postern-Id: ${id}\r\n`));
    assert.doesNotMatch(sent, /secret@|X-Postern-Stream|forged/);
    assert.match(sent, /\r\nMessage-ID: <.*>\r\nDate: .* \+0000\r\n\r\nBody\r\n$/);
  });

  test("leaves three leaves in the ledger: accepted, intent, outcome", async () => {
    const id = await accepted();
    await storyWhen(id, ended);
    const rows = await place.database.query<{ leaf: Buffer }>("SELECT leaf FROM ledger_leaves ORDER BY leaf_id");
    const leaves = rows.map((row) => JSON.parse(row.leaf.toString()) as { kind: string; id: string });
    assert.deepEqual(
      leaves.map((leaf) => leaf.kind),
      ["accepted", "intent", "outcome"],
    );
    assert.ok(leaves.every((leaf) => leaf.id === id));
    assert.doesNotMatch(rows.map((row) => row.leaf.toString()).join(), /bob@/);
  });
});

describe("failover", () => {
  for (const [name, answer] of Object.entries({
    "a provider that says later": outcome("deferred", "message", "try-later"),
    "a provider that holds it": outcome("held", "account", "account-suspended"),
    "a provider that refuses the account": outcome("rejected", "account", "account-suspended"),
  })) {
    test(`${name} loses the message to the standby at once`, async () => {
      harbour.answer = () => [answer];
      const story = await storyWhen(await accepted(), ended);
      assert.deepEqual(
        story.attempts.map((one) => [one.provider, one.outcome]),
        [
          ["harbour", answer.kind],
          ["lantern", "accepted"],
        ],
      );
      assert.match(story.attempts[1]!.routeReason, /standby; after harbour/);
    });
  }

  test("a refused recipient is final and no other provider is asked", async () => {
    harbour.answer = () => [outcome("rejected", "recipient", "mailbox-unavailable")];
    const story = await storyWhen(await accepted(), ended);
    assert.deepEqual(story.recipients[0], {
      address: "bob@example.net",
      state: "rejected",
      reason: "mailbox-unavailable",
    });
    assert.equal(lantern.calls.length, 0);
    assert.deepEqual(
      story.events.map((event) => event.kind),
      ["message.rejected"],
    );
  });

  test("of two recipients only the deferred one goes to the standby", async () => {
    harbour.answer = () => [outcome("accepted"), outcome("deferred", "recipient", "greylisted")];
    const story = await storyWhen(await accepted({ to: ["bob@example.net", "eve@example.net"] }), ended);
    assert.deepEqual(
      lantern.calls.map((call) => call.envelope.recipients.map((one) => one.mailbox.address)),
      [["eve@example.net"]],
    );
    assert.deepEqual(story.attempts[1]!.recipients, [1]);
    assert.ok(story.recipients.every((one) => one.state === "handed-off"));
  });

  test("a provider that takes few recipients at once is asked again for the rest, at once", async () => {
    harbour.capabilities.maxRecipients = 2;
    const to = ["a", "b", "c", "d", "e"].map((name) => `${name}@example.net`);
    const story = await storyWhen(await accepted({ to }), ended);
    assert.deepEqual(
      harbour.calls.map((call) => call.envelope.recipients.map((one) => one.mailbox.localPart)),
      [["a", "b"], ["c", "d"], ["e"]],
    );
    assert.deepEqual(
      story.attempts.map((one) => [one.provider, one.recipients]),
      [
        ["harbour", [0, 1]],
        ["harbour", [2, 3]],
        ["harbour", [4]],
      ],
    );
    assert.ok(story.recipients.every((one) => one.state === "handed-off"));
  });

  test("an unknown end is never passed on blindly: the message waits", async () => {
    harbour.answer = () => [outcome("indeterminate", "message", "no-answer")];
    const story = await storyWhen(await accepted(), (one) => one.state === "queued" && one.attempts.length === 1);
    assert.equal(story.attempts[0]!.outcome, "indeterminate");
    assert.equal(lantern.calls.length, 0);
  });

  test("when every provider that may have it holds it, it is held for a person, who may release it", async () => {
    harbour.answer = () => [outcome("held", "message", "account-suspended")];
    lantern.answer = () => [outcome("held", "message", "account-suspended")];
    const id = await accepted();
    const story = await storyWhen(id, (one) => one.state === "held");
    assert.equal(story.heldReason, "held-by-provider: account-suspended");
    lantern.answer = (call) => call.envelope.recipients.map(() => outcome("accepted"));
    harbour.answer = lantern.answer;
    assert.equal(await path.acts.release("acme", story.spoolId, "operator:test"), "done");
    assert.equal((await storyWhen(id, ended)).recipients[0]!.state, "handed-off");
  });
});

describe("suppression", () => {
  beforeEach(() =>
    place.database.query(
      "INSERT INTO suppressions (tenant, address, reason) VALUES ('acme', 'bob@example.net', 'bounced')",
    ),
  );

  test("takes a recipient out before any provider is called", async () => {
    const story = await storyWhen(await accepted({ to: ["Bob@example.net"] }), ended);
    assert.deepEqual(story.recipients[0], { address: "Bob@example.net", state: "suppressed", reason: "bounced" });
    assert.equal(harbour.calls.length, 0);
    assert.deepEqual(
      story.events.map((event) => event.kind),
      ["message.suppressed"],
    );
  });

  test("leaves the others", async () => {
    await storyWhen(await accepted({ to: ["bob@example.net", "eve@example.net"] }), ended);
    assert.deepEqual(
      harbour.calls[0]!.envelope.recipients.map((one) => one.mailbox.address),
      ["eve@example.net"],
    );
  });

  test("does not stop a secret or a security notice", async () => {
    await storyWhen(await accepted({ stream: "security" }), ended);
    await storyWhen(await accepted({ stream: "notices" }), ended);
    assert.equal(harbour.calls.length, 2);
  });
});

describe("an Idempotency-Key", () => {
  test("gives the same answer to the same message and a refusal to another", async () => {
    const first = await path.port.accept(submission({ key: "k1" }));
    const again = await path.port.accept(submission({ key: "k1" }));
    const other = await path.port.accept(submission({ key: "k1", to: ["eve@example.net"] }));
    assert.ok(first.kind === "accepted" && again.kind === "accepted");
    assert.deepEqual([again.spoolId, again.replayed], [first.spoolId, true]);
    assert.ok(other.kind === "refused" && other.refusal.code === "idempotency-key-reused");
    await storyWhen(first.spoolId, ended);
    assert.equal(harbour.calls.length, 1);
  });

  test("of many at once exactly one is stored", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => path.port.accept(submission({ key: "k2" }))));
    const ids = new Set(answers.map((one) => (one.kind === "accepted" ? one.spoolId : one.refusal.code)));
    assert.equal(ids.size, 1);
    assert.equal(answers.filter((one) => one.kind === "accepted" && !one.replayed).length, 1);
  });
});
