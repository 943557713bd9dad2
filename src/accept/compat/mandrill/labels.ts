import { tagName, tagValue } from "../tags.ts";
import type { MandrillMessage } from "./shape.ts";

/** The label that keeps of which template a message was made. Names that begin with `_` are Mandrill's own there as well. */
export const TEMPLATE_LABEL = "_template";

const LABELS = 10;

/**
 * Labels of ours are names with values, ten at most: their tags become names without a value, their metadata stays what it
 * is. A recipient's own metadata stands above that of the message.
 */
export function labelsFor(
  message: Pick<MandrillMessage, "tags" | "metadata" | "recipient_metadata">,
  email: string,
  template: string | null,
): Record<string, string> {
  const own = message.recipient_metadata?.filter(({ rcpt }) => rcpt.toLowerCase() === email.toLowerCase()) ?? [];
  const metadata = Object.assign({}, message.metadata ?? {}, ...own.map(({ values }) => values)) as object;
  const pairs = [
    ...(template === null ? [] : [[TEMPLATE_LABEL, template] as const]),
    ...(message.tags ?? []).map((tag) => [tagName(tag), ""] as const),
    ...Object.entries(metadata).map(([name, value]) => [tagName(name), tagValue(value)] as const),
  ];
  return Object.fromEntries(pairs.filter(([name]) => name !== "").slice(0, LABELS));
}

/** As they are told there. */
export function labelsThere(labels: Readonly<Record<string, string>>): {
  tags: string[];
  metadata: Record<string, string>;
  template: string | null;
} {
  const entries = Object.entries(labels).filter(([name]) => name !== TEMPLATE_LABEL);
  return {
    tags: entries.filter(([, value]) => value === "").map(([name]) => name),
    metadata: Object.fromEntries(entries.filter(([, value]) => value !== "")),
    template: labels[TEMPLATE_LABEL] ?? null,
  };
}
