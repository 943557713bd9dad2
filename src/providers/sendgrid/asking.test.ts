import assert from "node:assert/strict";
import { test } from "node:test";
import { someHandoff } from "../../../test/contract/provider-contract.ts";
import { virtualClock } from "../../../test/support/virtual-clock.ts";
import type { AttemptId } from "../../kernel/index.ts";
import { activityIn } from "./activity.ts";
import type { Ask, Told } from "./ask.ts";
import { LOG_LAG_MS, lookupIn } from "./lookup.ts";
import { postureIn } from "./posture.ts";
import { statusIn } from "./status.ts";

const told = (json: unknown): Told => ({ kind: "told", json });
const REFUSED: Told = { kind: "refused", status: 403, reason: "/v3/x: 403 (access forbidden)" };
const SILENT: Told = { kind: "silent", reason: "/v3/x: reply-timeout" };
const ATTEMPT = "attempt-1" as AttemptId;
const askOf =
  (answers: Record<string, Told>, other: Told = REFUSED): Ask =>
  async (path) =>
    answers[path.replace(/\?.*$/, "")] ?? other;

test("not in the log is believed only once the log has had its time", async () => {
  const clock = virtualClock();
  let answer = told({ messages: [] });
  const { lookup } = lookupIn(async () => answer, clock);
  assert.equal(await lookup(ATTEMPT), "unavailable");
  await clock.advance(LOG_LAG_MS - 1);
  assert.equal(await lookup(ATTEMPT), "unavailable");
  await clock.advance(1);
  assert.equal(await lookup(ATTEMPT), "unknown");
  assert.equal(await lookup("another" as AttemptId), "unavailable", "each has a time of its own");
  answer = told({ messages: [{ msg_id: "a", to_email: "b" }] });
  assert.equal(await lookup(ATTEMPT), "taken");
});

test("a log that cannot be asked, or answers what is no list, knows nothing", async () => {
  const clock = virtualClock();
  for (const answer of [REFUSED, SILENT, told({}), told([]), told({ messages: {} })]) {
    const { lookup } = lookupIn(async () => answer, clock);
    await lookup(ATTEMPT);
    await clock.advance(LOG_LAG_MS);
    assert.equal(await lookup(ATTEMPT), "unavailable");
  }
});

test("the attempt is asked for as a custom argument, and nothing can end its quotes", async () => {
  const paths: string[] = [];
  const ask: Ask = async (path) => (paths.push(path), told({ messages: [] }));
  const { lookup } = lookupIn(ask, virtualClock());
  await lookup(ATTEMPT);
  const query = new URL(paths[0]!, "http://x").searchParams;
  assert.equal(query.get("limit"), "1");
  assert.match(query.get("query")!, / AND unique_args\['postern_attempt'\]="attempt-1"$/);
  assert.equal(await lookup(`x" OR to_email="a@b.example` as AttemptId), "unavailable");
  const asked = await activityIn(ask, { sinceMs: 0, limit: 1, recipient: 'a" OR "' }, 0);
  assert.equal(asked.kind, "unavailable");
  assert.equal(paths.length, 1);
});

/** An account without the Email Activity addition. `logs`: what its Email Logs hold, by id. */
const withoutActivity =
  (logs: Record<string, string | undefined>, bodies: object[] = []): Ask =>
  async (path, body) => {
    if (path.startsWith("/v3/messages")) return REFUSED;
    if (body !== undefined) {
      bodies.push(body);
      return told({ messages: Object.keys(logs).map((id) => ({ sg_message_id: id, to_email: "rcpt0@example.net" })) });
    }
    const attempt = logs[decodeURIComponent(path.slice("/v3/logs/".length))];
    return attempt === undefined ? SILENT : told({ custom_args: { postern_attempt: attempt } });
  };
const UNCLEAR = { recipients: [{ kind: "indeterminate", scope: "message", cause: "no-answer" } as const] };

test("without Email Activity, the Email Logs are searched where the message went, one by one", async () => {
  const clock = virtualClock();
  const bodies: object[] = [];
  const { note, lookup } = lookupIn(withoutActivity({ a: "attempt-0", b: "attempt-1" }, bodies), clock);
  assert.equal(await lookup(ATTEMPT), "unavailable", "nobody knows where it went");
  note(someHandoff(1), UNCLEAR);
  assert.equal(await lookup(ATTEMPT), "taken");
  assert.match((bodies[0] as { query: string }).query, / AND to_email="rcpt0@example\.net"$/);
  note(someHandoff(1, { attemptId: "another" as AttemptId }), UNCLEAR);
  assert.equal(await lookup("another" as AttemptId), "unavailable");
  await clock.advance(LOG_LAG_MS);
  assert.equal(await lookup("another" as AttemptId), "unknown");
});

