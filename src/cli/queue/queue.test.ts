import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type CommandLine, commandLine } from "../../../test/support/command-line.ts";
import { eventually } from "../../../test/support/eventually.ts";
import {
  type FakeProvider,
  type MailPath,
  fakeProvider,
  outcome,
  startMailPath,
  submission,
} from "../../../test/support/mail-path.ts";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import { type SpoolId, systemClock } from "../../kernel/index.ts";

let fresh: FreshDatabase;
let providers: FakeProvider[];
let mail: MailPath;
let line: CommandLine;

before(async () => {
  fresh = await freshDatabase();
  providers = [fakeProvider("harbour"), fakeProvider("lantern")];
  mail = await startMailPath(fresh.database, providers);
  line = commandLine({ POSTERN_DATABASE_URL: fresh.url });
  mkdirSync(path.join(line.folder, "data"));
  writeFileSync(path.join(line.folder, "data", "body.key"), "07".repeat(32), { mode: 0o600 });
});
after(async () => {
  line.close();
  await mail.stop();
  await fresh.drop();
});

function allAnswer(kind: "accepted" | "deferred"): void {
  for (const provider of providers)
    provider.answer = (call) =>
      call.envelope.recipients.map(() => outcome(kind, "recipient", kind === "deferred" ? "greylisted" : kind));
}

/** A message that every provider defers, once it waits for its next try. */
async function waiting(to: string): Promise<SpoolId> {
  allAnswer("deferred");
  const answer = await mail.port.accept(submission({ to: [to] }));
  assert.equal(answer.kind, "accepted");
  await eventually(async () => (await mail.stories.find(null, answer.spoolId))?.state === "queued");
  return answer.spoolId;
}

const stateOf = async (id: SpoolId): Promise<string | undefined> => (await mail.stories.find(null, id))?.state;

