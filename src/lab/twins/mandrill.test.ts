import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import mailchimp from "@mailchimp/mailchimp_transactional";
import { silentLog, systemClock } from "../../kernel/index.ts";
import { recordOf } from "./mandrill-fields.ts";
import { type RunningTwin, startTwin } from "./index.ts";

/** The official client, unmodified but for its address. */
async function clientOf(context: TestContext, version = "1.3") {
  const delivered: string[] = [];
  const twin = await startTwin("mandrill", {
    clock: systemClock,
    log: silentLog,
    deliver: async ({ recipients }) => void delivered.push(...recipients),
  });
  context.after(() => twin.stop());
  return { twin, delivered, client: clientWith(twin, twin.apiKey, version) };
}
function clientWith(twin: RunningTwin, key: string, version = "1.3") {
  const client = mailchimp(key);
  client.basePath = `${twin.baseUrl}/api/${version}`;
  return client;
}
const message = (to: string, more: object = {}) => ({
  message: {
    from_email: "news@account.acme.example",
    from_name: "Acme",
    subject: "Hello",
    text: "Hi",
    to: [{ email: to, type: "to" }],
    ...more,
  },
});
const claimsOf = (answer: unknown) =>
  answer as Record<"email" | "status" | "_id" | "queued_reason" | "reject_reason", string>[];
/** The client resolves with an axios error where the API says no. */
const errorOf = (answer: unknown) => {
  const response = recordOf(recordOf(answer)["response"]);
  return [response["status"], recordOf(response["data"])["name"]];
};

test("the official client sends fields and raw messages, and sees what became of them", async (context) => {
  const { twin, client, delivered } = await clientOf(context);
  const [sent] = claimsOf(
    await client.messages["send"]!(message("a@example.net", { metadata: { user: 7 }, tags: ["t"] })),
  );
  assert.equal(sent?.status, "sent");
  const id = sent?.["_id"] ?? "";
  assert.match(id, /^[0-9a-f]{32}$/);
  const [raw] = claimsOf(
    await client.messages["sendRaw"]!({
      raw_message: "From: news@account.acme.example\r\nTo: b@example.net\r\nX-MC-Tags: x\r\nSubject: Raw\r\n\r\nHi\r\n",
    }),
  );
  assert.deepEqual([raw?.email, raw?.status], ["b@example.net", "sent"]);
  assert.doesNotMatch(String(twin.account.sent[1]?.raw), /x-mc/i);
  assert.deepEqual(twin.account.sent[1]?.tags, ["x"]);
  assert.deepEqual(delivered, ["a@example.net", "b@example.net"]);
  const info = recordOf(await client.messages["info"]!({ id }));
  assert.deepEqual([info["email"], info["state"], info["metadata"]], ["a@example.net", "sent", { user: "7" }]);
  const found = (await client.messages["search"]!({ query: "*" })) as unknown[];
  assert.equal(found.length, 2);
});

test("the official client reads the account", async (context) => {
  const { client } = await clientOf(context);
  assert.equal(await client.users["ping"]!(), "PONG!");
  assert.deepEqual(await client.users["ping2"]!(), { PING: "PONG!" });
  const info = recordOf(await client.users["info"]!());
  assert.deepEqual([info["reputation"], info["hourly_quota"], info["backlog"]], [80, 250, 0]);
  await client.messages["send"]!(message("a@example.net", { from_email: "ops@arxxwalls.example" }));
  for (const senders of [await client.senders["list"]!(), await client.users["senders"]!()]) {
    const addresses = (senders as unknown[]).map((one) => recordOf(one)["address"]);
    assert.deepEqual(addresses, ["news@account.acme.example", "ops@arxxwalls.example"], "tried to send counts");
  }
  for (const lists of [
    client.webhooks,
    client.exports,
    client.rejects,
    client.allowlists,
    client.templates,
    client.metadata,
  ]) {
    assert.ok(Array.isArray(await lists["list"]!()));
  }
});

