import { MINUTE_MS, HOUR_MS } from "../../../kernel/index.ts";
import type { Latency } from "./latencies.ts";

/**
 * A world of evidence alone: what a provider's mail looks like to the judge while all is well, and what goes wrong without
 * any mail being lost. Rates are of the active provider; a standby carries canaries once a minute.
 */
export type WorldPlan = {
  perMinute: number;
  /** Between 0 and 1: by how much the rate swings around its mean over a day. */
  swing: number;
  canaries: boolean;
  /** There is a second provider, which canaries go through. */
  standby: boolean;
  latency: Latency;
  /** How many times as long mail to each group of receivers takes. */
  groups: readonly { name: string; share: number; slower: number }[];
  streams: readonly { name: string; share: number; isSecret: boolean }[];
  /** Never told of, though all is well. */
  never: number;
  /** Mailboxes whose servers take an hour. */
  slowMailboxes: number;
  /** Webhooks come late in company: in each minute a share of them, drawn anew (Beta with this mean and correlation). */
  lateWebhooks: { share: number; correlation: number };
  /** They stand still this often, and then come all at once. Mail and canaries do not. */
  stalls: { perDay: number; leastMs: number; mostMs: number };
  /** The first group takes hours to accept (4xx), this often. */
  storms: { perMonth: number; lastsMs: number };
  /** All of the provider is so many times slower for an hour, this often; canaries too. */
  slowHours: { perMonth: number; slower: number };
  /** One receiver of ours is away, this often. */
  receiverAway: { perMonth: number; lastsMs: number };
};

const LOG_NORMAL: Latency = { family: "log-normal", medianMs: 3_000, p95Ms: 12_000 };

/** The healthy latencies that the goals assume, and nothing else. */
export const PLAIN: WorldPlan = {
  perMinute: 10,
  swing: 0,
  canaries: true,
  standby: false,
  latency: LOG_NORMAL,
  groups: [
    { name: "gmail", share: 0.5, slower: 1 },
    { name: "microsoft", share: 0.3, slower: 1 },
    { name: "other-1", share: 0.2, slower: 1 },
  ],
  streams: [
    { name: "acme/resets", share: 0.3, isSecret: true },
    { name: "acme/sign-ups", share: 0.3, isSecret: false },
    { name: "acme/receipts", share: 0.4, isSecret: false },
  ],
  never: 0.005,
  slowMailboxes: 0,
  lateWebhooks: { share: 0, correlation: 0 },
  stalls: { perDay: 0, leastMs: MINUTE_MS, mostMs: 10 * MINUTE_MS },
  storms: { perMonth: 0, lastsMs: HOUR_MS },
  slowHours: { perMonth: 0, slower: 1 },
  receiverAway: { perMonth: 0, lastsMs: 10 * MINUTE_MS },
};

/** All that looks like loss and is none, at once: what a soak is made of. */
export const TROUBLED: WorldPlan = {
  ...PLAIN,
  standby: true,
  slowMailboxes: 0.01,
  lateWebhooks: { share: 0.02, correlation: 0.05 },
  stalls: { perDay: 3, leastMs: MINUTE_MS, mostMs: 10 * MINUTE_MS },
  storms: { perMonth: 4, lastsMs: HOUR_MS },
  receiverAway: { perMonth: 1, lastsMs: 10 * MINUTE_MS },
};
