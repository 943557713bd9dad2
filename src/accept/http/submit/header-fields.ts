import type { Faults } from "./faults.ts";
import { pointerTo } from "./faults.ts";
import { headerTextFault } from "./text-values.ts";

const FIELD_COUNT = 50;
/** Narrower than RFC 5322 §2.2, as wide as real field names are. */
const FIELD_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,74}[A-Za-z0-9])?$/;
/** A word that folding cannot break must fit a line (RFC 5322 §2.1.1: 998) with its name. */
const LONGEST_WORD = 900;

/** Fields that a member of the request, Postern or a later server writes; a second one would contradict it. */
const OWNED = new Map<string, string>([
  ["from", "use `from`."],
  ["sender", "Postern sends as the address of `from`."],
  ["to", "use `to`."],
  ["cc", "use `cc`."],
  ["bcc", "use `bcc`."],
  ["reply-to", "use `replyTo`."],
  ["subject", "use `subject`."],
  ["message-id", "use `messageId`."],
  ["date", "Postern writes it when it accepts the message."],
  ["mime-version", "Postern writes it."],
  ["return-path", "use `envelope.returnPath`."],
  ["delivered-to", "the receiving server writes it."],
  ["received", "servers write it."],
  ["authentication-results", "the receiving server writes it."],
]);
const OWNED_PREFIXES = ["content-", "resent-", "arc-", "x-postern-"];

const ownedBy = (name: string): string | undefined =>
  OWNED.get(name) ??
  (OWNED_PREFIXES.some((prefix) => name.startsWith(prefix))
    ? "fields of this family are not the client's to write."
    : undefined);

/** Further header fields of a message, checked: `[name, value]` in the order given. */
export function readHeaderFields(given: Record<string, string>, faults: Faults): [string, string][] {
  const names = Object.keys(given);
  if (names.length > FIELD_COUNT) {
    faults.add("/headers", `has ${names.length} fields; at most ${FIELD_COUNT} are taken.`);
    return [];
  }
  const seen = new Set<string>();
  return names.map((name) => {
    const value = given[name]!;
    const fault = fieldFault(name, value, seen);
    seen.add(name.toLowerCase());
    if (fault !== null) faults.add(pointerTo(["headers", name]), fault);
    return [name, value];
  });
}

function fieldFault(name: string, value: string, seen: ReadonlySet<string>): string | null {
  if (!FIELD_NAME.test(name)) return "is no field name: use up to 76 letters, digits and hyphens.";
  const lower = name.toLowerCase();
  const owner = ownedBy(lower);
  if (owner !== undefined) return `may not be set here; ${owner}`;
  if (seen.has(lower)) return "is there twice, in different spelling. Send it once.";
  const fault = headerTextFault(value);
  if (fault !== null) return fault;
  return value.split(" ").some((word) => word.length > LONGEST_WORD)
    ? `holds a word longer than ${LONGEST_WORD} characters, which no line may.`
    : null;
}
