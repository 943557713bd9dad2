import type { IncomingHttpHeaders } from "node:http";
import { isUtf8 } from "node:buffer";
import type { Limits } from "../../../config/index.ts";
import { type Mailbox, hasEightBit, textFault } from "../../../mail/index.ts";
import { faultRefusal } from "../../checks.ts";
import { type Fault, type ProblemDocument, invalid, refusalProblem } from "../problem.ts";
import { Faults } from "./faults.ts";
import { readAddress } from "./mailboxes.ts";
import type { RawMessageJson } from "./message-schema.ts";
import { type Content, envelopeOf, readReturnPath, readSendAt } from "./read-message.ts";
import { readTags } from "./tags.ts";
import { strictBase64 } from "./text-values.ts";

/** A raw message in JSON. */
export function readRawMessage(given: RawMessageJson, limits: Limits): Content | ProblemDocument {
  const faults = new Faults();
  const raw = strictBase64(given.raw);
  if (raw === null) faults.add("/raw", "must be base64 with padding and without line breaks (`base64 -w0`).");
  const returnPath = readReturnPath(given.envelope.returnPath, faults);
  const recipients = given.envelope.recipients.flatMap(
    (text, index) => readAddress(text, `/envelope/recipients/${index}`, faults) ?? [],
  );
  const tags = given.tags === undefined ? undefined : readTags(given.tags, faults);
  const sendAt = readSendAt(given.sendAt, faults);
  if (faults.found || raw === null) return invalid(faults.list);
  const content = rawContent(raw, returnPath, recipients, given.stream, limits, { pointer: "/raw" });
  if (!("raw" in content)) return content;
  return {
    ...content,
    ...(tags === undefined ? {} : { tags }),
    ...(sendAt === undefined ? {} : { sendAt }),
    ...(given.supersedes === undefined ? {} : { supersedes: given.supersedes }),
  };
}

export const ENVELOPE_HEADERS = {
  returnPath: "x-postern-return-path",
  recipients: "x-postern-recipients",
  stream: "x-postern-stream",
  sendAt: "x-postern-send-at",
  supersedes: "x-postern-supersedes",
} as const;

/** `Content-Type: message/rfc822`: the body is the message, the envelope is in headers (ASCII; addresses beyond it go as JSON). */
export function readRfc822(raw: Buffer, headers: IncomingHttpHeaders, limits: Limits): Content | ProblemDocument {
  const faults: Fault[] = [];
  const one = (name: string): string | undefined => (Array.isArray(headers[name]) ? headers[name][0] : headers[name]);
  const read = <Value>(
    header: string,
    missing: string,
    reader: (text: string, faults: Faults) => Value,
  ): Value | null => {
    const text = one(header);
    if (text === undefined) {
      faults.push({ header, detail: missing });
      return null;
    }
    const found = new Faults();
    const value = reader(text, found);
    for (const { detail } of found.list) faults.push({ header, detail });
    return value;
  };
  const returnPath = read(
    ENVELOPE_HEADERS.returnPath,
    "is missing; give the address for delivery reports, or <> for none.",
    (text, found) => readReturnPath(text, found),
  );
  const recipients = read(
    ENVELOPE_HEADERS.recipients,
    "is missing; give the recipients' addresses, separated by commas.",
    (text, found) => text.split(",").flatMap((part) => readAddress(part.trim(), "", found) ?? []),
  );
  const later = one(ENVELOPE_HEADERS.sendAt);
  const sendAt =
    later === undefined ? null : read(ENVELOPE_HEADERS.sendAt, "", (text, found) => readSendAt(text, found));
  if (faults.length > 0 || recipients === null) return invalid(faults);
  const content = rawContent(raw, returnPath, recipients, one(ENVELOPE_HEADERS.stream), limits, {});
  if (!("raw" in content)) return content;
  const supersedes = one(ENVELOPE_HEADERS.supersedes);
  return {
    ...content,
    ...(typeof sendAt === "number" ? { sendAt } : {}),
    ...(supersedes === undefined ? {} : { supersedes }),
  };
}

/** Text and envelope of a raw message whose addresses are read; its lines and its header section are looked at. */
export function rawContent(
  raw: Buffer,
  returnPath: Mailbox | null,
  recipients: readonly Mailbox[],
  stream: string | undefined,
  limits: Limits,
  place: { pointer?: string },
): Content | ProblemDocument {
  const fault = textFault(raw, limits.lineOctets);
  if (fault !== null) {
    const refused = refusalProblem(faultRefusal(fault, limits));
    return { ...refused, errors: [{ ...place, detail: refused.detail }] };
  }
  const envelope = envelopeOf(returnPath, recipients);
  if (!hasEightBit(raw)) return { stream, envelope, raw };
  const header = headerSection(raw);
  // RFC 6532 §3.2: a header section may hold UTF-8, and then needs SMTPUTF8 all the way; other 8-bit text has no meaning there.
  if (hasEightBit(header) && !isUtf8(header)) {
    return invalid([
      { ...place, detail: "has octets in its header section that are no UTF-8. Use encoded words (RFC 2047)." },
    ]);
  }
  return {
    stream,
    envelope: { ...envelope, needs8bit: true, needsSmtputf8: envelope.needsSmtputf8 || hasEightBit(header) },
    raw,
  };
}

function headerSection(raw: Buffer): Buffer {
  const end = raw.indexOf("\r\n\r\n");
  return end === -1 ? raw : raw.subarray(0, end);
}
