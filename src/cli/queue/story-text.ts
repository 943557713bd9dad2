import type { AttemptStory, EventStory, MessageStory, RecipientStory } from "../../spool/index.ts";
import type { Paint } from "../paint.ts";
import { padEnd, padStart, printable, wrap } from "../text.ts";
import { instant, size, span, when } from "../when.ts";
import { standingText, stateColour } from "./summary-text.ts";

/** Everything known of one message, for a person: what it is, where it stands, what was tried and what was said. */
export function storyText(story: MessageStory, now: number, width: number, paint: Paint): string {
  const facts: [name: string, fact: string][] = [
    ["State", `${story.state}: ${standingText(story, now)}`],
    [
      "From",
      story.author === story.returnPath ? story.author : `${story.author} (returns to ${story.returnPath || "<>"})`,
    ],
    ["Message-ID", story.headerMessageId],
    ["Stream", `${story.tenant}/${story.stream}, class ${story.class}`],
    ["Accepted", `${when(story.acceptedAt, now)} over ${story.door} (${instant(story.acceptedAt)})`],
    [story.endedAt === null ? "Expires" : "Ended", expiry(story, now)],
    ["Size", size(story.sizeBytes)],
    ...Object.entries(story.tags).map(([name, value]): [string, string] => ["Tag", `${name} = ${value}`]),
  ];
  const lines = [
    paint.strong(story.spoolId),
    ...facts.flatMap(([name, fact]) => hanging(`  ${padEnd(name, 10)}  `, fact, width)),
    "",
    paint.strong("Recipients"),
    ...story.recipients.flatMap((recipient, n) => recipientLines(recipient, n, width)),
    "",
    paint.strong("Attempts"),
    ...(story.attempts.length === 0 ? ["  none yet"] : []),
    ...story.attempts.flatMap((attempt) => attemptLines(attempt, story, now, width, paint)),
    ...(story.events.length === 0 ? [] : ["", paint.strong("Events")]),
    ...story.events.flatMap((event) => eventLines(event, story.recipients.length, now, width)),
  ];
  return lines.map((line, n) => (n === 1 ? stateColour(story.state, paint)(line) : line)).join("\n");
}

const expiry = ({ endedAt, expiresAt }: MessageStory, now: number): string =>
  endedAt !== null
    ? `${when(endedAt, now)} (${instant(endedAt)})`
    : expiresAt === null
      ? "not by itself"
      : `${when(expiresAt, now)} (${instant(expiresAt)})`;

/** `first` and then as much of `text` as fits; further lines start below the text. */
function hanging(first: string, text: string, width: number): string[] {
  const room = Math.max(20, width - first.length);
  return wrap(printable(text), room).map((line, n) => (n === 0 ? first : " ".repeat(first.length)) + line);
}

const number = (n: number): string => padStart(String(n), 3);

function recipientLines({ address, state, reason }: RecipientStory, n: number, width: number): string[] {
  return hanging(
    `${number(n + 1)}  ${padEnd(state, 10)}  `,
    reason === null ? address : `${address} (${reason})`,
    width,
  );
}

export function attemptLines(
  attempt: AttemptStory,
  { recipients }: { recipients: readonly unknown[] },
  now: number,
  width: number,
  paint: Paint,
): string[] {
  const { n, provider, routeReason, intentAt, settledAt, outcome } = attempt;
  const took = settledAt === null ? "" : ` after ${span(settledAt - intentAt)}`;
  const end = outcome === null ? "its end is not known yet" : `${outcome}${took}`;
  const colour = outcome === "accepted" ? paint.good : outcome === null ? paint.quiet : paint.bad;
  const indent = " ".repeat(5);
  const some =
    attempt.recipients.length === recipients.length
      ? []
      : hanging(indent, `for recipient ${attempt.recipients.map((one) => one + 1).join(", ")}`, width);
  const said = answerText(attempt);
  return [
    `${number(n)}  ${printable(provider)}  ${colour(end)}  ${paint.quiet(when(intentAt, now))}`,
    ...(said === "" ? [] : hanging(indent, said, width)),
    ...hanging(indent, `why there: ${routeReason}`, width),
    ...some,
  ];
}

/** What was answered: the code as the wire has it, the text, our word for the cause, and the provider's id. */
function answerText({
  replyCode,
  enhancedStatus,
  diagnostic,
  cause,
  scope,
  outcome,
  providerMessageId,
}: AttemptStory): string {
  const codes = [replyCode, enhancedStatus].flatMap((one) => (one === null ? [] : [String(one)]));
  let bare = diagnostic ?? "";
  for (const code of codes) if (bare.startsWith(code)) bare = bare.slice(code.length).trimStart(); // often told again
  const cut = outcome === null || outcome === "accepted" || cause === null ? "" : `[${cause}, ${scope ?? "recipient"}]`;
  const id = providerMessageId === null || bare.includes(providerMessageId) ? "" : `id ${providerMessageId}`;
  return [...codes, bare, cut, id].filter((one) => one !== "").join(" ");
}

/** What is not known is left out; recipients have the numbers they are listed under, and are named where they are not all. */
function eventLines({ at, kind, detail }: EventStory, ofRecipients: number, now: number, width: number): string[] {
  const { recipients, ...others } = detail;
  const told = Object.entries(others)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const some =
    Array.isArray(recipients) && recipients.length < ofRecipients
      ? [`for recipient ${recipients.map((one) => Number(one) + 1).join(", ")}`]
      : [];
  return hanging(`  ${padEnd(when(at, now), 12)}  `, [kind, ...told, ...some].join(" "), width);
}
