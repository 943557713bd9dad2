import type { z } from "zod";
import { parseMailbox } from "../../../mail/index.ts";
import type { SuppressionKind } from "../../../tenancy/index.ts";
import type { Content } from "../../http/submit/read-message.ts";
import type { Submitter } from "../../submission.ts";
import { templateRules } from "../../template-rules.ts";
import type { CompatParts } from "../compat.ts";
import { suppressed } from "../suppressed.ts";
import { type Addressee, type Making, contentFor, streamOf, unsupported } from "./content.ts";
import { readDate } from "./dates.ts";
import { type MandrillError, errorOfProblem, isError, notSupported, unavailable, validationError } from "./errors.ts";
import { idThere } from "./ids.ts";
import { readRaw } from "./read-raw.ts";
import type { MandrillMessage, sendRawShape, sendShape, sendTemplateShape } from "./shape.ts";
import { regionsOf, storedDraft } from "./stored-draft.ts";
import { type Draft, type WriterFor, ownDraft, writerOf } from "./writing.ts";

type SendResult = {
  email: string;
  status: "queued" | "scheduled" | "rejected" | "invalid";
  _id: string;
  reject_reason: string | null;
  queued_reason: null;
};
type Sent = Promise<SendResult[] | MandrillError>;

export const send = (given: z.infer<typeof sendShape>, who: Submitter, parts: CompatParts): Sent =>
  sendDraft(ownDraft(given.message), given, who, parts);

export async function sendTemplate(given: z.infer<typeof sendTemplateShape>, who: Submitter, parts: CompatParts): Sent {
  const { message, template_name: name, template_content: content } = given;
  const rules = templateRules(parts.tenants, who, streamOf(message));
  const draft = await storedDraft(name, regionsOf(content), message, rules, { who, templates: parts.templates });
  return isError(draft) ? draft : sendDraft(draft, given, who, parts);
}

export async function sendRaw(given: z.infer<typeof sendRawShape>, who: Submitter, parts: CompatParts): Sent {
  const read = readRaw(given, parts.limits);
  if (isError(read)) return read;
  const { recipients, contentFor: content, ordered } = read;
  const sendAt = sendTimeOf(given.send_at ?? ordered.sendAt, parts);
  if (isError(sendAt)) return sendAt;
  const at = sendAt === null ? {} : { sendAt };
  return acceptAll(recipients, (n) => ({ ...content(n), ...at }), sendAt, who, parts);
}

/** All is read before one is sent: what cannot be done is refused by name, and nobody has got anything. */
async function sendDraft(
  draft: Draft,
  { message, send_at: given }: { message: MandrillMessage; send_at?: string | null | undefined },
  who: Submitter,
  parts: CompatParts,
): Sent {
  const cannot = unsupported(message, draft);
  if (cannot !== null) return notSupported(cannot);
  if (draft.from.email === null)
    return validationError(`Validation error: {"message":{"from_email":"Please enter a value"}}`);
  if (message.bcc_address && !parseMailbox(message.bcc_address))
    return validationError("`bcc_address` is no mail address.");
  const sendAt = sendTimeOf(given, parts);
  if (isError(sendAt)) return sendAt;
  const writer = writerOf(draft, message, templateRules(parts.tenants, who, streamOf(message)));
  if (isError(writer)) return writer;
  const to = message.to.filter(({ email }) => parseMailbox(email) !== null);
  const making: Making = { draft, message: { ...message, to }, sendAt, random: parts.random };
  const fault = await firstFault(to, writer, making);
  if (fault) return fault;
  const content = (n: number): Content => {
    const made = contentOf(to[n]!, writer, making, true);
    if (isError(made)) throw new Error(`what could be read could not be read again: ${made.name}`);
    return made;
  };
  const results = await acceptAll(
    to.map(({ email }) => email),
    content,
    sendAt,
    who,
    parts,
  );
  if (isError(results)) return results;
  let next = 0;
  return message.to.map((one) => (to[next] === one ? results[next++]! : resultOf(one.email, "invalid")));
}

