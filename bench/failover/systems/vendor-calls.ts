import type { RunningTwin } from "../../../src/lab/twins/index.ts";
import type { Letter } from "./system.ts";

/** What a client library that looks at the HTTP status alone makes of an answer. */
export type Call = (letter: Letter, signal: AbortSignal) => Promise<{ status: number }>;

/** POST messages/send. Under a suspension the answer is 200 all the same; what it says of each recipient stands in its body. */
export const mandrillCall =
  ({ baseUrl, apiKey }: RunningTwin): Call =>
  async ({ from, to, subject, text }, signal) =>
    post(`${baseUrl}/api/1.0/messages/send.json`, {}, signal, {
      key: apiKey,
      message: { from_email: from, to: [{ email: to, type: "to" }], subject, text },
    });

export const sendgridCall =
  ({ baseUrl, apiKey }: RunningTwin): Call =>
  async ({ from, to, subject, text }, signal) =>
    post(`${baseUrl}/v3/mail/send`, { authorization: `Bearer ${apiKey}` }, signal, {
      personalizations: [{ to: [{ email: to }] }],
      from: { email: from },
      subject,
      content: [{ type: "text/plain", value: text }],
    });

async function post(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  body: object,
): Promise<{ status: number }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal,
  });
  await response.arrayBuffer();
  return { status: response.status };
}
