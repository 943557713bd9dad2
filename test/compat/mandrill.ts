import assert from "node:assert/strict";
import mailchimp from "@mailchimp/mailchimp_transactional";
import type { ClientCalls } from "./call.ts";
import { type CompatWorld, DOMAIN, KEYS } from "./world.ts";

/** Mandrill's client resolves with the HTTP error where a call failed: the vendor's own words are in its body. */
async function called(promise: Promise<unknown>): Promise<unknown> {
  const answer = await promise;
  const failure = (answer as { response?: { data?: unknown } } | null)?.response?.data;
  if (failure !== undefined) throw Object.assign(new Error(JSON.stringify(failure)), { data: failure });
  return answer;
}

const MESSAGE = {
  from_email: `hello@${DOMAIN}`,
  subject: "Confirm",
  text: "Click",
  to: [{ email: "ada@example.com", type: "to" }],
};

export function mandrillCalls({ url }: CompatWorld): ClientCalls {
  const client = mailchimp(KEYS.plain);
  client.basePath = `${url}/api/1.0`;
  const { messages } = client;
  const sent = async (): Promise<string> => {
    const answer = (await called(messages["send"]!({ message: MESSAGE }))) as Record<string, string>[];
    assert.equal(answer[0]!["status"], "queued");
    return answer[0]!["_id"]!;
  };
  return {
    vendor: "Mailchimp Transactional",
    client: "@mailchimp/mailchimp_transactional",
    calls: [
      { name: "messages.send", group: "message", run: sent },
      {
        name: "messages.info",
        group: "message",
        run: async () => {
          const id = await sent();
          const info = (await called(messages["info"]!({ id }))) as Record<string, unknown>;
          assert.equal(info["email"], "ada@example.com");
        },
      },
    ],
  };
}
