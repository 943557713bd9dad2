import PostalMime, { type Email } from "postal-mime";
import { addressesOf, isTooMuchToRead } from "../../mail/index.ts";
import { type Finding, type FindingCode, finding } from "../findings.ts";
import { type Expected, evened, hashOf } from "./expected.ts";
import { type Known, isWithin } from "./known.ts";
import { addressesIn, hostOf, linksOf } from "./places.ts";

/** A canary as it came. */
export type Received = {
  raw: Buffer;
  /** MAIL FROM; null: not known, as of a mailbox of others. */
  returnPath: string | null;
  /** Whether it came over TLS; null: not known, or the receiver offers none. */
  secure: boolean | null;
  /** The server of ours that took it adds nothing; others add what they like. */
  own: boolean;
};

/** Fields by which a mail program answers, shows or writes to somebody: an address there reaches people. */
const REACHES_PEOPLE =
  /^(?:from|sender|reply-to|to|cc|subject|list-.+|errors-to|return-receipt-to|disposition-notification-to|resent-.+)$/;
/** Fields that name servers and the way, in which anything may look like an address. */
const OF_THE_WAY =
  /^(?:received|return-path|message-id|references|in-reply-to|dkim-signature|arc-.+|authentication-results|x-received|delivered-to|x-original-to|feedback-id|x-postern-id)$/;
const BOUNDS = { maxNestingDepth: 20, maxHeadersSize: 256 * 1024, forceRfc822Attachments: true };
const NAMED = 8;

/**
 * Holds a canary that arrived against what was sent. Pure.
 * 1. Subject and parts.  2. Who speaks: From, Reply-To, the return path.  3. Every address and link in it, so that nobody
 * writes along: a stranger's address in routine mail was the first sign of a breach once.  4. Fields nobody knows.  5. TLS.
 * @param domains those the tenant sends from
 */
export async function verify(
  received: Received,
  expected: Expected,
  known: Known,
  domains: readonly string[],
): Promise<Finding[]> {
  if (isTooMuchToRead(received.raw)) return [finding("unreadable", "It has more parts or lines than can be read.")];
  let email: Email;
  try {
    email = await PostalMime.parse(received.raw, BOUNDS);
  } catch (error) {
    return [finding("unreadable", error instanceof Error ? error.message : "no MIME")];
  }
  return [
    ...content(email, expected),
    ...speakers(email, expected),
    ...addresses(email, expected, known, domains),
    ...links(email, expected, known, domains),
    ...(received.own ? way(email, received, known, domains) : []),
  ];
}

function content({ subject = "", text = "", html, attachments }: Email, expected: Expected): Finding[] {
  const found: Finding[] = [];
  const differs = (wanted: string | null | undefined, given: string, code: FindingCode, detail: string) => {
    if (typeof wanted === "string" && hashOf(evened(given)) !== wanted) found.push(finding(code, detail));
  };
  differs(expected.subject, subject, "subject-changed", "The subject is not the one that was sent.");
  differs(expected.text, text, "text-changed", "The text is not the one that was sent.");
  differs(expected.html, html ?? "", "html-changed", "The HTML is not the one that was sent.");
  if (expected.html === null && html !== undefined) found.push(finding("part-added", "There is a part in HTML."));
  if (expected.text !== undefined && attachments.length > 0)
    found.push(finding("part-added", `There are ${attachments.length} attachments.`));
  return found;
}

function speakers(email: Email, expected: Expected): Finding[] {
  const found: Finding[] = [];
  if (expected.author === null) return found;
  const from = addressesOf(fieldOf(email, "from")).map((one) => one.toLowerCase());
  if (from.length !== 1 || from[0] !== expected.author)
    found.push(finding("author-changed", `From is ${from.join(", ") || "unreadable"}.`));
  const answers = addressesOf(fieldOf(email, "reply-to")).map((one) => one.toLowerCase());
  const wanted = expected.replyTo ?? expected.author;
  const isMissing = expected.replyTo !== null && answers.length === 0;
  if (isMissing || answers.some((one) => one !== wanted))
    found.push(finding("reply-to-changed", `Reply-To is ${answers.join(", ") || "not there"}.`));
  return found;
}

function addresses(email: Email, expected: Expected, known: Known, domains: readonly string[]): Finding[] {
  const wanted = new Set(expected.addresses);
  const isForeign = (one: string): boolean => !wanted.has(hashOf(one)) && !isWithin(domainOf(one), domains);
  const inText = [...addressesIn(email.text ?? ""), ...addressesIn(email.html ?? "")].filter(isForeign);
  const inFields = email.headers
    .filter(({ key }) => !OF_THE_WAY.test(key))
    .flatMap(({ key, value }) => addressesIn(value).map((one) => ({ key, one })))
    .filter(({ one }) => isForeign(one) && !known.isItsOwn(domainOf(one)));
  const found = [...new Set(inText)].map((one) => finding("address-foreign", `${one} in the text.`));
  for (const { key, one } of inFields)
    found.push(finding(REACHES_PEOPLE.test(key) ? "address-foreign" : "address-in-field", `${one} in ${key}.`));
  return found.slice(0, NAMED);
}

/**
 * A stranger's link beside all of ours was put there by somebody. One that took the place of ours, or leads to the provider
 * itself, is most often its counting of clicks; of a provider whose domains are not known nobody can tell.
 */
function links(email: Email, expected: Expected, known: Known, domains: readonly string[]): Finding[] {
  if (expected.text === undefined) return [];
  const wanted = new Set(expected.links);
  const found: Finding[] = [];
  for (const [text, isHtml] of [
    [email.text ?? "", false],
    [email.html ?? "", true],
  ] as const) {
    const given = linksOf(text, isHtml);
    const hashes = new Set(given.map(hashOf));
    const foreign = given.filter((link) => !wanted.has(hashOf(link)));
    const isGone = expected.links.some((each) => !hashes.has(each));
    const hosts = new Set(foreign.map((link) => hostOf(link) || "no address"));
    for (const host of [...hosts].slice(0, NAMED)) {
      const name = host.replace(/:\d+$/, "");
      const isItsOwn = known.isItsOwn(name);
      const isStrange = !isGone && known.hasDomains && !isItsOwn && !isWithin(name, domains);
      const whose = isItsOwn ? ", which is the provider's own" : "";
      found.push(finding(isStrange ? "link-foreign" : "link-rewritten", `A link leads to ${host}${whose}.`));
    }
  }
  return found;
}

function way(email: Email, received: Received, known: Known, domains: readonly string[]): Finding[] {
  const found: Finding[] = [];
  const added = new Set(email.headers.map(({ key }) => key).filter((key) => !known.mayAdd(key)));
  if (added.size > 0) found.push(finding("header-added", `${[...added].slice(0, NAMED).join(", ")}.`));
  const bounces = domainOf(received.returnPath ?? "");
  if (bounces !== "" && known.hasDomains && !known.isItsOwn(bounces) && !isWithin(bounces, domains))
    found.push(finding("return-path-foreign", `Bounces go to ${bounces}.`));
  if (received.secure === false) found.push(finding("tls-missing", "It came without TLS."));
  return found;
}

const fieldOf = (email: Email, name: string): string => email.headers.find(({ key }) => key === name)?.value ?? "";
export const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1).toLowerCase();