test("Email Logs that hold more than is looked at, or hide a message's details, prove nothing", async () => {
  for (const logs of [
    { a: undefined },
    Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`m${n}`, "attempt-0"])),
  ]) {
    const clock = virtualClock();
    const { note, lookup } = lookupIn(withoutActivity(logs), clock);
    note(someHandoff(1), UNCLEAR);
    await lookup(ATTEMPT);
    await clock.advance(LOG_LAG_MS);
    assert.equal(await lookup(ATTEMPT), "unavailable");
  }
});

test("a message whose details nobody gives is not taken for a foreign one", async () => {
  const ask = askOf({ "/v3/messages": told({ messages: [{ msg_id: "m1", to_email: "a@b.example" }] }) }, SILENT);
  assert.equal((await activityIn(ask, { sinceMs: 0, limit: 10 }, 0)).kind, "unavailable");
});

test("status: what the key may, and what is left", async () => {
  const scopes = told({ scopes: ["mail.send"] });
  const read = (type: string, remain: number) =>
    askOf({ "/v3/user/account": told({ type, reputation: 99 }), "/v3/user/credits": told({ remain, overage: 3 }) });
  const stateOf = async (sender: Ask, reader: Ask) => {
    const asked = await statusIn(sender, reader);
    return asked.kind === "answer" ? asked.value.state : asked.kind;
  };
  const good = askOf({ "/v3/scopes": scopes });
  assert.equal(await stateOf(good, read("paid", 10)), "active");
  assert.equal(await stateOf(good, read("paid", 0)), "limited");
  assert.equal(await stateOf(good, read("free", 0)), "suspended");
  assert.equal(
    await stateOf(good, askOf({})),
    "active",
    "a key that may not read credits says nothing against sending",
  );
  assert.equal(await stateOf(askOf({ "/v3/scopes": told({ scopes: ["stats.read"] }) }), read("paid", 10)), "suspended");
  assert.equal(await stateOf(askOf({}), read("paid", 10)), "suspended", "a key that is refused does not send");
  assert.equal(await stateOf(askOf({}, SILENT), read("paid", 10)), "unavailable");
  assert.equal(await stateOf(askOf({ "/v3/scopes": told({}) }), read("paid", 10)), "unknown");
});

test("posture: what may not be read is an item; what fails makes the whole unavailable", async () => {
  const posture = await postureIn(askOf({ "/v3/api_keys": told({ result: [{ api_key_id: "k1", name: "app" }] }) }));
  assert.ok(posture.kind === "answer");
  assert.ok(posture.value.some(({ kind, id }) => kind === "setting" && id === "unreadable:/v3/verified_senders"));
  assert.deepEqual(
    posture.value.filter(({ kind }) => kind === "key").map(({ id }) => id),
    ["k1"],
  );
  assert.equal((await postureIn(askOf({}, SILENT))).kind, "unavailable");
  assert.equal((await postureIn(askOf({}, told({ no: "list" })))).kind, "unavailable");
});

test("posture holds no secret and no recipient: addresses of webhooks, invitations and people are marks", async () => {
  const posture = await postureIn(
    askOf({
      "/v3/user/webhooks/event/settings/all": told({
        webhooks: [{ id: "w1", url: "https://user:hunter2@hook.example/secret-path", public_key: "KEY" }],
      }),
      "/v3/teammates/pending": told({ result: [{ email: "new@acme.example", token: "let-me-in", scopes: [] }] }),
      "/v3/suppression/bounces": told([{ email: "Victim@example.net", reason: "550", created: 1 }]),
      "/v3/marketing/contacts/exports": told({ result: [{ id: "e1", urls: ["https://x.example/?signature=zzz"] }] }),
      "/v3/mail_settings/footer": told({ enabled: true, html_content: "<a href='https://evil.example'>" }),
    }),
  );
  assert.ok(posture.kind === "answer");
  const text = JSON.stringify(posture.value);
  assert.doesNotMatch(text, /hunter2|secret-path|let-me-in|ictim@|signature|evil\.example|"KEY"/);
  assert.match(text, /hook\.example/);
});

test("posture reads a list page by page to its end, and says so where it stops before", async () => {
  const user = (n: number) => ({ username: `u${n}`, email: `u${n}@acme.example` });
  const pages =
    (count: number): Ask =>
    async (path) => {
      if (!path.startsWith("/v3/teammates?")) return REFUSED;
      const { searchParams } = new URL(path, "http://x");
      const [limit, offset] = [Number(searchParams.get("limit")), Number(searchParams.get("offset"))];
      return told({
        result: Array.from({ length: Math.max(0, Math.min(limit, count - offset)) }, (_, n) => user(offset + n)),
      });
    };
  const usersOf = async (count: number) => {
    const posture = await postureIn(pages(count));
    assert.ok(posture.kind === "answer");
    return posture.value.filter(({ kind }) => kind === "user");
  };
  assert.equal((await usersOf(1_203)).length, 1_203);
  const many = await usersOf(10_500);
  assert.equal(many.length, 10_001);
  assert.equal(many.at(-1)!.id, "more:/v3/teammates");
});