test("errors have their names, and with API 1.0 all of them HTTP 500", async (context) => {
  const { twin, client } = await clientOf(context);
  const old = clientWith(twin, twin.apiKey, "1.0");
  assert.deepEqual(errorOf(await clientWith(twin, "wrong").users["info"]!()), [401, "Invalid_Key"]);
  assert.deepEqual(errorOf(await clientWith(twin, "wrong", "1.0").users["info"]!()), [500, "Invalid_Key"]);
  assert.deepEqual(errorOf(await client.messages["sendRaw"]!({})), [422, "ValidationError"]);
  assert.deepEqual(errorOf(await old.messages["sendRaw"]!({})), [500, "ValidationError"]);
  const lost = message("a@example.net", { subaccount: "none" });
  assert.deepEqual(errorOf(await client.messages["send"]!(lost)), [404, "Unknown_Subaccount"]);
  assert.deepEqual(errorOf(await client.messages["info"]!({ id: "none" })), [404, "Unknown_Message"]);
});

test("a key that may only read sends nothing and adds nothing", async (context) => {
  const { twin } = await clientOf(context);
  const reader = clientWith(twin, twin.readKey);
  assert.ok(Array.isArray(await reader.senders["list"]!()));
  assert.deepEqual(errorOf(await reader.messages["send"]!(message("a@example.net"))), [401, "Invalid_Key"]);
  assert.deepEqual(errorOf(await reader.rejects["add"]!({ email: "a@example.net" })), [401, "Invalid_Key"]);
  assert.equal(twin.account.sent.length, 0);
});

test("denylist, foreign domain, paused subaccount and attachment are each answered under HTTP 200", async (context) => {
  const { client, delivered } = await clientOf(context);
  const one = async (answer: Promise<unknown>): Promise<string> => {
    const [claim] = claimsOf(await answer);
    return [claim?.status, claim?.reject_reason ?? claim?.queued_reason].join(" ");
  };
  const { messages } = client;
  await client.rejects["add"]!({ email: "b@example.net" });
  await client.subaccounts["add"]!({ id: "cust" });
  await client.subaccounts["pause"]!({ id: "cust" });
  assert.equal(await one(messages["send"]!(message("b@example.net"))), "rejected custom");
  assert.equal(
    await one(messages["send"]!(message("a@example.net", { from_email: "x@evil.example" }))),
    "rejected unsigned",
  );
  assert.equal(await one(messages["send"]!(message("a@example.net", { subaccount: "cust" }))), "queued sending-paused");
  assert.equal(await one(messages["send"]!(message("nobody"))), "invalid ");
  const attachments = [{ type: "text/plain", name: "a.txt", content: "SGk=" }];
  assert.equal(await one(messages["send"]!(message("c@example.net", { attachments }))), "queued attachments");
  assert.deepEqual(delivered, ["c@example.net"]);
});

test("a suspended account answers a client that looks at HTTP alone as ever, and delivers nothing", async (context) => {
  const { twin, client, delivered } = await clientOf(context);
  for (const variant of twin.dialect.suspensions.slice(0, 8)) {
    twin.setFault({ mode: "suspended", variant });
    const response = await fetch(`${twin.baseUrl}/api/1.3/messages/send.json`, {
      method: "POST",
      body: JSON.stringify({ key: twin.apiKey, ...message("victim@example.net") }),
    });
    assert.ok(response.ok, variant); // all that such a client asks
    const [claim] = claimsOf(await client.messages["send"]!(message("victim@example.net")));
    assert.notEqual(claim?.status, "rejected"); // nor does this catch it
  }
  assert.equal(twin.account.sent.length, 16);
  assert.deepEqual(delivered, []);
  assert.equal(recordOf(await client.users["info"]!())["backlog"], 16);
  twin.setFault({ mode: "ok" });
  assert.equal(await twin.releaseHeld(), 16, "and some day it lets all of them go");
  assert.equal(delivered.length, 16);
});
