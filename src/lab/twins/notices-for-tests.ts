import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import type { WebhookAnswer, WebhookRequest } from "../../providers/index.ts";
import { RECEIVERS } from "../../providers/index.ts";
import type { NoticeMode, RunningTwin } from "./index.ts";

/** A webhook of ours for a twin: gives what is made of the notices that one `send` under a mode brings. */
export async function noticesOf(
  context: TestContext,
  twin: RunningTwin,
  secret: string,
  send: () => Promise<unknown>,
): Promise<(mode: NoticeMode, wanted: number) => Promise<WebhookAnswer[]>> {
  const seen = new Set<string>();
  const answers: WebhookAnswer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const headers = request.headers as WebhookRequest["headers"];
      const notice = { method: "POST", url: `http://postern${request.url}`, headers, body: Buffer.concat(chunks) };
      const parts = { now: Date.now(), isNew: (id: string) => !seen.has(id) && seen.add(id) !== undefined };
      answers.push(await RECEIVERS[twin.vendor](notice, { key: secret, basic: null, topicArn: null }, parts));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return async (mode, wanted) => {
    twin.setNotices(mode, { url, secret });
    answers.length = 0;
    await send();
    await eventually(() => answers.length >= wanted);
    await twin.noticesSent();
    return [...answers];
  };
}
