/** What a provider says about our account with it. Read with a key of its own that may only read, where the provider has such. */

/** active · limited: sends, but slower or less than usual · suspended: does not send · unknown: it did not say, or words nobody knows. */
export type AccountStatus = { state: "active" | "limited" | "suspended" | "unknown"; detail: string };

/** Kinds of things whose change matters: each is a way to use the account against its owner. */
export const POSTURE_KINDS = [
  "sender",
  "domain",
  "key",
  "user",
  "webhook",
  "export",
  "template",
  "suppression",
  "forwarding",
  "tracking",
  "setting",
] as const;
export type PostureKind = (typeof POSTURE_KINDS)[number];
/** One thing as it is configured: `id` names it within its kind, `facts` are compared word for word. Never a secret. */
export type PostureItem = { kind: PostureKind; id: string; facts: Record<string, string | number | boolean | null> };

/** One message the provider says it handled for us. */
export type ActivityItem = {
  providerMessageId: string;
  attemptId: string | null;
  recipient: string;
  sender: string | null;
  state: string;
  at: number | null;
};
export type ActivityQuery = { sinceMs: number; attemptId?: string; recipient?: string; limit: number };

/** Calls that may fail give this instead of throwing. */
export type Asked<Value> = { kind: "answer"; value: Value } | { kind: "unavailable"; reason: string };
