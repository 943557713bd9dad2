import type { Outcome } from "../mail/index.ts";
import { diagnosticOf } from "./diagnostic.ts";

/** Why a connection cannot be used (any more): nothing the server said in words, but how it ended. */
export type LossCause =
  | "connection-refused"
  | "connect-timeout"
  | "host-unreachable"
  | "dns-failed"
  | "connection-failed"
  | "tls-failed"
  | "tls-certificate-invalid"
  | "dane-mismatch"
  | "connection-lost"
  | "reply-timeout"
  | "protocol-error"
  | "aborted";

export type Loss = { cause: LossCause; diagnostic?: string };

/** Where a connection stood when its socket failed. */
export type Stand = "connecting" | "securing" | "talking";

/** System error codes while connecting (Node's errors page and libuv's list, seen 2026-11-24). */
const CONNECTING: Readonly<Record<string, LossCause>> = {
  ECONNREFUSED: "connection-refused",
  ETIMEDOUT: "connect-timeout",
  EHOSTUNREACH: "host-unreachable",
  ENETUNREACH: "host-unreachable",
  EHOSTDOWN: "host-unreachable",
  ENETDOWN: "host-unreachable",
  ENOTFOUND: "dns-failed",
  EAI_AGAIN: "dns-failed",
  EAI_FAIL: "dns-failed",
};

export function lossOfError(error: NodeJS.ErrnoException, stand: Stand, certificateRefused: boolean): Loss {
  const diagnostic = diagnosticOf(error.message);
  if (certificateRefused) return { cause: "tls-certificate-invalid", diagnostic };
  if (stand === "talking") return { cause: "connection-lost", diagnostic };
  const known = CONNECTING[error.code ?? ""];
  if (known) return { cause: known, diagnostic };
  return { cause: stand === "securing" ? "tls-failed" : "connection-failed", diagnostic };
}

/** Nothing of the message's end had left: the provider cannot have taken it. It speaks of the provider, not of the message. */
export const deferredBy = (loss: Loss): Outcome => ({
  kind: "deferred",
  scope: loss.cause === "aborted" ? "message" : "account",
  ...loss,
});

/** The end of the message was on its way: the provider may have it. */
export const indeterminateBy = (loss: Loss): Outcome => ({
  kind: "indeterminate",
  scope: "message",
  ...loss,
  cause: AFTER_END[loss.cause] ?? loss.cause,
});

const AFTER_END: Partial<Record<LossCause, string>> = {
  "connection-lost": "connection-lost-after-data",
  "reply-timeout": "no-answer",
};
