import type { Fields } from "./mime-walk.ts";

/**
 * Why this is the answer of a machine on somebody's behalf (RFC 3834), a vacation notice above all; null where it is not.
 * Bounces of many systems carry the same fields: those are looked for first, and by their own marks.
 */
export function autoReplySign(fields: Fields, subject: string): string | null {
  const submitted = (fields.get("auto-submitted") ?? "").toLowerCase();
  // RFC 3834 §5.1: auto-replied is an answer to one message; auto-generated may be anything, and "no" is a person.
  if (/^\s*auto-replied\b/.test(submitted)) return "Auto-Submitted: auto-replied";
  for (const [name, says] of SIGNS) if (says.test(fields.get(name) ?? "")) return `the field ${name}`;
  if (/^\s*auto-(?:generated|notified)\b/.test(submitted) && SUBJECTS.test(subject))
    return "Auto-Submitted and the subject";
  return SUBJECTS.test(subject) ? "the subject" : null;
}

/** Fields of systems older than RFC 3834, or that do not follow it. */
const SIGNS: readonly (readonly [name: string, says: RegExp])[] = [
  ["x-autoreply", /\S/],
  ["x-autorespond", /\S/],
  ["x-autoresponder", /\S/],
  ["x-auto-reply", /\S/],
  ["x-autoreply-from", /\S/],
  ["x-mail-autoreply", /\S/],
  ["x-vacation", /\S/],
  ["x-apple-action", /auto-?reply|vacation/i],
  ["x-precedence", /auto[_-]?reply/i],
  ["precedence", /auto[_-]?reply/i],
  ["delivered-to", /^autoresponder$/i],
];

const SUBJECTS =
  /^\s*(?:re: *)?(?:(?:auto(?:matic|mated|matische)?[ -]?(?:reply|response|antwort|answer)|autoreply|autoresponse|auto(?:\/| ?- ?)|r[eé]ponse automatique|respuesta automática|risposta automatica|resposta automática|automatisch antwoord|automatiskt svar|自動応答|自動返信)\b|out of (?:the )?(?:office|town)|i'?(?: a)?m (?:away|on vacation)|away (?:from|on)|(?:on )?(?:vacation|holiday)\b|abwesen(?:d|heit)|absence du bureau|fuera de (?:la )?oficina|fuori (?:ufficio|sede)|vacation (?:reply|response|message)|不在)/i;
