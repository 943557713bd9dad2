import type { Dialect } from "./dialect.ts";
import { type Fault, NOTICE_MODES, type NoticeMode } from "./faults.ts";

/** How worried to look at it. */
export type Tone = "good" | "odd" | "bad";
type ModeRow = { label: string; explains: string; tone: Tone; fault(variant: string | null): Fault };

const SLOW_MS = 2_000;

/** In the order of a menu. */
export const TWIN_MODES = [
  "ok",
  "slow",
  "suspended",
  "refusal",
  "429",
  "5xx",
  "5xx-after",
  "accept-then-drop",
  "hold",
  "timeout-before",
  "timeout-after",
  "closed-before",
  "closed-after",
  "garbage",
  "truncated",
  "endless",
  "unknown-value",
  "answers-and-closes",
] as const;
export type TwinMode = (typeof TWIN_MODES)[number];

/**
 * The faults of a twin by the names people use, for the command line and the pages. What else `Fault` holds (a status, a
 * time) has one value here. Suspensions and refusals have variants, which are the dialect's.
 */
const MODES: Readonly<Record<TwinMode, ModeRow>> = {
  ok: {
    label: "Normal",
    explains: "Takes every message and delivers it.",
    tone: "good",
    fault: () => ({ mode: "ok" }),
  },
  slow: {
    label: "Slow",
    explains: "Delivers every message, but answers two seconds late.",
    tone: "odd",
    fault: () => ({ mode: "slow", byMs: SLOW_MS }),
  },
  suspended: {
    label: "Suspended",
    explains: "The account may not send, and says so as this vendor does.",
    tone: "bad",
    fault: (variant) => ({ mode: "suspended", ...(variant === null ? {} : { variant }) }),
  },
  refusal: {
    label: "Refusing",
    explains: "Answers every send with this refusal of the vendor's.",
    tone: "bad",
    fault: (variant) => ({ mode: "refusal", name: variant ?? "" }),
  },
  "429": {
    label: "Too many requests",
    explains: "Not now: 429 to every send.",
    tone: "bad",
    fault: () => ({ mode: "429" }),
  },
  "5xx": {
    label: "Server error",
    explains: "500 to every send; nothing is taken.",
    tone: "bad",
    fault: () => ({ mode: "5xx", taken: false }),
  },
  "5xx-after": {
    label: "Server error afterwards",
    explains: "Takes and delivers the message, then answers 500.",
    tone: "bad",
    fault: () => ({ mode: "5xx", taken: true }),
  },
  "accept-then-drop": {
    label: "Black hole",
    explains: "Answers as always and throws the mail away.",
    tone: "bad",
    fault: () => ({ mode: "accept-then-drop" }),
  },
  hold: {
    label: "Holding back",
    explains: "Answers as always and keeps the mail until it is released.",
    tone: "bad",
    fault: () => ({ mode: "hold" }),
  },
  "timeout-before": {
    label: "No answer, not taken",
    explains: "Never answers and takes nothing. The sender cannot know.",
    tone: "bad",
    fault: () => ({ mode: "time-out", taken: false }),
  },
  "timeout-after": {
    label: "No answer, but taken",
    explains: "Takes and delivers the message and never answers.",
    tone: "bad",
    fault: () => ({ mode: "time-out", taken: true }),
  },
  "closed-before": {
    label: "Closes, not taken",
    explains: "Closes the connection instead of answering; nothing is taken.",
    tone: "bad",
    fault: () => ({ mode: "closed", taken: false }),
  },
  "closed-after": {
    label: "Closes, but taken",
    explains: "Takes and delivers the message, then closes the connection instead of answering.",
    tone: "bad",
    fault: () => ({ mode: "closed", taken: true }),
  },
  garbage: {
    label: "Garbage",
    explains: "Takes the message and answers with a page of HTML.",
    tone: "bad",
    fault: () => ({ mode: "garbage" }),
  },
  truncated: {
    label: "Truncated answer",
    explains: "Takes the message and answers with JSON that breaks off in the middle.",
    tone: "bad",
    fault: () => ({ mode: "truncated" }),
  },
  endless: {
    label: "Endless answer",
    explains: "Takes the message and answers with more than a megabyte.",
    tone: "bad",
    fault: () => ({ mode: "endless" }),
  },
  "unknown-value": {
    label: "Unknown answer",
    explains: "Takes the message and answers with a value that no document knows.",
    tone: "bad",
    fault: () => ({ mode: "unknown-value" }),
  },
  "answers-and-closes": {
    label: "Answers, then closes",
    explains: "Delivers, answers and closes the connection after every message.",
    tone: "odd",
    fault: () => ({ mode: "answers-and-closes" }),
  },
};

export const twinMode = (mode: TwinMode): ModeRow => MODES[mode];

/** The mode that stands for what becomes of notices; its variants say what. */
export const NOTICES = "webhooks";
export const NOTICE_WORDS: Readonly<Record<NoticeMode, string>> = {
  normal: "Webhooks tell of every end, once and signed.",
  silent: "No webhook tells of anything.",
  duplicated: "Every webhook comes twice.",
  reordered: "Webhooks come in pairs, the later one first.",
  forged: "Webhooks bear a wrong signature or password.",
};

/** What a person asked for: a fault, or a way with notices. */
export type Switch =
  | { kind: "fault"; mode: TwinMode; variant: string | null; fault: Fault }
  | { kind: "notices"; mode: NoticeMode };
export type SwitchRefusal = { what: "mode" | "variant"; known: readonly string[] };

/** @returns what to switch, or which names there are where the one given is none. */
export function switchOf(dialect: Dialect, mode: unknown, variant: unknown): Switch | SwitchRefusal {
  if (mode === NOTICES) {
    const found = NOTICE_MODES.find((one) => one === variant);
    return found ? { kind: "notices", mode: found } : { what: "variant", known: NOTICE_MODES };
  }
  const name = TWIN_MODES.find((one) => one === mode);
  if (name === undefined) return { what: "mode", known: [...TWIN_MODES, NOTICES] };
  const known = variantsOf(dialect, name);
  const isGiven = variant !== undefined && variant !== null;
  const found = isGiven ? known.find((one) => one === variant) : known[0];
  if (isGiven && found === undefined) return { what: "variant", known };
  return { kind: "fault", mode: name, variant: found ?? null, fault: MODES[name].fault(found ?? null) };
}

/** The first one is meant where none is named. */
export const variantsOf = (dialect: Dialect, mode: TwinMode): readonly string[] =>
  mode === "suspended" ? dialect.suspensions : mode === "refusal" ? dialect.refusals : [];
