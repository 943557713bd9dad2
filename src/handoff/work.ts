import type { Draw, RoutePolicy } from "../route/index.ts";
import { type LeasedMessage, isTakenAndGivenUp } from "../spool/index.ts";

/** One leased message in this process, from the lease to the step that gives it up. Its facts change as tries end. */
export type Work = {
  readonly message: LeasedMessage;
  readonly route: RoutePolicy;
  /** Of the node's life when it was leased: see node-life.ts. */
  readonly epoch: number;
  /** The message's text; null until its turn comes. */
  raw: Buffer | null;
  /** Its text's octets count among those in memory. */
  hasRoom: boolean;
  /** Tries committed so far. */
  attemptCount: number;
  /** Providers tried under this lease, and those that took the message once and hold it. */
  readonly tried: Set<string>;
  readonly holders: Set<string>;
  /** Numbers drawn once, so that asking again does not draw again. */
  readonly draw: Draw;
};

export const pendingOf = (work: Work): number[] =>
  work.message.recipients.flatMap((one) => (one.state === "pending" ? [one.n] : []));

/** Providers that took the message and do not send it, or a verdict says so; sending there again would only add to their heap. */
export const holdersOf = (message: LeasedMessage): string[] =>
  message.attempts.flatMap((one) =>
    (one.outcome === "held" && one.resolved === null) || isTakenAndGivenUp(one) ? [one.provider] : [],
  );
