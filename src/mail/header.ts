/** One field of a header section. `name` is lower case; `value` is unfolded text; `start`/`end` are offsets into the message, CRLF included. */
export type HeaderField = { name: string; value: string; start: number; end: number };
export type Header = { fields: HeaderField[]; /** Where the body begins. */ bodyStart: number };
export type HeaderFault = {
  code: "header-too-long" | "header-too-many-fields" | "header-malformed" | "header-repeated";
  publicMessage: string;
};

export type HeaderBounds = { headerBytes: number; headerFields: number };

const CRLF = Buffer.from("\r\n");
const FIELD_NAME = /^[!-9;-~]+$/; // RFC 5322 §2.2: printable US-ASCII except colon
/** RFC 5322 §3.6: at most one each. Two would let a filter and a reader see different mail. */
const ONCE = new Set([
  "from",
  "sender",
  "reply-to",
  "to",
  "cc",
  "bcc",
  "date",
  "subject",
  "message-id",
  "in-reply-to",
  "references",
  "content-type",
  "content-transfer-encoding",
  "mime-version",
]);

/** Reads the header section of a message whose lines are already known to end in CRLF. */
export function readHeader(raw: Buffer, bounds: HeaderBounds): Header | HeaderFault {
  const fields: HeaderField[] = [];
  const seen = new Set<string>();
  let at = 0;
  while (at < raw.length) {
    if (at > bounds.headerBytes)
      return fault(
        "header-too-long",
        `The header section is longer than ${bounds.headerBytes} bytes. Shorten or drop fields.`,
      );
    let end = endOfLine(raw, at);
    if (end === at + 2) {
      at = end;
      break;
    }
    while (end < raw.length && (raw[end] === 0x20 || raw[end] === 0x09)) end = endOfLine(raw, end);
    if (end - at > bounds.headerBytes)
      return fault(
        "header-too-long",
        `The header section is longer than ${bounds.headerBytes} bytes. Shorten or drop fields.`,
      );
    const colon = raw.indexOf(0x3a, at);
    const name =
      colon === -1 || colon >= end ? "" : raw.toString("latin1", at, blanksBefore(raw, at, colon)).toLowerCase();
    if (!FIELD_NAME.test(name))
      return fault(
        "header-malformed",
        "A line of the header section is no field: every line needs a name and a colon, and an empty line must come before the body.",
      );
    if (ONCE.has(name) && seen.has(name))
      return fault("header-repeated", `The header field ${name} is there twice; RFC 5322 allows one. Send one.`);
    seen.add(name);
    fields.push({
      name,
      value: raw
        .toString("utf8", colon + 1, end)
        .replaceAll("\r\n", "")
        .trim(),
      start: at,
      end,
    });
    if (fields.length > bounds.headerFields)
      return fault(
        "header-too-many-fields",
        `The message has more than ${bounds.headerFields} header fields. Drop some.`,
      );
    at = end;
  }
  return { fields, bodyStart: at };
}

/** Where the blanks before `end` begin. A pattern would look at a long run of them once from each of them. */
function blanksBefore(raw: Buffer, from: number, end: number): number {
  let at = end;
  while (at > from && (raw[at - 1] === 0x20 || raw[at - 1] === 0x09)) at -= 1;
  return at;
}

const fault = (code: HeaderFault["code"], publicMessage: string): HeaderFault => ({ code, publicMessage });

function endOfLine(raw: Buffer, at: number): number {
  const found = raw.indexOf(CRLF, at);
  return found === -1 ? raw.length : found + 2;
}

export const headerValue = (header: Header, name: string): string | undefined =>
  header.fields.find((field) => field.name === name)?.value;

/**
 * The one author of a message: the addr-spec of From (or of Sender, where From names several).
 * Undefined where there is none or more than one: then nobody could say whose mail it is.
 */
export function authorOf(header: Header): string | undefined {
  const from = addressesOf(headerValue(header, "from") ?? "");
  if (from.length === 1) return from[0];
  const sender = addressesOf(headerValue(header, "sender") ?? "");
  return from.length > 1 && sender.length === 1 && from.includes(sender[0]!) ? sender[0] : undefined;
}

