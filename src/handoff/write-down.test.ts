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
import { newMessage } from "../../test/support/new-message.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { newNodeId, noFailpoint, systemClock, systemRandom } from "../kernel/index.ts";
import { type MessageStory, Sealer, Spool } from "../spool/index.ts";
import { type Database, type Statement, databaseProblem } from "../store/index.ts";

let place: FreshDatabase;
let harbour: FakeProvider;
let path: MailPath;

beforeEach(async () => {
  place = await freshDatabase();
  harbour = fakeProvider("harbour");
});
afterEach(async () => {
  await path.stop();
  await place.drop();
});

async function accepted(change: Parameters<typeof submission>[0] = {}): Promise<string> {
  const answer = await path.port.accept(submission(change));
  assert.ok(answer.kind === "accepted");
  return answer.spoolId;
}
const storyWhen = (id: string, met: (story: MessageStory) => boolean): Promise<MessageStory> =>
  eventually(async () => {
    const story = await path.stories.find("acme", id as MessageStory["spoolId"]);
    return story && met(story) ? story : null;
  });
const ended = (story: MessageStory) => story.state === "ended";

test("texts of the queue come into memory within their bound, however many slots there are", async () => {
  path = await startMailPath(place.database, [harbour], { concurrency: 50, inFlightBytes: 100_000 });
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  harbour.answer = async () => gate.then(() => [outcome("accepted")]);
  const raw = `From: app@acme.test\r\nSubject: s\r\n\r\n${`${"x".repeat(900)}\r\n`.repeat(44)}`;
  const ids = await Promise.all(Array.from({ length: 12 }, () => accepted({ raw })));
  const leased = () => place.database.query("SELECT 1 FROM queue WHERE state = 'leased'");
  await eventually(async () => (await leased()).length === ids.length);
  for (let n = 0; n < 20; n += 1) await leased();
  assert.equal(harbour.calls.length, 2);
  release();
  for (const id of ids) await storyWhen(id, ended);
  assert.equal(harbour.calls.length, ids.length);
});

test("a text that finds no room waits for those on their way, and for nobody behind it", async () => {
  path = await startMailPath(place.database, [harbour], { concurrency: 1, inFlightBytes: 100_000 });
  const raw = (size: number) =>
    `From: app@acme.test\r\nSubject: s\r\n\r\n${`${"x".repeat(98)}\r\n`.repeat(size / 100)}`;
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  harbour.answer = async () => gate.then(() => [outcome("accepted")]);
  const first = await accepted({ raw: raw(10_000) });
  await eventually(() => harbour.calls.length === 1);

  const text = Buffer.from(raw(50_000));
  const times = { acceptedAt: systemClock.now(), expiresAt: systemClock.now() + 60_000 };
  const queued = newMessage({ ...times, sizeBytes: text.length });
  queued.body = new Sealer(Buffer.alloc(32, 7), systemRandom).seal(queued.spoolId, text);
  const node = newNodeId(systemClock, systemRandom);
  await new Spool({ node, database: place.database, failpoint: noFailpoint }).accept(queued);
  await storyWhen(queued.spoolId, (story) => story.state === "in-flight");

  const last = await accepted({ raw: raw(70_000) }); // in memory, and behind the one that now has no room
  release();
  for (const id of [first, queued.spoolId, last]) await storyWhen(id, ended);
});

