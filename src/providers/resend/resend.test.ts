import assert from "node:assert/strict";
import { test } from "node:test";
import { apiSettings } from "../../../test/contract/api-contract.ts";
import { someEnvelope, someHandoff } from "../../../test/contract/provider-contract.ts";
import { type AttemptId, HOUR_MS, silentLog, systemClock } from "../../kernel/index.ts";
import { startTwin } from "../../lab/twins/index.ts";
import { parseMailbox } from "../../mail/index.ts";
import type { HttpAnswer } from "../http.ts";
import { resendProvider } from "./index.ts";
import { outcomeOf } from "./outcomes.ts";
import { sendRequest } from "./request.ts";

const signal = new AbortController().signal;

async function worldWith(context: { after(task: () => Promise<void>): void }, ahead = { now: 0 }) {
  const twin = await startTwin("resend", { clock: systemClock, log: silentLog });
  const clock = { ...systemClock, now: () => systemClock.now() + ahead.now };
  const make = (domain: string | null = null) =>
    resendProvider({ ...apiSettings(twin), domain }, { clock, log: silentLog, hostname: "postern.example" });
  const provider = make();
  context.after(async () => {
    await provider.close();
    await twin.stop();
  });
  return { twin, provider, make };
}

const to = (...addresses: string[]) =>
  someEnvelope(0, { recipients: addresses.map((one) => ({ mailbox: parseMailbox(one)!, dsn: {} })) });
const given = async (lines: string, ...addresses: string[]) => {
  const raw = Buffer.from(lines.replace(/\n/g, "\r\n"));
  return sendRequest(someHandoff(1, { raw, envelope: to(...addresses) }));
};
const bodyOf = async (lines: string, ...addresses: string[]): Promise<Record<string, unknown>> => {
  const request = await given(lines, ...addresses);
  assert.ok(request.kind === "request", request.kind === "cannot" ? request.outcome.diagnostic : "");
  return JSON.parse(request.body) as Record<string, unknown>;
};
const obstacleOf = async (lines: string, ...addresses: string[]): Promise<string | undefined> => {
  const request = await given(lines, ...addresses);
  assert.ok(request.kind === "cannot", "it can be sent");
  assert.equal(request.outcome.kind, "rejected");
  assert.equal(request.outcome.scope, "account");
  return request.outcome.diagnostic ?? request.outcome.cause;
};

test("a message becomes the fields that Resend takes; who is not named goes unseen", async () => {
  const body = await bodyOf(
    'From: "Acme, Inc." <news@acme.example>\nTo: Ada <ada@example.net>\nCc: bob@example.net\nReply-To: help@acme.example\n' +
      "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nList-Unsubscribe: <https://acme.example/u>\n\nHi\n",
    "ADA@example.net",
    "bob@example.net",
    "eve@example.net",
  );
  assert.deepEqual(
    { ...body, text: String(body["text"]).trim() },
    {
      from: '"Acme, Inc." <news@acme.example>',
      to: ["Ada <ada@example.net>"],
      cc: ["bob@example.net"],
      bcc: ["eve@example.net"],
      reply_to: ["help@acme.example"],
      subject: "Grüße",
      text: "Hi",
      headers: { "List-Unsubscribe": "<https://acme.example/u>" },
      tags: [
        { name: "postern_attempt", value: "attempt-1" },
        { name: "postern_id", value: "01900000-0000-7000-8000-000000000000" },
      ],
    },
  );
});

test("a name never becomes an address or a line of its own", async () => {
  const evil = Buffer.from('x" <eve@evil.example>\r\nBcc: eve@evil.example', "utf8").toString("base64");
  const body = await bodyOf(
    `From: =?utf-8?b?${evil}?= <news@acme.example>\nTo: a@b.example\nSubject: x\n\nHi\n`,
    "a@b.example",
  );
  assert.doesNotMatch(String(body["from"]), /[\r\n]/);
  assert.match(String(body["from"]), /^"(?:[^"\\]|\\.)*" <news@acme\.example>$/);
});

