import type { Limits, StreamSettings } from "../config/index.ts";
import { type SpoolId, isUuid } from "../kernel/index.ts";
import {
  type Header,
  type Recipient,
  type TextFault,
  asciiDomain,
  authorOf,
  exceedsMimeBounds,
  headerValue,
  parseMailbox,
  readHeader,
  speakersOf,
  textFault,
} from "../mail/index.ts";
import type { Tenant } from "../tenancy/index.ts";
import { refusal } from "./refusals.ts";
import type { Refusal, Submission } from "./submission.ts";

/** A submission found good: what was read on the way, so that nothing is read twice. */
export type Checked = {
  header: Header;
  stream: StreamSettings;
  author: string;
  recipients: Recipient[];
  supersedes: SpoolId | null;
};

const STREAM_FIELD = "x-postern-stream";
const SUPERSEDES_FIELD = "x-postern-supersedes";
/** A message that passed this very server so often is on a circle, whatever the hop limit says. */
const OWN_HOPS = 3;

/**
 * Whether a message may be taken. Pure.
 * 1. Size and lines.  2. Header section.  3. Loops.  4. Stream.  5. Author and return path.  6. Recipients.  7. Structure.
 */
export function checkSubmission(
  submission: Submission,
  tenant: Tenant,
  limits: Limits,
  hostname: string,
): Checked | Refusal {
  const { raw, envelope } = submission;
  if (submission.door !== "smtp") {
    // The SMTP door has seen both: there they end the session.
    if (raw.length > limits.messageBytes) return tooLarge(limits);
    const fault = textFault(raw, limits.lineOctets);
    if (fault !== null) return faultRefusal(fault, limits);
  }

  const header = readHeader(raw, limits);
  if ("code" in header) return refusal(header.code, "554 5.6.0", 422, header.publicMessage);
  const loop = loopIn(header, limits, hostname);
  if (loop) return loop;

  const asked =
    submission.stream ?? headerValue(header, STREAM_FIELD) ?? tenant.credentialStream(submission.submitter.credential);
  const stream = tenant.stream(asked ?? undefined);
  if (!stream) {
    return refusal(
      "stream-unknown",
      "550 5.7.1",
      422,
      `There is no stream named ${printable(asked ?? "")}. Use one of the streams in the configuration of this tenant.`,
    );
  }

  const author = authorOf(header);
  const mailbox = author === undefined ? null : parseMailbox(author);
  // Readers show all of From, and some of them Sender: nobody in them may be a stranger.
  const speakers = speakersOf(header)?.map(parseMailbox) ?? [null];
  if (mailbox === null || speakers.includes(null)) {
    return refusal(
      "author-missing",
      "550 5.6.0",
      422,
      "The message does not say whose it is: the From field must hold exactly one address (or Sender one of several).",
    );
  }
  const stranger = speakers.find((one) => one && !tenant.owns(asciiDomain(one)));
  if (stranger) {
    return refusal(
      "author-not-allowed",
      "550 5.7.1",
      403,
      `This credential may not send as ${printable(stranger.domain)}. Add the domain to the tenant's domains, or send from one of them.`,
    );
  }
  if (envelope.returnPath !== null && !tenant.owns(asciiDomain(envelope.returnPath))) {
    return refusal(
      "return-path-not-allowed",
      "550 5.7.1",
      403,
      `The return path must be in a domain of this tenant; ${printable(envelope.returnPath.domain)} is none. Use one of them, or the null path.`,
    );
  }

  const recipients = withoutDuplicates(envelope.recipients);
  if (recipients.length === 0) {
    return refusal("recipients-missing", "554 5.5.1", 422, "The message has no recipient. Name at least one.");
  }
  if (recipients.length > limits.recipientsPerMessage) {
    return refusal(
      "recipients-too-many",
      "452 4.5.3",
      422,
      `A message may have ${limits.recipientsPerMessage} recipients. Split it.`,
    );
  }
  if (exceedsMimeBounds(raw, header)) {
    return refusal(
      "mime-too-deep",
      "554 5.6.0",
      422,
      "The message nests deeper, has more parts or more lines than a reader could follow. Send it in a simpler form; code long text as quoted-printable or base64.",
    );
  }
  const supersedes = (submission.supersedes ?? headerValue(header, SUPERSEDES_FIELD))?.trim().toLowerCase() ?? null;
  if (supersedes !== null && !isUuid(supersedes)) {
    return refusal(
      "supersedes-invalid",
      "550 5.6.0",
      422,
      "What this message supersedes must be one id of a message, as Postern answered it.",
    );
  }
  return { header, stream, author: mailbox.address, recipients, supersedes: supersedes as SpoolId | null };
}

export const tooLarge = (limits: Limits): Refusal =>
  refusal(
    "message-too-large",
    "552 5.3.4",
    413,
    `The message is larger than ${limits.messageBytes} bytes. Shorten it, or link to what is large.`,
  );

/** The same sentence at every door for lines that two servers could read differently. */
export function faultRefusal(fault: TextFault, limits: Limits): Refusal {
  switch (fault) {
    case "bare-lf":
      return refusal(
        "bare-lf",
        "550 5.6.0",
        422,
        "A line ends in LF alone; every line must end in CR LF (RFC 5321 §2.3.8). Convert the line ends.",
      );
    case "bare-cr":
      return refusal(
        "bare-cr",
        "550 5.6.0",
        422,
        "There is a CR without its LF; every line must end in CR LF (RFC 5321 §2.3.8). Convert the line ends.",
      );
    case "nul":
      return refusal("nul", "550 5.6.0", 422, "The message holds a NUL octet. Encode binary parts in base64.");
    case "line-too-long":
      return refusal(
        "line-too-long",
        "550 5.6.0",
        422,
        `A line is longer than ${limits.lineOctets} octets (RFC 5322 §2.1.1). Encode the part as quoted-printable or base64.`,
      );
  }
}

/** RFC 5321 §6.3: count the trace fields; those we wrote ourselves count double quick. */
function loopIn(header: Header, limits: Limits, hostname: string): Refusal | null {
  const mine = `by ${hostname} (Postern)`;
  let hops = 0;
  let own = 0;
  for (const field of header.fields) {
    if (field.name !== "received") continue;
    hops += 1;
    if (field.value.startsWith(mine)) own += 1;
  }
  return hops > limits.receivedHops || own >= OWN_HOPS
    ? refusal(
        "mail-loop",
        "554 5.4.6",
        422,
        "The message has passed too many servers (Received fields): it goes round in a circle. Check that no provider sends back to this server.",
      )
    : null;
}

/** One mailbox named twice gets one copy; the first naming keeps its DSN wishes. */
function withoutDuplicates(recipients: readonly Recipient[]): Recipient[] {
  if (recipients.length < 2) return [...recipients];
  const seen = new Set<string>();
  return recipients.filter(({ mailbox }) => {
    if (seen.has(mailbox.address)) return false;
    seen.add(mailbox.address);
    return true;
  });
}

/** Text of a client in a sentence of ours: no controls, not long. */
const printable = (text: string): string => text.replace(/[^\x21-\x7e]/g, "?").slice(0, 80);
