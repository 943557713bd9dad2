import { decodeWords } from "postal-mime";
import { addressField, type NamedAddress } from "../../http/compose/field.ts";
import { Faults } from "../../http/submit/faults.ts";
import { namedAddress, readMailbox } from "../../http/submit/mailboxes.ts";

/**
 * A mailbox as clients of SES write it: names beyond ASCII come as encoded words (RFC 2047), since the API asks for that.
 * The address is taken out before they are read, so that nothing in a name can be taken for one.
 */
export function mailboxOf(given: string): string | { email: string; name: string } {
  const parts = /^([^<>]*=\?[^<>]*)<([^<>]*)>$/.exec(given.trim());
  if (!parts) return given.trim();
  return { email: parts[2]!, name: decodeWords(parts[1]!.trim().replace(/^"(.*)"$/, "$1")) };
}

/** The field for these mailboxes, or what is wrong with one of them. */
export function fieldOf(name: string, given: readonly string[]): { field: string } | { fault: string } {
  const faults = new Faults();
  const read = given.flatMap((one): NamedAddress[] => {
    const mailbox = readMailbox(mailboxOf(one), "", faults);
    return mailbox ? [namedAddress(mailbox)] : [];
  });
  return faults.found ? { fault: `${name}: ${faults.list[0]!.detail}` } : { field: addressField(name, read) };
}
