import type { Outcome } from "../../mail/index.ts";
import { diagnosticOf } from "../diagnostic.ts";
import { enhancedStatusOf, ownWordsOf, type Reply } from "./replies.ts";

/**
 * What a 2xx after the text claims. A provider can answer 250 and say in the same line that it will send nothing;
 * no code exists for that, so here the words count. Unknown codes are `held`, never `accepted`.
 */
export function outcomeOfClaim(reply: Reply): Outcome {
  const { code, text } = reply;
  const enhancedStatus = enhancedStatusOf(reply);
  const outcome: Outcome = { kind: "accepted", scope: "message", cause: "accepted", replyCode: code };
  if (enhancedStatus !== undefined) outcome.enhancedStatus = enhancedStatus;
  if (text !== "") outcome.diagnostic = diagnosticOf(text);
  const id = providerMessageIdOf(text);
  if (id !== undefined) outcome.providerMessageId = id;
  // RFC 5321 §4.2.2 knows 250, 251 and 252; RFC 2034 §4: the class of the enhanced code is the first digit of the code.
  const isKnown = code >= 250 && code <= 252 && (enhancedStatus === undefined || enhancedStatus.startsWith("2"));
  const doubt = isKnown ? doubtIn(text) : UNKNOWN_ANSWER;
  return doubt === undefined ? outcome : { ...outcome, kind: "held", scope: doubt.scope, cause: doubt.cause };
}

type Doubt = { scope: Outcome["scope"]; cause: string; says: RegExp };
const UNKNOWN_ANSWER: Doubt = { scope: "message", cause: "unknown-answer", says: /^/ };

/**
 * Words providers use for "taken, but not sent". Vocabulary: Mandrill `queued_reason` (Mailchimp Transactional OpenAPI,
 * seen 2026-11-23), Amazon SES "Account is paused" / "Sending suspended" (SES developer guide, seen 2026-11-24).
 */
const DOUBTS: readonly Doubt[] = [
  {
    cause: "account-suspended",
    scope: "account",
    says: /\b(?:account|sending|sender|service|user|domain|stream)\b.{0,40}\b(?:suspended|disabled|deactivated|terminated|blocked|banned)\b|\b(?:suspended|disabled|deactivated|terminated|blocked|banned) (?:account|sender|user|domain)\b/i,
  },
  {
    cause: "sending-paused",
    scope: "account",
    says: /\b(?:account|sending|delivery|queue|stream|domain)\b.{0,40}\b(?:paused|stopped|frozen|on hold)\b/i,
  },
  {
    cause: "quota-exhausted",
    scope: "account",
    says: /\b(?:quota|limit|credits?|allowance|trial)\b.{0,40}\b(?:reached|exceeded|exhausted|used up)\b|\b(?:over|exceeded|exceeds|out of)\b.{0,20}\b(?:quota|limit|credits?)\b/i,
  },
  {
    cause: "held-for-review",
    scope: "message",
    says: /\b(?:under|pending|held for|awaiting)\b.{0,20}\b(?:review|approval|moderation)\b|\bquarantined?\b/i,
  },
  {
    cause: "not-sent",
    scope: "message",
    says: /\b(?:will|was|is|has|be|been)\b.{0,10}\bnot\b.{0,10}\b(?:sent|delivered|relayed|processed)\b|\b(?:message|mail|email)\b.{0,20}\b(?:discarded|dropped)\b/i,
  },
];
/** One look at nearly every answer; only where a word of the table is in it the table is read. */
const SUSPECT =
  /suspended|disabled|deactivated|terminated|blocked|banned|paused|stopped|frozen|hold|reached|exceed|exhausted|used up|out of|review|approval|moderation|quarantine|not|discarded|dropped|over/i;

function doubtIn(text: string): Doubt | undefined {
  if (!SUSPECT.test(text)) return undefined;
  // Servers repeat ids of ours too (Exchange: `250 2.6.0 <message id> Queued`): a word with a digit is not theirs.
  const theirs = ownWordsOf(text)
    .filter((word) => !/\d/.test(word))
    .join(" ");
  return DOUBTS.find((one) => one.says.test(theirs));
}

const ID_CHARACTERS = 200;
/** Ways in which servers give the id they know a message by: Postfix, Exim, Exchange, Gmail's relay, SES. Seen 2026-11-24. */
const ID_FORMS: readonly RegExp[] = [
  /\bqueued as:? <?([^\s<>,;()]+)/i,
  /\b(?:internal)?id[=:] ?<?([^\s<>,;()\]]+)/i,
  /\bOK +(\d+ [\w.-]+) - gsmtp/,
  /^(?:2\.\d{1,3}\.\d{1,3} )?ok:? <?([\w.@+-]{8,})>?$/i,
];

export function providerMessageIdOf(text: string): string | undefined {
  for (const form of ID_FORMS) {
    const id = form.exec(text)?.[1];
    if (id !== undefined) return /^[ -~]+$/.test(id) ? id.slice(0, ID_CHARACTERS) : undefined;
  }
  return undefined;
}
