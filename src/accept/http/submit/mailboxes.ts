import { type Mailbox, parseMailbox, transferable } from "../../../mail/index.ts";
import type { NamedAddress } from "../compose/field.ts";
import type { Faults } from "./faults.ts";
import { headerTextFault } from "./text-values.ts";

export type NamedMailbox = { mailbox: Mailbox; name: string | undefined };

const NOT_ONE_ADDRESS =
  'must be exactly one address, such as "ada@example.com" or "Ada <ada@example.com>"; comments, groups and quoted local parts are not taken.';

/** A phrase before the angle bracket: quoted, or free of the characters that mean something in an address (RFC 5322 §3.2.3). */
const NAMED = /^(?:"((?:[^"\\]|\\["\\])*)" *|([^"<>()[\]:;@\\,]*))<([^<>]*)>$/;

/** A mailbox as clients write it. Faults go to `faults` under `pointer`. */
export function readMailbox(
  given: string | { email: string; name?: string | undefined },
  pointer: string,
  faults: Faults,
): NamedMailbox | null {
  if (typeof given === "object") return named(given.email, given.name, `${pointer}/email`, `${pointer}/name`, faults);
  if (!given.includes("<")) return named(given, undefined, pointer, pointer, faults);
  const parts = NAMED.exec(given);
  if (!parts) {
    faults.add(pointer, NOT_ONE_ADDRESS);
    return null;
  }
  const name = parts[1]?.replace(/\\(.)/g, "$1") ?? parts[2]!.trim();
  return named(parts[3]!, name, pointer, pointer, faults);
}

function named(
  email: string,
  name: string | undefined,
  at: string,
  nameAt: string,
  faults: Faults,
): NamedMailbox | null {
  const mailbox = readAddress(email, at, faults);
  const fault = name === undefined ? null : headerTextFault(name);
  if (fault !== null) faults.add(nameAt, fault);
  const shown = name?.trim();
  return mailbox && fault === null ? { mailbox, name: shown === "" ? undefined : shown } : null;
}

/** An address alone. */
export function readAddress(text: string, pointer: string, faults: Faults): Mailbox | null {
  const mailbox = parseMailbox(text);
  if (mailbox === null) faults.add(pointer, NOT_ONE_ADDRESS);
  return mailbox && transferable(mailbox);
}

export const namedAddress = ({ mailbox, name }: NamedMailbox): NamedAddress => ({ address: mailbox.address, name });