describe("postern queue, beside a running Postern", () => {
  test("list shows what waits, and ids alone for other programs", async () => {
    const id = await waiting("list@example.org");
    const { code, out } = await line.run(["queue", "list", "--recipient", "list@example.org"]);
    assert.equal(code, 0);
    assert.match(
      out,
      new RegExp(
        `^${id} {2}queued {5}\\ds old, next try in \\d+s\\n {2}acme/alerts C2 {2}app@acme.test → list@example.org, \\d+ B\\n$`,
      ),
    );
    assert.deepEqual(await line.run(["queue", "list", "--recipient", "list@example.org", "--ids"]), {
      code: 0,
      out: `${id}\n`,
      err: "",
    });
  });

  test("an empty list says so where it was asked for a tenant or a stream that the configuration does not have", async () => {
    const list = async (...words: string[]) => (await line.run(["queue", "list", ...words])).out;
    assert.equal(
      await list("--tenant", "acne"),
      "Nothing that fits waits here.\nThe configuration has no tenant named acne; it has lab.\n",
    );
    assert.match(
      await list("--state", "held", "--stream", "alarms"),
      /\nThe configuration has no stream named alarms; it has alerts, /,
    );
    assert.doesNotMatch(await list("--tenant", "lab", "--stream", "alerts"), /configuration/);
  });

  test("list is narrowed by author and tag, and says when a scheduled message is sent", async () => {
    const sendAt = systemClock.now() + 3_600_000;
    const answer = await mail.port.accept({
      ...submission({ to: ["later@example.org"] }),
      sendAt,
      tags: { campaign: "a=b" },
    });
    assert.ok(answer.kind === "accepted");
    const list = async (...words: string[]) => (await line.run(["queue", "list", "--ids", ...words])).out;
    for (const words of [
      ["--tag", "campaign=a=b"],
      ["--tag", "campaign", "--author", "app@acme.test"],
    ])
      assert.equal(await list(...words, "--state", "scheduled"), `${answer.spoolId}\n`);
    for (const words of [
      ["--tag", "campaign=a"],
      ["--tag", "other"],
      ["--tag", "campaign", "--author", "b@acme.test"],
    ])
      assert.doesNotMatch(await list(...words), new RegExp(answer.spoolId));
    assert.match((await line.run(["queue", "list"])).out, /scheduled {2}to be sent in (?:59m|1h)/);
    assert.equal((await line.run(["queue", "list", "--tag", "=x"])).code, 2);
    assert.equal((await line.run(["queue", "cancel", answer.spoolId])).code, 0);
  });

  test("show tells the whole story, as text and as JSON", async () => {
    const id = await waiting("show@example.org");
    const { code, out } = await line.run(["queue", "show", id.toUpperCase()]);
    assert.equal(code, 0);
    assert.match(out, /^ {2}1 {2}harbour {2}deferred after .*s {2}/m);
    assert.match(out, /greylisted/);
    const json = JSON.parse((await line.run(["queue", "show", id, "--json"])).out) as {
      acceptedAt: string;
      attempts: { provider: string }[];
    };
    assert.equal(json.attempts[0]?.provider, "harbour");
    assert.match(json.acceptedAt, /^\d{4}-\d\d-\d\dT/);
  });

  test("hold keeps it, release lets it go on, and each leaves an event with the actor", async () => {
    const id = await waiting("hold@example.org");
    assert.deepEqual(await line.run(["queue", "hold", id]), { code: 0, out: `${id} is held.\n`, err: "" });
    assert.equal(await stateOf(id), "held");
    assert.match((await line.run(["queue", "list", "--state", "held"])).out, new RegExp(id));
    const again = await line.run(["queue", "hold", id]);
    assert.deepEqual([again.code, again.err], [1, `${id} is held already.\n`]);
    allAnswer("accepted");
    const released = await line.run(["queue", "release", "-"], { input: `${id}\n${id}\n` });
    assert.deepEqual(released, { code: 0, out: `${id} is queued again.\n`, err: "" });
    await eventually(async () => (await stateOf(id)) === "ended");
    const story = await mail.stories.find(null, id);
    assert.deepEqual(
      story?.events.filter((event) => "actor" in event.detail).map((event) => [event.kind, event.detail["actor"]]),
      [
        ["message.held", "operator:cli"],
        ["message.released", "operator:cli"],
      ],
    );
  });

  test("retry hands it off now", async () => {
    const id = await waiting("retry@example.org");
    allAnswer("accepted");
    assert.equal((await line.run(["queue", "retry", id])).code, 0);
    await eventually(async () => (await stateOf(id)) === "ended");
  });

  test("cancel and expire end it; what has ended says so", async () => {
    const ids = [await waiting("cancel@example.org"), await waiting("expire@example.org")];
    assert.equal((await line.run(["queue", "cancel", ids[0]!])).out, `${ids[0]} ended as cancelled.\n`);
    assert.equal((await line.run(["queue", "expire", ids[1]!])).out, `${ids[1]} ended as expired.\n`);
    const late = await line.run(["queue", "cancel", ...ids, "--json"]);
    assert.equal(late.code, 1);
    assert.deepEqual(
      JSON.parse(late.out),
      ids.map((id) => ({ id, answer: "ended" })),
    );
  });

  test("an id that is none, or not here, is said and is a failure", async () => {
    for (const id of ["abc", "019a2b3c-7b1e-7a3c-9d52-1f0a2b3c4d5e", "'; DROP TABLE queue; --"]) {
      const { code, out, err } = await line.run(["queue", "cancel", id]);
      assert.deepEqual([code, out], [1, ""]);
      assert.match(err, /^There is no message ".*" here\./);
    }
  });

  test("stats counts by stream and state", async () => {
    await waiting("stats@example.org");
    const { out } = await line.run(["queue", "stats"]);
    assert.match(out, /^CLASS {2}STREAM {7}STATE +MESSAGES {2}OLDEST {2}NEXT\n/);
    assert.match(out, /^C2 {5}acme\/alerts {2}queued +\d+ +\S+ .*in /m);
    const json = JSON.parse((await line.run(["queue", "stats", "--json"])).out) as {
      messages: number;
      rows: { state: string; messages: number }[];
    };
    assert.equal(
      json.messages,
      json.rows.reduce((sum, row) => sum + row.messages, 0),
    );
  });

  test("pages go on where the last one ended, each message once", async () => {
    for (let n = 0; n < 3; n += 1) await waiting(`page${n}@example.org`);
    const all = (await line.run(["queue", "list", "--ids"])).out.trim().split("\n");
    const seen: string[] = [];
    for (let last: string[] = []; ;) {
      const words = ["queue", "list", "--ids", "--limit", "2", ...(last.length > 0 ? ["--after", last.at(-1)!] : [])];
      last = (await line.run(words)).out.split("\n").filter((one) => one !== "");
      if (last.length === 0) break;
      seen.push(...last);
    }
    assert.deepEqual(seen, all);
  });
});

describe("postern queue where there is no queue", () => {
  test("says so instead of making one", async () => {
    const nowhere = commandLine({});
    const { code, err } = await nowhere.run(["queue", "list"]);
    assert.equal(code, 1);
    assert.match(err, /^nothing-here\n/);
    nowhere.close();
  });

  test("a database without tables says what to run", async () => {
    const empty = await freshDatabase({ migrated: false });
    const there = commandLine({ POSTERN_DATABASE_URL: empty.url });
    const { code, err } = await there.run(["queue", "list"]);
    assert.equal(code, 1);
    assert.match(err, /^database-not-migrated\n.*postern migrate/);
    there.close();
    await empty.drop();
  });

  test("a wrong option or word names the nearest one and is the caller's (2)", async () => {
    const there = commandLine({});
    assert.match((await there.run(["queue", "lst"])).err, /Did you mean list\?/);
    assert.equal((await there.run(["queue", "list", "--state", "sent"])).code, 2);
    assert.equal((await there.run(["queue", "list", "--limit", "0"])).code, 2);
    assert.equal((await there.run(["queue", "list", "--after", "1 OR 1=1"])).code, 2);
    there.close();
  });
});
