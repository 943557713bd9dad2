import {
  type EnvelopeDsn,
  type RecipientDsn,
  parseEnvelopeId,
  parseNotify,
  parseOriginalRecipient,
  parseReturn,
} from "../../mail/index.ts";
import { BAD_PARAMETER, type Reply, UNKNOWN_PARAMETER } from "./replies.ts";

/** What MAIL announced behind its path. */
export type MailParameters = {
  /** SIZE=, 0 where not given (RFC 1870 §6). */
  sizeBytes: number;
  /** RFC 6531 §3.4 */
  smtputf8: boolean;
  dsn: EnvelopeDsn;
};

const NO_MAIL_PARAMETERS: MailParameters = Object.freeze({ sizeBytes: 0, smtputf8: false, dsn: Object.freeze({}) });
const NO_RECIPIENT_DSN: RecipientDsn = Object.freeze({});

/** RFC 1870 §3: at most 20 digits. */
const SIZE = /^\d{1,20}$/;
/** RFC 6152 §2; BINARYMIME (RFC 3030) is not offered. */
const BODY = /^(?:7BIT|8BITMIME)$/i;
/** xtext of a mailbox, or `<>` (RFC 4954 §5). Who wrote the message is taken from the login alone, so it is read and dropped. */
const AUTH = /^(?:<>|(?:[!-*,-<>-~]|\+[0-9A-F]{2}){1,500})$/;

/** @param text what stands behind the path: empty, or parameters with a space before each (RFC 5321 §4.1.2). */
export function mailParameters(text: string): MailParameters | Reply {
  if (text === "") return NO_MAIL_PARAMETERS;
  const found: MailParameters = { sizeBytes: 0, smtputf8: false, dsn: {} };
  return (
    eachParameter(text, (keyword, value) => {
      switch (keyword) {
        case "SIZE":
          if (value === null || !SIZE.test(value)) return BAD_PARAMETER;
          found.sizeBytes = Number(value);
          return null;
        case "BODY":
          return value !== null && BODY.test(value) ? null : BAD_PARAMETER;
        case "SMTPUTF8":
          found.smtputf8 = true;
          return value === null ? null : BAD_PARAMETER;
        case "AUTH":
          return value !== null && AUTH.test(value) ? null : BAD_PARAMETER;
        case "RET": {
          const returnContent = value === null ? null : parseReturn(value);
          if (returnContent === null) return BAD_PARAMETER;
          found.dsn.returnContent = returnContent;
          return null;
        }
        case "ENVID": {
          const envelopeId = value === null ? null : parseEnvelopeId(value);
          if (envelopeId === null) return BAD_PARAMETER;
          found.dsn.envelopeId = envelopeId;
          return null;
        }
        default:
          return UNKNOWN_PARAMETER;
      }
    }) ?? found
  );
}

/** The parameters of RCPT: those of RFC 3461 and no others. */
export function recipientParameters(text: string): RecipientDsn | Reply {
  if (text === "") return NO_RECIPIENT_DSN;
  const found: RecipientDsn = {};
  return (
    eachParameter(text, (keyword, value) => {
      switch (keyword) {
        case "NOTIFY": {
          const notify = value === null ? null : parseNotify(value);
          if (notify === null) return BAD_PARAMETER;
          found.notify = notify;
          return null;
        }
        case "ORCPT": {
          const original = value === null ? null : parseOriginalRecipient(value);
          if (original === null) return BAD_PARAMETER;
          found.original = original;
          return null;
        }
        default:
          return UNKNOWN_PARAMETER;
      }
    }) ?? found
  );
}

/** RFC 5321 §4.1.2: esmtp-keyword ["=" esmtp-value]. */
const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~]+))?$/;

/** Null where all went well, else the first complaint. Each keyword once: two values would leave the choice to chance. */
function eachParameter(text: string, take: (keyword: string, value: string | null) => Reply | null): Reply | null {
  if (!text.startsWith(" ")) return BAD_PARAMETER;
  const seen = new Set<string>();
  for (const part of text.slice(1).split(" ")) {
    if (part === "") continue; // some clients write two spaces
    const match = PARAMETER.exec(part);
    if (!match) return BAD_PARAMETER;
    const keyword = match[1]!.toUpperCase();
    if (seen.has(keyword)) return BAD_PARAMETER;
    seen.add(keyword);
    const complaint = take(keyword, match[2] ?? null);
    if (complaint) return complaint;
  }
  return null;
}
