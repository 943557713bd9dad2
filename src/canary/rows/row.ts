import { z } from "zod";
import { type MessageClass, classFromNumber } from "../../mail/index.ts";
import { FINDING_CODES, type Finding } from "../findings.ts";

export const CANARY_RESULTS = ["arrived", "missed", "late", "altered", "refused"] as const;
export type CanaryResult = (typeof CANARY_RESULTS)[number];

/** One canary as its row tells it. Instants are milliseconds since the epoch. */
export type Canary = {
  canaryId: string;
  kind: "mail" | "sign-up";
  /** Null: a sign-up whose mail nobody has brought yet. */
  provider: string | null;
  receiver: string;
  /** The receiver is a mail server of ours. */
  own: boolean;
  /** Whose mail it stands for; of a sign-up `stream` is its name. */
  tenant: string;
  stream: string;
  class: MessageClass;
  burst: boolean;
  sentAt: number;
  handedOffAt: number | null;
  deadlineAt: number;
  arrivedAt: number | null;
  /** Null: on its way. `late` and `altered` arrived too; `refused` never was on its way. */
  result: CanaryResult | null;
  findings: Finding[];
  legs: Legs;
  changeId: number;
};

/** Milliseconds; only those that could be measured. Clocks of others may be wrong: a leg of theirs may be negative. */
export type Legs = {
  /** Accept → the provider's answer. */
  handOff?: number;
  /** The provider's answer → the first time a server after ours wrote down (Received). */
  taken?: number;
  /** That → arrival. */
  carried?: number;
  /** Accept → arrival. */
  whole?: number;
};

const FINDINGS = z.array(z.object({ code: z.enum(FINDING_CODES), detail: z.string() }));
const MS = z.number().optional();
const LEGS = z.object({ handOff: MS, taken: MS, carried: MS, whole: MS });

export const CANARY_COLUMNS = `canary_id, kind, provider, receiver, own, tenant, stream, class, burst, sent_at, handed_off_at,
  deadline_at, arrived_at, result, findings, legs, change_id`;

export type CanaryRow = {
  canary_id: string;
  kind: Canary["kind"];
  provider: string | null;
  receiver: string;
  own: boolean;
  tenant: string;
  stream: string;
  class: number;
  burst: boolean;
  sent_at: number;
  handed_off_at: number | null;
  deadline_at: number;
  arrived_at: number | null;
  result: CanaryResult | null;
  findings: unknown;
  legs: unknown;
  change_id: number;
};

export const canaryOf = (row: CanaryRow): Canary => ({
  canaryId: row.canary_id,
  kind: row.kind,
  provider: row.provider,
  receiver: row.receiver,
  own: row.own,
  tenant: row.tenant,
  stream: row.stream,
  class: classFromNumber(row.class),
  burst: row.burst,
  sentAt: row.sent_at,
  handedOffAt: row.handed_off_at,
  deadlineAt: row.deadline_at,
  arrivedAt: row.arrived_at,
  result: row.result,
  findings: FINDINGS.parse(row.findings),
  legs: LEGS.parse(row.legs) as Legs,
  changeId: row.change_id,
});

/**
 * Changes take turns, so that `change_id` rises in the order of their commits and a reader that goes on from the last one
 * it saw misses none. There are a few canaries a second at most, so nobody waits.
 */
export const TURN = "turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(12082022))";
export const NEXT_CHANGE = "nextval(pg_get_serial_sequence('canaries', 'change_id'))";
