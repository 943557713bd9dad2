import assert from "node:assert/strict";
import { type SendGridWorld, from, reader } from "./asking.ts";

export const EMAIL = { from, subject: "Confirm", text: "Click" };
/** In whole seconds since the epoch, as their clients want it. */
export const soon = (hours: number): number => Math.floor(Date.now() / 1000) + hours * 3_600;

type Entry = {
  msg_id: string;
  from_email: string;
  to_email: string;
  status: string;
  opens_count: number;
  clicks_count: number;
};
type Details = {
  to_email: string;
  status: string;
  categories: string[];
  unique_args: string;
  events: { event_name: string; bounce_type?: string; reason?: string }[];
};

/** What these tests do with messages again and again. */
export type Messages = {
  activity(query: string): Promise<Entry[]>;
  detailsOf(id: string): Promise<Details>;
  /** @returns X-Message-Id. */
  sent(more?: object): Promise<string>;
};

export function messagesIn({ ask, mail }: SendGridWorld): Messages {
  return {
    activity: async (query) =>
      (await ask<{ messages: Entry[] }>("GET", "/v3/messages", undefined, { query, limit: 50 })).body.messages,
    detailsOf: async (id) => (await ask<Details>("GET", `/v3/messages/${id}`)).body,
    async sent(more = {}) {
      const [response] = await mail.send({ ...EMAIL, to: reader("ada"), ...more } as never);
      assert.equal(response.statusCode, 202);
      return response.headers["x-message-id"] as string;
    },
  };
}
