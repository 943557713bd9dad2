import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, test } from "node:test";
import { commandLine, type Ran } from "../../../test/support/command-line.ts";

const line = commandLine({ POSTERN_CONFIG: "absent.yaml", POSTERN_DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" });
after(() => line.close());

type Line = { file: string; status: number | string | null; events: Record<string, unknown>[]; reason: string };
const linesOf = ({ out }: Ran): Line[] =>
  out
    .trim()
    .split("\n")
    .map((one) => JSON.parse(one) as Line);
const put = (name: string, content: string): string => {
  writeFileSync(path.join(line.folder, name), content);
  return name;
};

describe("postern inspect dsn", () => {
  const bounce = put(
    "bounce.eml",
    [
      "From: MAILER-DAEMON@mx.example.net",
      "",
      "Final-Recipient: rfc822;a@b.example",
      "Action: failed",
      "Status: 5.1.1",
      "Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400",
    ].join("\r\n"),
  );
  const letter = put("letter.eml", "From: anna@example.org\r\n\r\nHello.\u009b31m\r\n");

  test("prints a line for each file, in their order, without a database or a configuration", async () => {
    const ran = await line.run(["inspect", "dsn", bounce, letter]);
    assert.deepEqual([ran.code, ran.err], [0, ""]);
    const [first, second] = linesOf(ran);
    assert.deepEqual([first!.file, first!.status, second!.status, second!.events], [bounce, "bounced", "unknown", []]);
    const { type, recipient, at, bounce: kind } = first!.events[0]!;
    assert.deepEqual([type, recipient, at, kind], ["bounced", "a@b.example", "1994-07-07T21:15:49.000Z", "hard"]);
  });

  test("a file that cannot be read has its line too, and the others theirs", async () => {
    mkdirSync(path.join(line.folder, "folder"));
    const ran = await line.run(["inspect", "dsn", "absent.eml", "folder", bounce]);
    assert.equal(ran.code, 1);
    assert.deepEqual(
      linesOf(ran).map(({ status, reason }) => [status, /not exist|folder/.exec(reason)?.[0] ?? null]),
      [
        [null, "not exist"],
        [null, "folder"],
        ["bounced", null],
      ],
    );
  });

  test("standard input is a file as well", async () => {
    const ran = await line.run(["inspect", "dsn", "-"], { input: "Subject: Out of office\n\nI am away." });
    assert.equal(linesOf(ran)[0]!.status, "autoresponded");
  });
});

/** @param at seconds since the epoch. */
function mailgunRequest(at: number, key = "k", happenedAt = at): object {
  const token = "t".repeat(50);
  const signature = createHmac("sha256", "k").update(`${at}${token}`).digest("hex");
  const told = {
    event: "delivered",
    id: "e1",
    timestamp: happenedAt,
    recipient: "a@b.example",
    message: { headers: {} },
  };
  const body = JSON.stringify({ signature: { timestamp: String(at), token, signature }, "event-data": told });
  return {
    name: "one",
    method: "POST",
    url: "https://p.example/w",
    headers: { "Content-Type": "application/json" },
    body,
    receiver_config: { MAILGUN_WEBHOOK_SIGNING_KEY: key },
  };
}

describe("postern inspect webhook", () => {
  const inspect = (name: string, ...more: string[]) =>
    line.run(["inspect", "webhook", "--provider", "mailgun", ...more, name]);

  test("an old recording is judged as of its own time, and says so", async () => {
    const ran = await inspect(put("old.json", JSON.stringify(mailgunRequest(1_500_000_000))));
    assert.deepEqual([ran.code, ran.err], [0, ""]);
    const [only] = linesOf(ran);
    assert.deepEqual([only!.file, only!.status], ["old.json", 200]);
    assert.match(only!.reason, /age is not judged/);
    assert.deepEqual([only!.events[0]!["type"], only!.events[0]!["recipient"]], ["delivered", "a@b.example"]);
    assert.equal(only!.events[0]!["at"], "2017-07-14T02:40:00.000Z");
  });

  test("with --now its age counts", async () => {
    const file = put("aged.json", JSON.stringify(mailgunRequest(1_500_000_000)));
    assert.equal(linesOf(await inspect(file, "--now", "2017-07-14T02:41:00Z"))[0]!.status, 200);
    const [stale] = linesOf(await inspect(file, "--now", "2017-07-14T03:00:00Z"));
    assert.notEqual(stale!.status, 200);
    assert.deepEqual(stale!.events, []);
  });

  test("a wrong key is refused, and nothing of the notice is shown", async () => {
    const [only] = linesOf(await inspect(put("forged.json", JSON.stringify(mailgunRequest(1_500_000_000, "other")))));
    assert.deepEqual([only!.status, only!.events], [401, []]);
    assert.match(only!.reason, /^Refused: /);
  });

  test("an array has a line for each, by name, and one that is no request does not stop the others", async () => {
    const file = put("many.json", JSON.stringify([mailgunRequest(1_500_000_000), { body: 7 }, mailgunRequest(1)]));
    const ran = await inspect(file);
    assert.equal(ran.code, 1);
    const lines = linesOf(ran);
    assert.deepEqual(
      lines.map((one) => one.file),
      ["many.json#one", "many.json#1", "many.json#one"],
    );
    assert.deepEqual([lines[0]!.status, lines[1]!.status], [200, null]);
  });

  test("what is no JSON is said in its line", async () => {
    const ran = await inspect(put("none.json", "{"));
    assert.deepEqual([ran.code, linesOf(ran)[0]!.status, linesOf(ran)[0]!.reason], [1, null, "The file is no JSON."]);
  });

  test("a time that no calendar has is a number, not a crash", async () => {
    const file = put("far.json", JSON.stringify(mailgunRequest(1_500_000_000, "k", 1e15)));
    const ran = await inspect(file);
    assert.deepEqual([ran.code, ran.err], [0, ""]);
    assert.equal(linesOf(ran).length, 1);
  });

  test("without any secret it is read all the same, and the reason says that nothing proves it", async () => {
    const body = JSON.stringify({ RecordType: "Delivery", Recipient: "a@b.example" });
    const [only] = linesOf(
      await line.run(["inspect", "webhook", "--provider", "postmark", put("bare.json", JSON.stringify({ body }))]),
    );
    assert.deepEqual([only!.status, only!.events[0]!["type"]], [200, "delivered"]);
    assert.match(only!.reason, /a door would refuse it/);
    const wrong = put("wrong.json", JSON.stringify({ body, receiver_config: { WEBHOOK_SECRET: "user:other" } }));
    assert.equal(linesOf(await line.run(["inspect", "webhook", "--provider", "postmark", wrong]))[0]!.status, 401);
  });

  test("a provider nobody knows is the caller's mistake", async () => {
    const ran = await line.run(["inspect", "webhook", "--provider", "pigeon", "x.json"]);
    assert.equal(ran.code, 2);
    assert.match(ran.err, /must be one of mailgun, mandrill, .*, brevo, .*, unisender-go\./);
  });
});
