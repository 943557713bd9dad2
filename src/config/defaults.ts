import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../kernel/index.ts";
import type { Limits, ProviderBounds, Retention } from "./settings.ts";

/** Every default and every bound of Postern, each with its reason. A bound that nobody can explain is a bound nobody dares to change. */

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

export const DEFAULT_LIMITS: Limits = {
  /** Mailbox providers refuse above 20–25 MiB; mail people depend on is far below. Base64 makes 10 MiB of 7.3 MiB. */
  messageBytes: 10 * MIB,
  /** One confirmation goes to one person; a large list in one envelope is bulk in disguise. RFC 5321 §4.5.3.1.8 asks for 100: docs/rfc.tsv. */
  recipientsPerMessage: 50,
  /** Real header sections are 2–8 KiB; above 64 KiB receivers begin to refuse. */
  headerBytes: 64 * KIB,
  /** A real message that went through ten hops has about 60 fields. */
  headerFields: 200,
  /** RFC 5322 §2.1.1: at most 998 characters a line, without CRLF. */
  lineOctets: 998,
  /** RFC 5321 §6.3: a loop check must allow some hops; 100 is "large", and a submission that made 30 goes round. */
  receivedHops: 30,
  /** An idle session costs about 30 KB of memory; 500 cost 15 MB and are ten times what busy applications open. */
  smtpSessions: 500,
  /** A working client makes none; three leave room for a wrong password and a retry. */
  smtpErrorsPerSession: 3,
  /** RFC 5321 §4.5.3.2.7: a server waits at least 5 minutes for the next command. */
  smtpIdleMs: 5 * MINUTE_MS,
  /** Measured flat up to here: docs/decisions. At 5 KB a message it is 5 GB of bodies. */
  queueRows: 1_000_000,
  /** What providers offer: 72 hours (SendGrid) to a month (Resend). Longer plans belong to the application, which can change its mind. */
  scheduleAheadMs: 30 * DAY_MS,
  /** A tenant that may not write to more people than live in a large city has another problem. 150 MB of rows. */
  suppressionsPerTenant: 1_000_000,
  /** PostgreSQL needs room for its write-ahead log to finish what was accepted. */
  diskFreeBytes: GIB,
  /** Outcomes of half a million messages, and a start of the database after a crash: docs/decisions/0008. */
  ballastBytes: 256 * MIB,
  /** Twelve messages of the greatest size, or 25,000 of the usual 5 KB. */
  acceptInFlightBytes: 128 * MIB,
  handoffInFlightBytes: 128 * MIB,
};

/** What the file may say, least and greatest. Outside of these Postern would break a promise or a standard. */
export const LIMIT_BOUNDS: { [Name in keyof Limits]: readonly [least: number, greatest: number] } = {
  messageBytes: [64 * KIB, 64 * MIB], // RFC 5321 §4.5.3.1.7: at least 64 KiB; a body is one row and one value in memory
  recipientsPerMessage: [1, 1000],
  headerBytes: [4 * KIB, MIB],
  headerFields: [20, 2000],
  lineOctets: [78, 998], // RFC 5322 §2.1.1: should be ≤ 78, must be ≤ 998
  receivedHops: [5, 100],
  smtpSessions: [1, 10_000],
  smtpErrorsPerSession: [1, 20],
  smtpIdleMs: [10 * SECOND_MS, HOUR_MS],
  queueRows: [1, 50_000_000],
  scheduleAheadMs: [0, 366 * DAY_MS], // 0: nothing is scheduled; Mandrill takes a year
  suppressionsPerTenant: [1, 50_000_000],
  diskFreeBytes: [64 * MIB, 1024 * GIB],
  ballastBytes: [0, 64 * GIB],
  acceptInFlightBytes: [MIB, 8 * GIB],
  handoffInFlightBytes: [MIB, 8 * GIB],
};

/**
 * A provider that takes mail and loses it is found out afterwards: total loss within two minutes, a tenth of it within
 * twenty. So long, and with room to spare, the text of what may be sent again stays; routine mail waits a quarter of an hour
 * for late notices before. A secret is made anew and bulk is not sent again by itself: their text goes with the commit that
 * ends them, since what is not there cannot leak.
 */
export const DEFAULT_RETENTION: Retention = {
  bodyMs: { C0: 0, C1: HOUR_MS, C2: HOUR_MS, C3: 45 * MINUTE_MS, C4: 0 },
  /** Questions about a mail ("I never got it") come within weeks, and an invoice period is a month. */
  messageRowMs: 30 * DAY_MS,
  /** Long enough for a client's outbox to wait out a weekend. */
  idempotencyMs: 72 * HOUR_MS,
};

export const RETENTION_BOUNDS = {
  /** A secret (C0) that ended is dead: never kept longer than an hour. */
  secretBodyMs: [0, HOUR_MS],
  bodyMs: [0, 30 * DAY_MS],
  messageRowMs: [HOUR_MS, 3650 * DAY_MS],
  /** Clients rely on 72 h; more is allowed, less would break them. */
  idempotencyMs: [72 * HOUR_MS, 30 * DAY_MS],
} as const;

/** A message that waits longer than this for a stream's own sake is not critical mail any more. */
export const STREAM_TTL_BOUNDS = [MINUTE_MS, 7 * DAY_MS] as const;

export const PROVIDER_DEFAULTS = {
  /** One hand-off holds one connection. Providers allow 10–100; 50 keep a 20 ms round trip busy at 2,500 messages/s. */
  bounds: { concurrency: 50, ratePerS: null } satisfies ProviderBounds as ProviderBounds,
  connections: 50,
  /** A provider that does not answer a SYN in 10 s is down; another one is waiting. */
  connectTimeoutMs: 10 * SECOND_MS,
  /** RFC 5321 §4.5.3.2 gives minutes, made for hosts of 1989; a provider's edge answers in under a second. */
  replyTimeoutMs: 30 * SECOND_MS,
  /** RFC 5321 §4.5.3.2.6 gives 10 minutes; a longer wait is a lease held. The end counts as unknown, never as refused. */
  dataEndTimeoutMs: MINUTE_MS,
} as const;

export const DIRECT_MX_DEFAULTS = {
  /** RFC 5321 §4.5.4.2. */
  port: 25,
  policyPort: 443,
  /** Receivers begin to refuse a stranger's connections at ten to twenty; ten carry about 100 messages/s. */
  perDomain: { connections: 10, ratePerS: null },
} as const;

export const PROVIDER_BOUNDS = {
  concurrency: [1, 1000],
  ratePerS: [0.01, 100_000],
  connections: [1, 1000],
  connectTimeoutMs: [100, 2 * MINUTE_MS],
  replyTimeoutMs: [100, 10 * MINUTE_MS],
  dataEndTimeoutMs: [100, 10 * MINUTE_MS],
} as const;

/** Five in a hundred keep the standby's addresses known to receivers and show every day that it works. */
export const DEFAULT_STANDBY_SHARE = 0.05;
/** Above a half it is no standby. */
export const GREATEST_STANDBY_SHARE = 0.5;

/** Loopback: a program just installed is not a service on the network. 25 and 587 need root. */
export const DEFAULT_LISTEN = {
  smtp: { host: "127.0.0.1", port: 2525 },
  http: { host: "127.0.0.1", port: 8025 },
} as const;

/** 128 bits in the densest usual writing. */
export const LEAST_API_KEY_LENGTH = 16;
/** NIST SP 800-63B-4 asks 15 of people alone with a password; a machine's password is generated, so this only stops "test". */
export const LEAST_PASSWORD_LENGTH = 8;
