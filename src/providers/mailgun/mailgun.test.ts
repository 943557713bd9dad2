import assert from "node:assert/strict";
import { test } from "node:test";
import { apiSettings } from "../../../test/contract/api-contract.ts";
import { someEnvelope, someHandoff } from "../../../test/contract/provider-contract.ts";
import { type AttemptId, HOUR_MS, silentLog, systemClock } from "../../kernel/index.ts";
import { startTwin } from "../../lab/twins/index.ts";
import { parseMailbox } from "../../mail/index.ts";
import type { HttpAnswer } from "../http.ts";
import { mailgunProvider } from "./index.ts";
import { outcomeOf } from "./outcomes.ts";
import { obstacleIn, requestOf } from "./request.ts";

const signal = new AbortController().signal;

async function worldWith(context: { after(task: () => Promise<void>): void }, aheadMs = { now: 0 }) {
  const twin = await startTwin("mailgun", { clock: systemClock, log: silentLog });
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs.now };
  const settings = { ...apiSettings(twin), domain: twin.domain };
  const provider = mailgunProvider(settings, { clock, log: silentLog, hostname: "postern.example" });
  context.after(async () => {
    await provider.close();
    await twin.stop();
  });
  const again = () => mailgunProvider(settings, { clock, log: silentLog, hostname: "postern.example" });
  return { twin, provider, again };
}

test("no signature of Mailgun's, no tracking, our ids, and exactly the recipients of the attempt", async (context) => {
  const { twin, provider } = await worldWith(context);
  const handoff = someHandoff(2);
  await provider.handOff(handoff, signal);
  const { fields, recipients, raw } = twin.account.sent[0]!;
  assert.deepEqual(recipients, ["rcpt0@example.net", "rcpt1@example.net"]);
  for (const option of ["o:dkim", "o:tracking", "o:tracking-clicks", "o:tracking-opens"]) {
    assert.deepEqual(fields[option], ["no"]);
  }
  assert.deepEqual(raw, handoff.raw);
});

test("whoever writes a message gives Mailgun no orders and no form field", () => {
  const raw = (header: string) => Buffer.from(`From: a@acme.example\r\n${header}\r\n\r\nHi\r\n`);
  const ordered = obstacleIn(someHandoff(1, { raw: raw("x-mailgun-Drop-Message: yes") }));
  assert.equal(ordered?.cause, "not-expressible");
  assert.match(ordered?.diagnostic ?? "", /x-mailgun-Drop-Message/);
  assert.equal(obstacleIn(someHandoff(1, { raw: raw("X-Other: 1") })), null);
  const inBody = Buffer.from("From: a@acme.example\r\n\r\nX-Mailgun-Drop-Message: yes\r\n");
  assert.equal(obstacleIn(someHandoff(1, { raw: inBody })), null);
  // A message that knows the boundary does not end its part of the form.
  const guessed = raw('X: --postern-form-attempt-1-0\r\nContent-Disposition: form-data; name="o:testmode"');
  const call = requestOf(someHandoff(1, { raw: guessed }), "acme.example", "k");
  assert.match(call.headers?.["content-type"] ?? "", /boundary=postern-form-attempt-1-1$/);
});

test("addresses beyond ASCII are for another provider", () => {
  const recipients = [{ mailbox: parseMailbox("jürg@bücher.example")!, dsn: {} }];
  const outcome = obstacleIn(someHandoff(1, { envelope: someEnvelope(1, { recipients }) }));
  assert.equal(outcome?.cause, "smtputf8-not-supported");
});

const answer = (status: number, body: unknown): HttpAnswer => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const json = typeof body === "string" ? undefined : body;
  return { kind: "answer", status, headers: {}, body: Buffer.from(text), json };
};
const brief = (status: number, body: unknown): string => {
  const { kind, scope, cause } = outcomeOf(answer(status, body));
  return `${kind} ${scope} ${cause}`;
};