/**
 * Everybody the message shows as its author or as who sends it: the addr-specs of From and Sender.
 * Undefined where Sender is there and is not exactly one.
 */
export function speakersOf(header: Header): string[] | undefined {
  const sender = headerValue(header, "sender");
  const senders = sender === undefined ? [] : addressesOf(sender);
  if (sender !== undefined && senders.length !== 1) return undefined;
  return [...addressesOf(headerValue(header, "from") ?? ""), ...senders];
}

/**
 * The addr-specs of a mailbox list. Text that does not parse gives none, and so does text in which other readers find
 * other addresses (test/fuzz/author.test.ts): some take a quoted string or a comment for one.
 */
export function addressesOf(value: string): string[] {
  const plain = withMarks(value);
  if (plain === undefined) return [];
  const found: string[] = [];
  for (const part of plain.split(",")) {
    if (part.trim() === "" && plain.includes(",")) continue; // RFC 5322 §4.4 allows empty members
    const angle = /^([^<>]*)<([^<>\s"(]+)>[\s(]*$/.exec(part);
    const spec = angle ? angle[2]! : part.replaceAll("(", " ").trim();
    // `a@b <c@d>`: no phrase holds an @ outside of quotes, and there are readers that take the first address.
    const phrase = angle ? angle[1]!.replaceAll(/["(]/g, " ").trim() : "";
    if (phrase.includes("@") && phrase.toLowerCase() !== spec.toLowerCase()) return [];
    if (/[:;[\]\\]/.test(phrase)) return []; // of groups, routes and literals
    if (!angle && (/[\s<>:;"]/.test(spec) || /[^\s(]\(|\([^\s(]/.test(part))) return []; // a comment glued to it
    if (!/^[^@]+@[^@]+$/.test(spec)) return [];
    found.push(spec);
  }
  return found;
}

/** Each quoted string as `"`, each comment as `(`: where they stand matters, not what is in them. Undefined where one is open. */
function withMarks(value: string): string | undefined {
  let plain = "";
  let depth = 0;
  let quoted = false;
  let comment = "";
  for (let at = 0; at < value.length; at += 1) {
    const char = value[at]!;
    if (quoted) {
      if (char === "\\") at += 1;
      else if (char === '"') quoted = false;
      continue;
    }
    if (char === "(") depth += 1;
    if (depth === 0) {
      if (char === ")") return undefined;
      if (char === '"') quoted = true;
      plain += char;
      continue;
    }
    comment += char;
    if (char === "\\") comment += value[(at += 1)] ?? "";
    if (char !== ")") continue;
    depth -= 1;
    if (depth > 0) continue;
    // There are readers that end a comment at the first `)`, whatever it closes, and go on reading addresses.
    if (comment.includes("@") && /.\(|\\/.test(comment)) return undefined;
    plain += "(";
    comment = "";
  }
  return quoted || depth > 0 ? undefined : plain;
}

/** A copy of the message with `prepend` before all fields, `append` after the last one, and the fields `drop` names left out. */
export function rewriteHeader(
  raw: Buffer,
  header: Header,
  change: { prepend: string; append: string; drop: (name: string) => boolean },
): Buffer {
  const parts: Buffer[] = [Buffer.from(change.prepend, "utf8")];
  let kept = 0;
  let headerEnd = 0;
  for (const field of header.fields) {
    headerEnd = field.end;
    if (!change.drop(field.name)) continue;
    parts.push(raw.subarray(kept, field.start));
    kept = field.end;
  }
  parts.push(raw.subarray(kept, headerEnd));
  // What is appended to a last line without its end would become a part of that field.
  if (headerEnd > kept && !raw.subarray(headerEnd - 2, headerEnd).equals(CRLF)) parts.push(CRLF);
  parts.push(Buffer.from(change.append, "utf8"));
  // A message of header fields alone may lack the empty line; another hop would take the first body line for a field.
  parts.push(header.bodyStart > headerEnd ? raw.subarray(headerEnd) : Buffer.concat([CRLF, raw.subarray(headerEnd)]));
  return Buffer.concat(parts);
}