function contentOf(
  addressee: Addressee,
  writer: WriterFor,
  making: Making,
  withFiles: boolean,
): Content | MandrillError {
  const written = writer(addressee.email);
  if (isError(written)) return written;
  const content = contentFor(addressee, written, making, withFiles);
  return "code" in content ? errorOfProblem(content) : content;
}

/** Writing one may take some tens of milliseconds: others have their turn after each. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Files are the same for all, and large: they are read with the first one. */
async function firstFault(to: readonly Addressee[], writer: WriterFor, making: Making): Promise<MandrillError | null> {
  for (const [n, addressee] of to.entries()) {
    const content = contentOf(addressee, writer, making, n === 0);
    if (isError(content)) return content;
    await turn();
  }
  return null;
}

const GROUP = { messages: 50, bytes: 4 * 1024 * 1024 };

/**
 * One message for each recipient, as each has an id of its own there; groups are accepted side by side, so that they share
 * a commit. `queued` says what is true: Postern has it and will hand it off. A refusal is an error of the call while
 * nothing was taken; after that it is that recipient's.
 */
async function acceptAll(
  emails: readonly string[],
  contentOfNth: (n: number) => Content,
  sendAt: number | null,
  who: Submitter,
  parts: CompatParts,
): Sent {
  const results: SendResult[] = [];
  let isAnyTaken = false;
  for (let n = 0; n < emails.length;) {
    const group: Content[] = [];
    let bytes = 0;
    while (n < emails.length && group.length < GROUP.messages && bytes < GROUP.bytes) {
      await turn();
      const content = contentOfNth(n);
      group.push(content);
      bytes += content.raw.length;
      n += 1;
    }
    const first = n - group.length;
    const answers = await Promise.all(
      group.map((content) => parts.port.accept({ submitter: who, door: "http", ...content })),
    );
    isAnyTaken ||= answers.some(({ kind }) => kind === "accepted");
    for (const [index, answer] of answers.entries()) {
      const email = emails[first + index]!;
      if (answer.kind === "refused") {
        const { code, http, publicMessage } = answer.refusal;
        const isSender = code === "author-not-allowed" || code === "return-path-not-allowed";
        if (!isAnyTaken && http.status >= 500) return unavailable(publicMessage);
        if (!isAnyTaken && !isSender) return validationError(publicMessage);
        results.push(resultOf(email, "rejected", "", isSender ? "invalid-sender" : "rule"));
        continue;
      }
      const id = idThere(answer.spoolId);
      const isRefusedHere = answer.suppressed?.includes(0) === true;
      if (isRefusedHere) results.push(resultOf(email, "rejected", id, await reasonFor(email, who.tenant, parts)));
      else results.push(resultOf(email, sendAt === null ? "queued" : "scheduled", id));
    }
  }
  return results;
}

const resultOf = (email: string, status: SendResult["status"], id = "", reason: string | null = null): SendResult => ({
  email,
  status,
  _id: id,
  reject_reason: reason,
  queued_reason: null,
});

/** Their closed list of reasons. */
export const REJECT_REASONS: Readonly<Record<SuppressionKind, string>> = {
  bounced: "hard-bounce",
  invalid: "hard-bounce",
  complained: "spam",
  unsubscribed: "unsub",
  manual: "custom",
};

async function reasonFor(email: string, tenant: string, { suppressions }: CompatParts): Promise<string> {
  const found = await suppressed(suppressions, tenant, email);
  return REJECT_REASONS[found?.kind ?? "manual"];
}

/** Null: now, also where that instant is past ("Mandrill can't time travel"). */
function sendTimeOf(given: string | null | undefined, { clock }: CompatParts): number | null | MandrillError {
  if (!given) return null;
  const at = readDate(given);
  if (at === null) return validationError("`send_at` must be a UTC timestamp in YYYY-MM-DD HH:MM:SS format.");
  return at <= clock.now() ? null : at;
}
