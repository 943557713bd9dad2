import type { Fields } from "./mime-walk.ts";
import { ADDRESS_TEXT } from "./report-event.ts";
import { REPORT_BOUNDS } from "./bounds.ts";

export type Named = { recipient: string; /** What is written about this one. */ said: string };

/** Lines of reason that may follow a recipient. */
const REASON_LINES = 20;

/** `<a@b>:`, `  a@b`, `* a@b`, `"a@b"`, `a@b on Thu`, `a@b... User unknown`: a line that begins with whom it is about. */
const AT_START = new RegExp(
  String.raw`^[\s>*•|+-]{0,20}(?:[45]\d\d[ -])?(?:smtp:|mailto:)?["'<(\[]{0,3}(${ADDRESS_TEXT})(?:<mailto:|["'>)\]]|\s|[:;,.]|$)`,
  "i",
);
/** As the receiving server was told it. */
const RCPT = new RegExp(String.raw`RCPT TO:\s?<?(${ADDRESS_TEXT})`, "gi");
/** In a sentence, or behind a word that announces it. */
const IN_SENTENCE = new RegExp(
  String.raw`(?:\bto|\bfor|recipients?|users?|user ?id|address(?:ed to)?|mailbox|account|errors?|deliver(?:ing)?|member|original address|<<<|>>>)[\w ]{0,20}(?:(?<!\w)|[:=]\s{0,5}|["'<(\[]{1,3})(${ADDRESS_TEXT})`,
  "gi",
);
const BRACKETED = new RegExp(String.raw`<(${ADDRESS_TEXT})>`, "g");
/** Fields of the returned message that some repeat in their text, and whom to write to for help. */
const NO_RECIPIENT =
  /^\s*(?:from|to|cc|subject|sent|date|message-id|return-path|received|reply-to|x-[\w-]+)\s*:|contact|please send|assistance|envelope-from|questions|MAIL FROM|help(?:desk)?\b|mailing list/i;

/** Whom a report in words is about, by the most certain sign it gives. */
export function recipientsNamed(fields: Fields, lines: readonly string[], reporter: string | null): Named[] {
  const failed = (fields.get("x-failed-recipients") ?? "").split(/[,\s]+/).filter((one) => one.includes("@"));
  const begun = atLineStart(lines);
  const all = lines.join("\n");
  if (failed.length > 0) {
    return unique(
      failed.map((recipient) => ({ recipient, said: begun.find((one) => same(one, recipient))?.said ?? all })),
    );
  }
  const bare = lines.filter((line) => !NO_RECIPIENT.test(line)).join("\n");
  const others = (pattern: RegExp, text: string): Named[] =>
    [...text.matchAll(pattern)]
      .slice(0, REPORT_BOUNDS.recipients)
      .map((match) => ({ recipient: match[1]!, said: text.slice(match.index, match.index + 2_000) }));
  for (const found of [begun, others(RCPT, all), others(IN_SENTENCE, bare), others(BRACKETED, bare)]) {
    const named = unique(found).filter(({ recipient }) => recipient.toLowerCase() !== reporter?.toLowerCase());
    if (named.length > 0) return named.map((one) => ({ ...one, said: one.said || all }));
  }
  return [];
}

function atLineStart(lines: readonly string[]): Named[] {
  const found: Named[] = [];
  let since = 0;
  for (const line of lines) {
    const recipient = AT_START.exec(line)?.[1];
    if (recipient !== undefined && !found.some((one) => same(one, recipient))) {
      found.push({ recipient, said: line.slice(line.indexOf(recipient) + recipient.length) });
      since = 0;
    } else if (found.length > 0 && since < REASON_LINES) {
      found.at(-1)!.said += `\n${line}`;
      since += 1;
    }
    if (found.length >= REPORT_BOUNDS.recipients) break;
  }
  return found.map((one) => ({ ...one, said: one.said.replace(/^[\s>):;"'.,]+/, "") }));
}

const same = (one: Named, recipient: string): boolean => one.recipient.toLowerCase() === recipient.toLowerCase();

function unique(all: readonly Named[]): Named[] {
  const seen = new Map<string, Named>();
  for (const one of all) {
    const recipient = one.recipient.replace(/^['"]|['".]+$/g, "");
    const key = recipient.toLowerCase();
    if (!seen.has(key) && seen.size < REPORT_BOUNDS.recipients) seen.set(key, { ...one, recipient });
  }
  return [...seen.values()];
}