test("attachments go with their names, types and ids", async () => {
  const body = await bodyOf(
    "From: a@acme.example\nTo: a@b.example\nSubject: x\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nHi\n--o\n" +
      "Content-Type: image/png\nContent-ID: <logo>\nContent-Disposition: inline; filename=logo.png\nContent-Transfer-Encoding: base64\n\niVBORw==\n--o\n" +
      "Content-Type: application/pdf\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nJVBERg==\n--o--\n",
    "a@b.example",
  );
  assert.deepEqual(body["attachments"], [
    { content: "iVBORw==", filename: "logo.png", content_type: "image/png", content_id: "logo" },
    { content: "JVBERg==", filename: "attachment-2", content_type: "application/pdf" },
  ]);
});

test("what Resend cannot express is refused by name", async () => {
  const letter = (fields: string) => `From: a@acme.example\n${fields}\n\nHi\n`;
  const one = "a@b.example";
  assert.match((await obstacleOf(letter("To: a@b.example, c@d.example\nSubject: x"), one)) ?? "", /names others/);
  assert.match((await obstacleOf(letter("To: a@b.example\nCc: A@B.example\nSubject: x"), one)) ?? "", /named twice/);
  assert.match((await obstacleOf(letter("Cc: a@b.example\nSubject: x"), one)) ?? "", /without To/);
  assert.match((await obstacleOf(letter("To: a@b.example"), one)) ?? "", /without a subject/);
  assert.match(
    (await obstacleOf("From: a@acme.example\nTo: a@b.example\nSubject: x\n\n", one)) ?? "",
    /without a text/,
  );
  assert.match((await obstacleOf(letter("To: a@b.example\nSubject: x\nX-A: 1\nx-a: 2"), one)) ?? "", /twice \(x-a\)/i);
  assert.match(
    (await obstacleOf(letter("To: a@b.example\nSubject: x\nX-SES-Source-ARN: y"), one)) ?? "",
    /X-SES-Source-ARN/,
  );
  assert.match(
    (await obstacleOf(
      "From: a@acme.example\nTo: a@b.example\nSubject: x\nContent-Type: multipart/signed; boundary=o\n\n--o--\n",
      one,
    )) ?? "",
    /multipart\/signed/,
  );
  assert.equal(
    await obstacleOf(letter("To: a@b.example\nSubject: x"), "jürg@bücher.example"),
    "smtputf8-not-supported",
  );
  const many = Array.from({ length: 51 }, (_, n) => `r${n}@b.example`);
  assert.match((await obstacleOf(letter("To: r0@b.example\nSubject: x"), ...many)) ?? "", /more than 50/);
});

const brief = (status: number, json: unknown): string => {
  const body = Buffer.from(json === undefined ? "<html>" : JSON.stringify(json));
  const answer: HttpAnswer = { kind: "answer", status, headers: {}, body, json };
  const { kind, scope, cause } = outcomeOf(answer);
  return `${kind} ${scope} ${cause}`;
};

test("a 2xx is a claim: an id and nothing unheard of", () => {
  assert.equal(brief(200, { id: "e1" }), "accepted message accepted");
  assert.equal(brief(200, { object: "email", id: "e1" }), "accepted message accepted");
  assert.equal(brief(200, { id: "e1", status: "paused" }), "held message unknown-answer");
  assert.equal(brief(200, {}), "held message unknown-answer");
  assert.equal(brief(202, { id: "e1" }), "held message unknown-answer");
  assert.equal(brief(200, undefined), "indeterminate message protocol-error");
});

test("a status without a name it knows is held, but for those that speak for themselves", () => {
  assert.equal(brief(403, undefined), "held message unknown-answer"); // a proxy's page
  assert.equal(brief(429, undefined), "deferred account rate-limited");
  assert.equal(brief(503, undefined), "indeterminate message server-error");
  assert.equal(brief(422, { name: "constructor", message: "x" }), "held message unknown-answer");
  assert.equal(
    brief(403, { name: "validation_error", message: "Your account has been suspended" }),
    "rejected account account-suspended",
  );
});

