import { domainToASCII, domainToUnicode } from "node:url";

/** One mailbox, parsed by our own strict grammar (RFC 5321 §4.1.2, without quoted local parts, comments or routes). */
export type Mailbox = {
  localPart: string;
  /** Lower case; A-labels as given, or U-labels where the address needs SMTPUTF8. */
  domain: string;
  /** `localPart@domain`. */
  address: string;
  /** A character above 127 in either part. */
  needsSmtputf8: boolean;
};

// RFC 5321 §4.5.3.1.1–2 and RFC 3696 erratum 1690: 64 octets before the @, 254 in all.
const LOCAL_PART_OCTETS = 64;
const ADDRESS_OCTETS = 254;
const DOMAIN_OCTETS = 253;

/** RFC 5321 Dot-string over atext, widened by RFC 6531 §3.3 to letters beyond ASCII (no controls, no separators, no surrogates). */
const LOCAL_PART =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u{80}-\u{10ffff}]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u{80}-\u{10ffff}]+)*$/u;
const ASCII_DOMAIN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
/** Everything in it that is invisible or steers text direction would let two addresses look alike. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Z}]/u;
// oxlint-disable-next-line no-control-regex
const BEYOND_ASCII = /[^\x00-\x7f]/;

/**
 * The one parser of addresses: what it takes is what is stored, compared and sent. Deliberately narrower than the
 * standard, because every wider form has been used to make two parsers see two different domains.
 * @returns null for anything else than exactly one mailbox.
 */
export function parseMailbox(text: string): Mailbox | null {
  const at = text.lastIndexOf("@");
  if (at < 1 || text.indexOf("@") !== at) return null;
  const localPart = text.slice(0, at);
  const domain = text.slice(at + 1).toLowerCase();
  const ascii = !BEYOND_ASCII.test(text);
  if (ascii ? text.length > ADDRESS_OCTETS : Buffer.byteLength(text) > ADDRESS_OCTETS) return null;
  if (Buffer.byteLength(localPart) > LOCAL_PART_OCTETS || !LOCAL_PART.test(localPart)) return null;
  if (ascii) {
    if (domain.length > DOMAIN_OCTETS || !ASCII_DOMAIN.test(domain) || /^[\d.]+$/.test(domain)) return null;
  } else {
    if (HIDDEN.test(text) || text.normalize("NFC") !== text) return null;
    const encoded = domainToASCII(domain); // UTS-46; empty when no valid domain comes of it
    if (encoded === "" || encoded.length > DOMAIN_OCTETS || !ASCII_DOMAIN.test(encoded)) return null;
    // RFC 5890 §2.3.2.1: a U-label is what its A-label gives back. `ｅxample.com` and `b。com` mean an ASCII domain and are none.
    if (encoded !== domain && domainToUnicode(encoded) !== domain) return null;
  }
  return { localPart, domain, address: `${localPart}@${domain}`, needsSmtputf8: !ascii };
}

/** The domain as DNS and policies compare it: A-labels, lower case. */
export const asciiDomain = (mailbox: Mailbox): string =>
  mailbox.needsSmtputf8 ? domainToASCII(mailbox.domain) : mailbox.domain;

/**
 * With a domain of other scripts as its A-label (RFC 5891 §4.4): one domain, one form, in rows and lists alike. With an
 * ASCII local part every server can then carry it; only a local part beyond ASCII truly needs SMTPUTF8.
 */
export function transferable(mailbox: Mailbox): Mailbox {
  if (!mailbox.needsSmtputf8) return mailbox;
  return parseMailbox(`${mailbox.localPart}@${asciiDomain(mailbox)}`) ?? mailbox;
}

/**
 * The form in which addresses are compared: capital ASCII letters made small, nothing else. The same as PostgreSQL's
 * lower(… COLLATE "C"), so that rows and memory agree.
 */
export const foldedAddress = (address: string): string =>
  address.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
