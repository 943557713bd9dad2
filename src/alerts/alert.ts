/** Something people must hear of. `key`: the same one again is the same trouble. No addresses, nothing secret. */
export type Alert = {
  key: string;
  /** page: somebody has to get up · notice: somebody should know. */
  severity: "page" | "notice";
  kind: string;
  provider: string | null;
  /** "" or "tenant/stream" */
  scope: string;
  /** With the numbers that caused it. */
  sentence: string;
  numbers: Readonly<Record<string, number | string>>;
  at: number;
};

/** That it began, that it still lasts, that somebody has taken it on, that it is over. */
export type Telling = "raised" | "repeated" | "acknowledged" | "resolved";

/** One thing that one target is to be told. */
export type DueTelling = {
  alertId: number;
  target: string;
  telling: Telling;
  /** This one counted; it is also the fence: whoever leases it next has a higher number. */
  tries: number;
  alert: Alert;
  /** When it was ordered to be told; null: by a Postern that did not note it. */
  toldAt: number | null;
  acknowledgedBy: string | null;
};

/** What came of one try. `answer` and `error` are short, in our words, without anything of the answer's text. */
export type TryResult =
  /** `spoolId`: it is a message on its way, and may still fail. */
  | { kind: "taken"; answer: string; spoolId?: string }
  /** `isRefusal`: it answers, and will not have this; nothing gets better by waiting. */
  | { kind: "failed"; error: string; isRefusal: boolean; retryAfterMs: number | null };