test("the attempt is the idempotency key, and a clash is no answer about the message", async (context) => {
  const { twin, provider } = await worldWith(context);
  assert.equal((await provider.handOff(someHandoff(1), signal)).recipients[0]?.kind, "accepted");
  const again = await provider.handOff(someHandoff(1), signal);
  assert.equal(again.recipients[0]?.providerMessageId, twin.account.sent[0]?.id);
  assert.equal(twin.account.sent.length, 1, "the same attempt twice is one message");
  const changed = someHandoff(1, {
    raw: Buffer.from("From: a@acme.example\r\nTo: rcpt0@example.net\r\nSubject: x\r\n\r\ny\r\n"),
  });
  const { kind, cause } = (await provider.handOff(changed, signal)).recipients[0]!;
  assert.deepEqual([kind, cause], ["indeterminate", "idempotency-clash"]);
  assert.equal(await provider.lookup!(changed.attemptId), "taken");
});

test("looking an attempt up sends nothing", async (context) => {
  const { twin, provider } = await worldWith(context);
  twin.setFault({ mode: "5xx", taken: false });
  await provider.handOff(someHandoff(1), signal);
  twin.setFault({ mode: "ok" });
  assert.equal(await provider.lookup!(someHandoff(1).attemptId), "unknown");
  assert.equal(twin.account.sent.length, 0);
});

test("after a restart an attempt is still found; among too many messages the question stays open", async (context) => {
  const ahead = { now: 0 };
  const { twin, provider, make } = await worldWith(context, ahead);
  await provider.handOff(someHandoff(1), signal);
  const restarted = make();
  context.after(() => restarted.close());
  const { attemptId } = someHandoff(1);
  assert.equal(await restarted.lookup!(attemptId), "taken");
  const one = twin.account.sent[0]!;
  for (let n = 0; n < 60; n++) twin.account.sent.push({ ...one, id: `m${n}`, metadata: {} });
  assert.equal(await restarted.lookup!(attemptId), "unavailable");
  ahead.now = 25 * HOUR_MS;
  assert.equal(await restarted.lookup!("another" as AttemptId), "unknown");
});

test("the domains and the key say how the account stands", async (context) => {
  const { twin, provider, make } = await worldWith(context);
  const ours = make("Account.Acme.example");
  const theirs = make("other.example");
  context.after(() => Promise.all([ours.close(), theirs.close()]).then(() => undefined));
  const stateOf = async (one = ours) => {
    const status = await one.status!();
    return status.kind === "answer" ? status.value.state : status.reason;
  };
  const domain = [...twin.account.things("domain").values()][0]!;
  const change = (changed: object) => twin.account.put("domain", { ...domain, ...changed });
  assert.deepEqual(
    [await stateOf(), await stateOf(provider), await stateOf(theirs)],
    ["active", "active", "suspended"],
  );
  change({ status: "failed" });
  assert.equal(await stateOf(), "suspended");
  change({ status: "partially_failed" });
  assert.equal(await stateOf(), "limited");
  change({ status: "moonlit" });
  assert.equal(await stateOf(), "unknown");
  change({ capabilities: { sending: "disabled" } });
  assert.equal(await stateOf(), "suspended");
  twin.setFault({ mode: "suspended" });
  assert.equal(await stateOf(), "suspended");
  twin.account.apiKeys.clear();
  assert.equal(await stateOf(), "invalid_api_key");
});

test("posture shows tracking and where webhooks lead, and keeps no secret of their addresses", async (context) => {
  const { twin, provider } = await worldWith(context);
  twin.account.put("webhook", { id: "w1", url: "https://user:hunter2@hooks.example/secret-path" });
  const domain = [...twin.account.things("domain").values()][0]!;
  twin.account.put("domain", { ...domain, click_tracking: true });
  const posture = await provider.posture!();
  assert.ok(posture.kind === "answer");
  assert.doesNotMatch(JSON.stringify(posture.value), /hunter2|secret-path/);
  const facts = (kind: string, id: string) => posture.value.find((one) => one.kind === kind && one.id === id)?.facts;
  assert.equal(facts("tracking", `${twin.domain} click_tracking`)?.["active"], true);
  assert.equal(facts("webhook", "w1")?.["host"], "hooks.example");
});
