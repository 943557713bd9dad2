import { type Form, addressesOf, first, foldedAddress } from "../../../mail/index.ts";
import { type Fault, fault, isFault } from "./dialect.ts";
import { fill } from "./fill.ts";
import { dictionary } from "./orders.ts";
import { tagValue } from "../tags.ts";
import type { Frame } from "./read.ts";

export type BatchRecipient = { to: string; variables: Record<string, unknown> };

/**
 * Whom a message goes to one by one, each with their own variables, because it has `recipient-variables`; null: it has
 * none, and is one message to all. Who is named twice gets it once.
 */
export function batchOf(form: Form, { to }: Frame): BatchRecipient[] | Fault | null {
  if (!first(form, "recipient-variables")?.trim()) return null;
  const given = dictionary(form, "recipient-variables");
  if (isFault(given)) return given;
  const byAddress = new Map(Object.entries(given).map(([address, variables]) => [foldedAddress(address), variables]));
  const recipients = new Map<string, BatchRecipient>();
  for (const one of to ?? []) {
    const text = typeof one === "string" ? one : one.email;
    const address = foldedAddress(addressesOf(text)[0] ?? text);
    const variables = byAddress.get(address) ?? {};
    if (typeof variables !== "object" || variables === null || Array.isArray(variables))
      return fault(400, "recipient-variables is not a valid JSON dictionary of dictionaries");
    if (!recipients.has(address))
      recipients.set(address, { to: text, variables: variables as Record<string, unknown> });
  }
  return [...recipients.values()];
}

/** The message as this recipient gets it: nobody else stands in To, and fields and labels have their values. */
export function frameFor(frame: Frame, { to, variables }: BatchRecipient): Frame {
  const filled = (texts: Record<string, string> | undefined): Record<string, string> =>
    Object.fromEntries(Object.entries(texts ?? {}).map(([name, text]) => [name, fill(text, variables)]));
  return {
    ...frame,
    to: [to],
    from: typeof frame.from === "string" ? fill(frame.from, variables) : frame.from,
    replyTo: (frame.replyTo ?? []).map((one) => (typeof one === "string" ? fill(one, variables) : one)),
    headers: filled(frame.headers),
    tags: Object.fromEntries(Object.entries(filled(frame.tags)).map(([name, text]) => [name, tagValue(text)])),
  };
}
