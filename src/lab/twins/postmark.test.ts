import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { AccountClient, ServerClient } from "postmark";
import { eventually } from "../../../test/support/eventually.ts";
import { silentLog, systemClock } from "../../kernel/index.ts";
import type { WebhookAnswer, WebhookRequest } from "../../providers/index.ts";
import { receivePostmark } from "../../providers/postmark/index.ts";
import { type RunningTwin, startTwin } from "./index.ts";

/** The official client, unmodified, against the twin: what it says and understands is what Postmark's dialect is. */
async function twinFor(
  context: TestContext,
): Promise<{ twin: RunningTwin; client: ServerClient; account: AccountClient }> {
  const twin = await startTwin("postmark", { clock: systemClock, log: silentLog });
  context.after(() => twin.stop());
  const options = { requestHost: new URL(twin.baseUrl).host, useHttps: false };
  return { twin, client: new ServerClient(twin.apiKey, options), account: new AccountClient(twin.readKey, options) };
}

const LETTER = {
  From: "Acme <news@account.acme.example>",
  To: "ada@example.net",
  Subject: "Hello",
  TextBody: "Good day",
  HtmlBody: "<p>Good day</p>",
};
const refusedWith = async (asked: Promise<unknown>): Promise<unknown[]> => {
  const error = (await asked.then(
    () => assert.fail("it was taken"),
    (thrown: unknown) => thrown,
  )) as { name: string; code: number; statusCode: number };
  return [error.name, error.statusCode, error.code];
};

test("the client sends, and finds the message by its metadata and its id", async (context) => {
  const { twin, client } = await twinFor(context);
  const answer = await client.sendEmail({ ...LETTER, Metadata: { postern_attempt: "a1" }, Tag: "welcome" });
  assert.deepEqual([answer.ErrorCode, answer.Message, answer.To], [0, "OK", "ada@example.net"]);
  assert.equal(answer.MessageID, twin.account.sent[0]?.id);
  await client.sendEmail(LETTER);
  const found = await client.getOutboundMessages({ metadata_postern_attempt: "a1" } as object);
  assert.deepEqual(
    found.Messages.map(({ MessageID, Tag, Recipients, Status }) => [MessageID, Tag, Recipients, Status]),
    [[answer.MessageID, "welcome", ["ada@example.net"], "Sent"]],
  );
  assert.equal((await client.getOutboundMessageDetails(answer.MessageID)).TextBody, "Good day");
});

test("the client sees each refusal as the error it has for it", async (context) => {
  const { twin, client } = await twinFor(context);
  assert.deepEqual(await refusedWith(client.sendEmail({ ...LETTER, To: "no address" })), [
    "InvalidEmailRequestError",
    422,
    300,
  ]);
  assert.deepEqual(await refusedWith(client.sendEmail({ ...LETTER, From: "a@other.example" })), [
    "ApiInputError",
    422,
    400,
  ]);
  assert.deepEqual(await refusedWith(client.sendEmail({ ...LETTER, MessageStream: "no" })), [
    "ApiInputError",
    422,
    1235,
  ]);
  twin.insider.suppress("ada@example.net");
  assert.deepEqual(await refusedWith(client.sendEmail(LETTER)), ["InactiveRecipientsError", 422, 406]);
  twin.setFault({ mode: "suspended" });
  assert.deepEqual(await refusedWith(client.sendEmail(LETTER)), ["ApiInputError", 422, 413]);
  twin.setFault({ mode: "429" });
  assert.deepEqual((await refusedWith(client.sendEmail(LETTER)))[1], 429);
  twin.setFault({ mode: "5xx", taken: false });
  assert.deepEqual((await refusedWith(client.sendEmail(LETTER)))[1], 500);
  twin.account.apiKeys.clear();
  assert.deepEqual(await refusedWith(client.sendEmail(LETTER)), ["InvalidAPIKeyError", 401, 10]);
  assert.equal(twin.account.sent.length, 0);
});

test("the client lists what an account is configured to", async (context) => {
  const { twin, client, account } = await twinFor(context);
  twin.insider.addWebhook("https://evil.example/hook");
  assert.deepEqual((await client.getServer()).ApiTokens, [twin.apiKey]);
  assert.deepEqual(
    (await client.getMessageStreams()).MessageStreams.map(({ ID }) => ID),
    ["outbound", "inbound"],
  );
  assert.deepEqual(
    (await client.getWebhooks()).Webhooks.map(({ Url }) => Url),
    ["https://evil.example/hook"],
  );
  assert.deepEqual((await client.getSuppressions("outbound")).Suppressions, []);
  assert.deepEqual((await client.getTemplates()).Templates, []);
  assert.deepEqual(
    (await account.getDomains()).Domains.map(({ Name }) => Name),
    ["account.acme.example"],
  );
  assert.equal((await account.getSenderSignatures()).SenderSignatures[0]?.EmailAddress, "news@account.acme.example");
});

test("its notices are taken by Postern, forged ones are not, and a duplicate is taken once", async (context) => {
  const { twin, client } = await twinFor(context);
  const secrets = { key: null, basic: "postern:sesame", topicArn: null };
  const seen = new Set<string>();
  const parts = { now: Date.now(), isNew: (id: string) => !seen.has(id) && seen.add(id) !== undefined };
  const answers: WebhookAnswer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const headers = request.headers as WebhookRequest["headers"];
      const notice = { method: "POST", url: `http://postern${request.url}`, headers, body: Buffer.concat(chunks) };
      answers.push(await receivePostmark(notice, secrets, parts));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close().closeAllConnections());
  const target = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, secret: "postern:sesame" };
  const send = async (mode: Parameters<typeof twin.setNotices>[0], wanted: number) => {
    twin.setNotices(mode, target);
    answers.length = 0;
    await client.sendEmail({ ...LETTER, Metadata: { postern_attempt: "a1", postern_id: "s1" } });
    await eventually(() => answers.length >= wanted);
    await twin.noticesSent();
    return answers.map((one) => one.kind);
  };
  assert.deepEqual(await send("normal", 1), ["events"]);
  const [event] = answers[0]?.kind === "events" ? answers[0].events : [];
  assert.deepEqual(
    [event?.type, event?.recipient, event?.attemptId, event?.spoolId, event?.providerMessageId],
    ["delivered", "ada@example.net", "a1", "s1", twin.account.sent[0]?.id],
  );
  assert.deepEqual(await send("forged", 1), ["refused"]);
  assert.deepEqual(await send("duplicated", 2), ["events", "refused"]);
  assert.deepEqual(await send("silent", 0), []);
});
