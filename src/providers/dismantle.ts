/**
 * Takes a message apart for providers that take no RFC 5322 text but fields. What they cannot carry is named by their own
 * request.ts (`notExpressible`), never left out in silence; what nobody could take apart faithfully is named here.
 */
import PostalMime, { addressParser, type Address, type Attachment, type Email } from "postal-mime";
import type { Outcome } from "../mail/index.ts";
import { diagnosticOf } from "./diagnostic.ts";

export type NamedAddress = { name: string; email: string };
export type DismantledAttachment = {
  filename: string | null;
  /** Type and subtype, lower case. */
  contentType: string;
  content: Buffer;
  /** Without its angle brackets; what `cid:` in the HTML names. */
  contentId: string | null;
  inline: boolean;
};
export type Dismantled = {
  from: NamedAddress;
  replyTo: NamedAddress[];
  to: NamedAddress[];
  cc: NamedAddress[];
  subject: string;
  text: string | null;
  html: string | null;
  attachments: DismantledAttachment[];
  /** All other fields, in their order, names as written; those that say how the body is coded are not among them. */
  headers: { name: string; value: string }[];
};
export type Dismantling = { kind: "parts"; parts: Dismantled } | { kind: "cannot"; what: string };

/** What the doors let through (mail/mime-bounds.ts), with room. */
const BOUNDS = { maxNestingDepth: 20, maxHeadersSize: 256 * 1024, forceRfc822Attachments: true };

/** They stand in members of their own, or say how the body is coded, which is undone here. */
const OWN_MEMBER = /^(?:from|reply-to|to|cc|bcc|subject|mime-version|content-.*)$/;
/** They speak of the text as it was and of its way here; a signature over octets that are coded anew could only fail. */
const OF_TRANSFER = /^(?:received|return-path|dkim-signature|arc-.*|authentication-results)$/;

/** Never throws: `what` names in a few words what stands in the way, for `notExpressible`. */
export async function dismantle(raw: Buffer): Promise<Dismantling> {
  let email: Email;
  try {
    email = await PostalMime.parse(raw, BOUNDS);
  } catch (error) {
    return cannot(`a structure that cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  const type = email.headers.find(({ key }) => key === "content-type")?.value ?? "";
  const whole = /^\s*(multipart\/(?:signed|encrypted|report)|application\/(?:x-)?pkcs7-mime)\b/i.exec(type)?.[1];
  if (whole !== undefined) return cannot(`a body of type ${whole.toLowerCase()}`);
  const lists = [email.from ? [email.from] : [], email.replyTo ?? [], email.to ?? [], email.cc ?? []];
  if (lists.flat().some((one) => (one.group?.length ?? 0) > 0)) return cannot("an address group");
  const [from = [], replyTo = [], to = [], cc = []] = lists.map((list) => list.flatMap(namedAddress));
  if (from.length !== 1 || countOf(email, "from") !== 1) return cannot("other than one From address");
  return {
    kind: "parts",
    parts: {
      from: from[0]!,
      replyTo,
      to,
      cc,
      subject: email.subject ?? "",
      text: email.text ?? null,
      html: email.html ?? null,
      attachments: email.attachments.map(attachmentOf),
      headers: email.headers
        .filter(({ key }) => !OWN_MEMBER.test(key) && !OF_TRANSFER.test(key))
        .map(({ originalKey, value }) => ({ name: originalKey, value })),
    },
  };
}

/** The provider cannot carry this message as it is; another one may. `what` names it: `a body of type multipart/signed`. */
export const notExpressible = (what: string): Outcome => ({
  kind: "rejected",
  scope: "account",
  cause: "not-expressible",
  diagnostic: diagnosticOf(`This provider's API cannot express ${what}.`),
});

const cannot = (what: string): Dismantling => ({ kind: "cannot", what });

const namedAddress = (one: Address): NamedAddress[] =>
  one.address === undefined || one.address === "" ? [] : [{ name: one.name, email: one.address }];

/** postal-mime gives the first mailbox of From; RFC 5322 §3.6.2 allows a list. */
const countOf = (email: Email, field: string): number =>
  email.headers.filter(({ key }) => key === field).flatMap(({ value }) => addressParser(value, { flatten: true }))
    .length;

function attachmentOf(one: Attachment): DismantledAttachment {
  const content = typeof one.content === "string" ? Buffer.from(one.content) : Buffer.from(one.content as ArrayBuffer);
  return {
    filename: one.filename,
    contentType: one.mimeType,
    content,
    contentId: one.contentId?.replace(/^<|>$/g, "") ?? null,
    inline: one.disposition === "inline" || one.related === true,
  };
}