describe("an answer that the database refuses to write", () => {
  beforeEach(async () => (path = await startMailPath(place.database, [harbour], { concurrency: 30 })));

  test("is written without the provider's words, and costs no other message of its group its answer", async () => {
    let answerAll = () => {};
    const together = new Promise<void>((resolve) => (answerAll = resolve));
    harbour.answer = async ({ envelope }) => {
      await together;
      const [one, two] = envelope.recipients.map(({ mailbox }) => mailbox.address);
      const refused = { ...outcome("rejected", "recipient", "mailbox-unavailable"), diagnostic: "no \ud83d" }; // no JSON for PostgreSQL
      if (one === "mixed@example.net") return [outcome("accepted"), refused];
      if (one === "poison@example.net") return [refused];
      assert.equal(two, undefined);
      return [outcome("accepted")];
    };
    const ids = await Promise.all([
      ...Array.from({ length: 20 }, (_, n) => accepted({ to: [`bob${n}@example.net`] })),
      accepted({ to: ["poison@example.net"] }),
      accepted({ to: ["mixed@example.net", "eve@example.net"] }),
    ]);
    await eventually(() => harbour.calls.length === ids.length);
    answerAll();
    const stories = await Promise.all(ids.map((id) => storyWhen(id, ended)));
    assert.equal(harbour.calls.length, ids.length, "nothing was sent a second time");
    assert.deepEqual(
      stories.map((story) => story.recipients.map((one) => one.state)),
      [...Array.from({ length: 20 }, () => ["handed-off"]), ["rejected"], ["handed-off", "rejected"]],
    );
    assert.equal(stories.at(-1)!.attempts[0]!.outcome, "accepted");
  });
});

describe("a database that will not write just now", () => {
  beforeEach(async () => (path = await startMailPath(place.database, [harbour])));

  // A primary that became a standby, a deadlock, a conflict, an operator's cancel, no memory.
  for (const state of ["25006", "40P01", "40001", "57014", "53200"]) {
    test(`is asked again until the provider's answer is down (SQLSTATE ${state})`, async () => {
      await place.database.query("CREATE SEQUENCE tries");
      await place.database.query(`CREATE FUNCTION not_now() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('tries') <= 2 THEN RAISE EXCEPTION 'not now' USING ERRCODE = '${state}'; END IF; RETURN NEW; END $$`);
      await place.database.query(
        "CREATE TRIGGER not_now BEFORE UPDATE ON attempts FOR EACH ROW EXECUTE FUNCTION not_now()",
      );
      const story = await storyWhen(await accepted(), ended);
      assert.equal(story.recipients[0]!.state, "handed-off");
      assert.equal(harbour.calls.length, 1);
      assert.deepEqual(
        story.attempts.map((one) => one.outcome),
        ["accepted"],
      );
    });
  }
});

describe("a lease whose answer was lost on the way", () => {
  /** The database, but the nth answer to a statement of this name never comes; the statement itself was done. */
  function losing(database: Database, name: string, nth = 1): Database {
    let count = 0;
    const lossy = Object.create(database) as Database;
    lossy.openLane = (lane) => {
      const real = database.openLane(lane);
      const execute = async (statement: Statement, values: readonly unknown[]): Promise<unknown[][]> => {
        const rows = await real.execute(statement, values);
        if (statement.name !== name || rows.length === 0 || (count += 1) !== nth) return rows;
        throw databaseProblem(Object.assign(new Error("connection reset"), { code: "ECONNRESET" }));
      };
      return { ...real, execute };
    };
    return lossy;
  }

  /** Messages that wait, whose text nobody here can open: they end in a hold. */
  async function waiting(count: number): Promise<string[]> {
    const node = newNodeId(systemClock, systemRandom);
    const elsewhere = new Spool({ node, database: place.database, failpoint: noFailpoint });
    const times = { acceptedAt: systemClock.now(), expiresAt: systemClock.now() + 60_000 };
    const messages = Array.from({ length: count }, () => newMessage(times));
    await Promise.all(messages.map((message) => elsewhere.accept(message)));
    return messages.map((message) => message.spoolId);
  }
  const held = (id: string) => storyWhen(id, (story) => story.state === "held");

  test("in the middle of a backlog ends nothing but that lease", async () => {
    const ids = await waiting(12);
    path = await startMailPath(losing(place.database, "lease", 2), [harbour], { concurrency: 1 });
    for (const id of ids) await held(id);
  });

  for (const statement of ["lease", "leased-messages"]) {
    test(`is noticed and given back (${statement})`, async () => {
      const [id] = await waiting(1);
      path = await startMailPath(losing(place.database, statement), [harbour]);
      await held(id!);
    });
  }
});
