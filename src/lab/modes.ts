/**
 * How a lab provider can go wrong. Each mode copies something real providers have done to their customers; what differs
 * between them is only this table, so that adding one is adding a row.
 */
export const LAB_MODES = [
  "normal",
  "slow",
  "suspended",
  "queued-and-suspended",
  "silent",
  "deferring",
  "hanging",
  "closes-before-answer",
  "answers-and-closes",
  "down",
] as const;
export type LabMode = (typeof LAB_MODES)[number];

/**
 * Where a message ends after its final dot.
 * delivered  in the inbox
 * withheld   the provider keeps it and never sends it
 * vanished   thrown away
 * untaken    the provider never made up its mind: thrown away, and it would say "not taken" when asked
 */
export type Fate = "delivered" | "withheld" | "vanished" | "untaken";

export type ModeRule = {
  label: string;
  /** What a person sees when it is on: one sentence. */
  explains: string;
  /** False: nothing listens, connections are refused. */
  listens: boolean;
  /** The refusal given at MAIL; null lets the message through. */
  mailReply: string | null;
  /** What follows the final dot. `reply` null: no answer. `QUEUED` becomes the provider's own id of the message. */
  end: { fate: Fate; waitMs: number; reply: string | null; closes: boolean };
};

const TAKEN = "250 2.0.0 Ok: queued as QUEUED";
const delivers = { fate: "delivered", waitMs: 0, reply: TAKEN, closes: false } as const;

export const MODE_RULES: Readonly<Record<LabMode, ModeRule>> = {
  normal: {
    label: "Normal",
    explains: "Takes every message and delivers it to this inbox.",
    listens: true,
    mailReply: null,
    end: delivers,
  },
  slow: {
    label: "Slow",
    explains: "Delivers every message, but answers two seconds late.",
    listens: true,
    mailReply: null,
    end: { ...delivers, waitMs: 2_000 },
  },
  suspended: {
    label: "Suspended",
    explains: "The account is suspended and says so: 550 at MAIL FROM.",
    listens: true,
    mailReply: "550 5.7.1 Account suspended",
    end: delivers,
  },
  "queued-and-suspended": {
    label: "Queued, but suspended",
    explains: "Answers 250 and says in the same line that the account is suspended. Nothing is delivered.",
    listens: true,
    mailReply: null,
    end: { fate: "withheld", waitMs: 0, reply: "250 2.0.0 Ok: queued as QUEUED; account suspended", closes: false },
  },
  silent: {
    label: "Silent",
    explains: "Answers 250 to everything and delivers nothing: a black hole.",
    listens: true,
    mailReply: null,
    end: { fate: "vanished", waitMs: 0, reply: TAKEN, closes: false },
  },
  deferring: {
    label: "Deferring",
    explains: "Not now: 451 at MAIL FROM, every time.",
    listens: true,
    mailReply: "451 4.7.1 Try again later",
    end: delivers,
  },
  hanging: {
    label: "Hanging",
    explains: "Never answers after the final dot. It has not taken the message, but the sender cannot know.",
    listens: true,
    mailReply: null,
    end: { fate: "untaken", waitMs: 0, reply: null, closes: false },
  },
  "closes-before-answer": {
    label: "Closes before its answer",
    explains: "Takes and delivers the message, then closes the connection instead of answering.",
    listens: true,
    mailReply: null,
    end: { ...delivers, reply: null, closes: true },
  },
  "answers-and-closes": {
    label: "Answers, then closes",
    explains: "Delivers, answers 250 and closes the connection after every message.",
    listens: true,
    mailReply: null,
    end: { ...delivers, closes: true },
  },
  down: {
    label: "Down",
    explains: "Nothing listens: connections are refused, and it cannot be asked what it took.",
    listens: false,
    mailReply: null,
    end: delivers,
  },
};

export const isLabMode = (value: unknown): value is LabMode => LAB_MODES.some((mode) => mode === value);
