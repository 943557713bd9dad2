import type { z } from "zod";
import { type SpoolId, isUuid } from "../../../kernel/index.ts";
import type { MessageSummary, RecipientStory } from "../../../spool/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { type MandrillError, mandrillError, notSupported } from "./errors.ts";
import { type Copy, readCopies, readRaw } from "./read.ts";
import type { idShape, searchShape, sendRawShape, sendShape } from "./shape.ts";

type SendResult = {
  email: string;
  status: "queued" | "rejected" | "invalid";
  _id: string;
  reject_reason: string | null;
  queued_reason: null;
};

/** Ids there are 32 hexadecimal digits: ours without its hyphens. */
export const idThere = (spoolId: string): string => spoolId.replaceAll("-", "");
export function idHere(id: string): SpoolId | null {
  const text = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5").toLowerCase();
  return isUuid(text) ? (text as SpoolId) : null;
}

export async function send(
  given: z.infer<typeof sendShape>,
  who: Submitter,
  parts: CompatParts,
): Promise<SendResult[] | MandrillError> {
  if (given.send_at) return notSupported("send_at");
  const copies = readCopies(given.message, parts.random);
  return "name" in copies ? copies : submit(copies, who, parts);
}

export async function sendRaw(
  given: z.infer<typeof sendRawShape>,
  who: Submitter,
  parts: CompatParts,
): Promise<SendResult[] | MandrillError> {
  if (given.send_at) return notSupported("send_at");
  const copy = readRaw(given, parts.limits);
  return "name" in copy ? copy : submit([copy], who, parts);
}

/**
 * `queued` says what is true: Postern has it and will hand it off. A refusal of one copy is that recipient's; one that
 * stands for all (intake is closed) is an error of the call, when nothing was taken yet.
 */
async function submit(
  copies: readonly Copy[],
  who: Submitter,
  parts: CompatParts,
): Promise<SendResult[] | MandrillError> {
  const results: SendResult[] = [];
  for (const { content, emails } of copies) {
    const answer = await parts.port.accept({ submitter: who, door: "http", ...content });
    if (answer.kind === "refused" && answer.refusal.http.status >= 500 && results.length === 0) {
      return mandrillError("ServiceUnavailable", -50, answer.refusal.publicMessage);
    }
    for (const email of emails) {
      results.push(
        answer.kind === "accepted"
          ? { email, status: "queued", _id: idThere(answer.spoolId), reject_reason: null, queued_reason: null }
          : { email, status: "rejected", _id: "", reject_reason: reasonOf(answer.refusal.code), queued_reason: null },
      );
    }
  }
  return results;
}

/** Their closed list of reasons; ours are told in the log and by the metrics. */
const reasonOf = (code: string): string =>
  code === "author-not-allowed" || code === "return-path-not-allowed" ? "invalid-sender" : "rule";

export async function info(given: z.infer<typeof idShape>, who: Submitter, { stories }: CompatParts): Promise<unknown> {
  const id = idHere(given.id);
  const story = id === null ? null : await stories.find(who.tenant, id);
  if (!story) return mandrillError("Unknown_Message", 11, `No message exists with the id '${given.id.slice(0, 64)}'`);
  return messageThere(story, story.recipients[0]);
}

const SEARCH_LIMIT = 100;

export async function search(
  given: z.infer<typeof searchShape>,
  who: Submitter,
  { stories }: CompatParts,
): Promise<unknown> {
  const recipient = /(?:^|\s)(?:email|full_email):"?([^\s"]+)"?/.exec(given.query ?? "")?.[1];
  const filter = { tenant: who.tenant, ...(recipient === undefined ? {} : { recipient }) };
  const page = await stories.list(filter, Math.min(given.limit ?? SEARCH_LIMIT, SEARCH_LIMIT), null);
  return page.messages.flatMap((message) =>
    message.recipients
      .filter((one) => recipient === undefined || one.address.toLowerCase() === recipient.toLowerCase())
      .map((one) => messageThere(message, one)),
  );
}

const STATES: Record<RecipientStory["state"], string> = {
  pending: "deferred",
  "handed-off": "sent",
  delivered: "sent",
  rejected: "bounced",
  expired: "bounced",
  suppressed: "rejected",
  cancelled: "rejected",
};

function messageThere(message: MessageSummary, recipient: RecipientStory | undefined) {
  return {
    ts: Math.floor(message.acceptedAt / 1000),
    _id: idThere(message.spoolId),
    sender: message.author,
    template: null,
    subject: "", // not kept: a subject may hold a secret
    email: recipient?.address ?? "",
    tags: Object.keys(message.tags),
    opens: 0,
    opens_detail: [],
    clicks: 0,
    clicks_detail: [],
    state: recipient ? STATES[recipient.state] : "deferred",
    metadata: message.tags,
    smtp_events: [],
    resends: [],
  };
}
