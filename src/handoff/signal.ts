import type { Outcome } from "../mail/index.ts";
import { LIMITS_OF_THE_PROVIDER } from "../providers/index.ts";
import type { Signal } from "../route/index.ts";

/** Never asked, or broken off by ourselves. */
const OURS = new Set(["aborted", "not-called", "suppressed"]);

/** What one hand-off's answers tell of the provider, the worst of them first; null: nothing. */
export function signalOf(outcomes: readonly Outcome[]): Signal | null {
  let signal: Signal | null = null;
  for (const outcome of outcomes) {
    const one = signalOfOne(outcome);
    if (one?.kind === "fatal") return one;
    if (one && (signal === null || one.kind === "good")) signal = one; // one good answer shows that it works
  }
  return signal;
}

function signalOfOne(outcome: Outcome): Signal | null {
  if (OURS.has(outcome.cause)) return null;
  switch (outcome.kind) {
    case "accepted":
      return { kind: "good" };
    case "rejected":
      return outcome.scope === "account" && !LIMITS_OF_THE_PROVIDER.has(outcome.cause)
        ? { kind: "fatal", cause: outcome.cause }
        : { kind: "good" };
    case "held":
      if (outcome.scope === "recipient") return null;
      return { kind: outcome.scope === "account" ? "fatal" : "bad", cause: outcome.cause };
    case "deferred":
      return outcome.scope === "recipient" ? { kind: "good" } : { kind: "bad", cause: outcome.cause };
    case "indeterminate":
      // Of one recipient's own server: it tells nothing of the way to all others.
      if (outcome.scope === "recipient") return null;
      return { kind: "bad", cause: outcome.cause };
  }
}
