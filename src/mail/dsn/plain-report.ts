import type { DeliveryEvent } from "../delivery-event.ts";
import { REPORT_BOUNDS } from "./bounds.ts";
import { encodedWords } from "./encoded-words.ts";
import { DELAYS, ENDINGS, FAILURES, type Format, REPORTER, RETURNED } from "./formats.ts";
import { type Part, splitHeader, type Walked } from "./mime-walk.ts";
import { addressIn, eventOf, instantOf } from "./report-event.ts";
import { statusInText } from "./status-in-text.ts";
import { boundedLines, textOfHtml } from "./text.ts";
import { recipientsNamed } from "./recipients-named.ts";

export type PlainReport = {
  mta: string;
  means: Format["means"];
  events: DeliveryEvent[];
  /** By the system's own sentence, field or name; not by words that an automatic answer may have as well. */
  certain: boolean;
};

/**
 * A report in words (RFC 3464 is younger than most mail systems): which system's words they are, whether it has given
 * up, and about whom. Null where nothing in it is a report. Who is not named is null: the address that the report came
 * to may still tell which message it is about.
 */
export function readPlainReport({ fields, parts }: Walked): PlainReport | null {
  const { own, after } = ownLines(parts);
  const text = own.join("\n");
  const header = [...fields].map(([name, value]) => `${name}: ${encodedWords(value.slice(0, 500))}`).join("\n");
  const isOfReporter =
    REPORTER.test(fields.get("from") ?? "") || FAILURES.some((one) => one.where === "header" && one.says.test(header));
  // RFC 5321 §4.5.5: reports have the null return path. So have automatic answers, which are told apart by the caller.
  const maySay = isOfReporter || /^\s*<\s*>/.test(fields.get("return-path") ?? "");
  const matching = (formats: readonly Format[]): Format | undefined =>
    formats.find(({ where, says, certain }) => (certain || maySay) && says.test(where === "header" ? header : text));
  const delay = matching(DELAYS);
  const failure = matching(FAILURES);
  // "Delayed", and "given up": whichever it is, nobody is written off for it.
  const isUnclear = delay !== undefined && delay.where === "text" && ENDINGS.test(text);
  const format = delay !== undefined && !isUnclear ? delay : (failure ?? delay);
  if (format === undefined) return null;
  const named = recipientsNamed(fields, own, addressIn(fields.get("from")));
  const said = named.length > 0 ? named : [ofReturned(parts, after, text)];
  const whole = statusInText(text);
  const at = instantOf(fields.get("date"));
  const type = format.means === "delayed" ? "deferred" : "bounced";
  const events = said
    .slice(0, REPORT_BOUNDS.recipients)
    .map((one) =>
      eventOf({ type, recipient: one.recipient, status: statusInText(one.said) ?? whole, said: one.said, at }),
    )
    .map((event) =>
      event.bounce === "hard" && (isUnclear || event.recipient === null)
        ? { ...event, bounce: "soft" as const }
        : event,
    );
  return { mta: format.mta, means: format.means, events, certain: format.certain || isOfReporter };
}

/** What the reporter wrote itself: text before the returned message; of a report that somebody forwarded, without the marks of quoting. */
function ownLines(parts: readonly Part[]): { own: string[]; after: string[] } {
  const own = parts.filter((part) => part.within === "report" && /^text\/(?!rfc822)|^multipart\//.test(part.type));
  const plain = own.filter((part) => part.type !== "text/html");
  const chosen = plain.some((part) => part.text.trim() !== "") ? plain : own;
  const text = chosen.map((part) => (part.type === "text/html" ? textOfHtml(part.text) : part.text)).join("\n");
  const all = boundedLines(text);
  const quoted = all.filter((line) => /^> ?/.test(line)).length;
  const isForwarded =
    quoted * 2 > all.length && /^> .*(?:returned mail|undeliver|mailer-daemon)/im.test(all.join("\n"));
  const lines = isForwarded ? all.map((line) => line.replace(/^> ?/, "")) : all;
  const end = lines.findIndex((line, n) => n > 0 && RETURNED.test(line));
  return end === -1 ? { own: lines, after: lines } : { own: lines.slice(0, end), after: lines.slice(end) };
}

/** Nobody is named: the message that came back tells for whom it was, if for one only. */
function ofReturned(
  parts: readonly Part[],
  after: readonly string[],
  text: string,
): { recipient: string | null; said: string } {
  const said = text.slice(0, 2_000);
  for (const part of parts) {
    const isHeader = part.type === "text/rfc822-headers";
    if (part.within !== "returned" && !isHeader) continue;
    const recipient = onlyOne((isHeader ? splitHeader(part.text.trimStart()).fields : part.fields).get("to"));
    if (recipient !== null) return { recipient, said };
  }
  const line = after.find((one) => /^>? ?to:/i.test(one));
  return { recipient: onlyOne(line?.replace(/^>? ?to:/i, "")), said };
}

const onlyOne = (to: string | undefined): string | null => (to?.split("@").length === 2 ? addressIn(to) : null);
