import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { apiSettings } from "../../../test/contract/api-contract.ts";
import { someHandoff } from "../../../test/contract/provider-contract.ts";
import { eventually } from "../../../test/support/eventually.ts";
import { silentLog, systemClock } from "../../kernel/index.ts";
import { createProvider } from "../../providers/index.ts";
import { receiveSendgrid } from "../../providers/sendgrid/index.ts";
import type { WebhookAnswer } from "../../providers/index.ts";
import { startTwin } from "./index.ts";
import { sendgridWebhookKeys } from "./sendgrid-notice.ts";

/** A receiver as Postern's own: what the adapter makes of each notice, in the order of arrival. */
async function receiver(context: TestContext, publicKey: string): Promise<{ url: string; answers: WebhookAnswer[] }> {
  const answers: WebhookAnswer[] = [];
  const seen = new Set<string>();
  const isNew = (id: string) => !seen.has(id) && Boolean(seen.add(id));
  const take = async (incoming: IncomingMessage): Promise<number> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request = {
      method: incoming.method ?? "",
      url: `http://receiver${incoming.url}`,
      headers: incoming.headers as Record<string, string>,
      body: Buffer.concat(chunks),
    };
    const secrets = { key: publicKey, basic: null, topicArn: null };
    const answer = await receiveSendgrid(request, secrets, { now: systemClock.now(), isNew });
    answers.push(answer);
    return answer.kind === "refused" ? answer.status : 200;
  };
  const server = createServer((incoming, response) => {
    void take(incoming).then((status) => response.writeHead(status).end());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, answers };
}

test("the twin's notices are known by their signature, carry our ids, count once, and forged ones are refused", async (context) => {
  const { secret, publicKey } = sendgridWebhookKeys();
  const { url, answers } = await receiver(context, publicKey);
  const twin = await startTwin("sendgrid", { clock: systemClock, log: silentLog, notices: { url, secret } });
  const provider = createProvider(apiSettings(twin), {
    clock: systemClock,
    log: silentLog,
    hostname: "postern.example",
  });
  context.after(async () => {
    await provider.close();
    await twin.stop();
  });
  const handOff = async () => (await provider.handOff(someHandoff(1), new AbortController().signal)).recipients[0]!;

  const outcome = await handOff();
  await eventually(() => answers.length === 1);
  const [first] = answers;
  assert.ok(first?.kind === "events");
  const event = first.events[0]!;
  assert.deepEqual(
    [event.type, event.recipient, event.attemptId, event.spoolId, event.providerMessageId],
    ["delivered", "rcpt0@example.net", "attempt-1", someHandoff(1).spoolId, outcome.providerMessageId],
  );

  twin.setNotices("duplicated");
  await handOff();
  await eventually(() => answers.length === 3);
  assert.deepEqual(
    answers.slice(1).map((one) => one.kind === "events" && one.events.length),
    [1, 0],
  );

  twin.setNotices("forged");
  await handOff();
  await eventually(() => answers.length === 4);
  assert.equal(answers[3]!.kind, "refused");
});