test("a 2xx is a claim: only the one known sentence with an id is accepted", () => {
  assert.equal(brief(200, { id: "<1@x>", message: "Queued. Thank you." }), "accepted message accepted");
  assert.equal(brief(200, { message: "Queued. Thank you." }), "held message unknown-answer");
  assert.equal(brief(202, { id: "<1@x>", message: "Queued. Thank you." }), "held message unknown-answer");
  assert.equal(
    brief(200, { id: "<1@x>", message: "Queued, but the account is suspended" }),
    "held account account-suspended",
  );
  assert.equal(brief(200, { id: "<1@x>", message: "Queued. Sending is paused." }), "held account sending-paused");
  assert.equal(brief(200, "<html>"), "indeterminate message protocol-error");
});

test("what no line of the table knows is held", () => {
  for (const status of [302, 409, 418, 451]) assert.equal(brief(status, "?"), "held message unknown-answer");
  assert.equal(brief(403, { message: "Something else" }), "rejected account auth-refused");
  assert.equal(
    brief(403, { message: "Domain a.example is not allowed to send: Words nobody knows" }),
    "rejected account account-suspended",
  );
});

test("no answer leaves an address in a diagnostic", () => {
  const { diagnostic } = outcomeOf(answer(400, { message: "'rcpt0@example.net' is not a valid address" }));
  assert.doesNotMatch(diagnostic ?? "", /rcpt0/);
});

test("the domain's state is the account's", async (context) => {
  const { twin, provider } = await worldWith(context);
  const stateWith = async (change: object) => {
    const domain = twin.account.things("domain").get(twin.domain)!;
    twin.account.put("domain", { ...domain, state: "active", is_disabled: false, disabled: null, ...change });
    const status = await provider.status!();
    return status.kind === "answer" ? status.value.state : status.reason;
  };
  assert.equal(await stateWith({}), "active");
  assert.equal(await stateWith({ state: "unverified" }), "suspended");
  assert.equal(await stateWith({ is_disabled: true }), "suspended");
  assert.equal(await stateWith({ disabled: { code: "blacklisted", reason: "bad customer" } }), "suspended");
  assert.equal(await stateWith({ state: "dreaming" }), "unknown");
  twin.account.apiKeys.clear();
  assert.equal(await stateWith({}), "status 401");
});

test("posture shows routes and where webhooks lead, and keeps no secret of their addresses", async (context) => {
  const { twin, provider } = await worldWith(context);
  const url = "https://user:hunter2@hooks.example/secret-path?token=hunter2";
  twin.account.put("webhook", { id: "w1", url });
  twin.account.put("forwarding", { id: "r1", expression: "catch_all()", actions: [`forward("${url}")`, "stop()"] });
  const posture = await provider.posture!();
  assert.ok(posture.kind === "answer");
  const text = JSON.stringify(posture.value);
  assert.doesNotMatch(text, /hunter2|secret-path/);
  assert.match(text, /hooks\.example/);
  const route = posture.value.find(({ kind }) => kind === "forwarding");
  assert.match(String(route?.facts["actions"]), /^forward\("hooks\.example#[0-9a-f]{16}"\) stop\(\)$/);
});

test("after a restart an attempt is still found, and one of yesterday is not looked for", async (context) => {
  const ahead = { now: 0 };
  const { twin, provider, again } = await worldWith(context, ahead);
  twin.setFault({ mode: "5xx", taken: true });
  await provider.handOff(someHandoff(1), signal);
  const restarted = again();
  const attempt = someHandoff(1).attemptId;
  assert.equal(await restarted.lookup!(attempt), "taken");
  assert.equal(await restarted.lookup!("another" as AttemptId), "unavailable", "its log may be behind");
  ahead.now = 25 * HOUR_MS;
  assert.equal(await restarted.lookup!(attempt), "unknown");
  assert.equal(await provider.lookup!(attempt), "taken", "who remembers it looks in the right place");
  await restarted.close();
});

test("more events than are read leave the question open", async (context) => {
  const ahead = { now: 0 };
  const { twin, provider, again } = await worldWith(context, ahead);
  await provider.handOff(someHandoff(1), signal);
  const one = twin.account.sent[0]!;
  for (let n = 0; n < 3_100; n++) twin.account.sent.push({ ...one, id: `<${n}@x>`, at: one.at + 1, metadata: {} });
  ahead.now = 60_000;
  const restarted = again();
  ahead.now = 120_000;
  assert.equal(await restarted.lookup!(someHandoff(1).attemptId), "unavailable");
  await restarted.close();
});
