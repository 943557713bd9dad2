import { type Lane, type Statement, instantArray } from "../../store/index.ts";
import { LIMITS_OF_THE_PROVIDER } from "../../providers/index.ts";
import { groupOf } from "./receivers.ts";
import { sampleNumber } from "./sample.ts";

/** A message that a provider took. */
export type HandOff = {
  spoolId: string;
  n: number;
  provider: string;
  /** "tenant/stream" */
  stream: string;
  at: number;
  recipients: { n: number; group: string }[];
};
/** It said no, or that it keeps what it took, because of the account. */
export type Refusal = { spoolId: string; n: number; provider: string; cause: string; at: number };

/** Rows of one look; what is beyond is not in the sample. */
const ROWS = 1_000;
/** Recipients of a message that are looked at: more tell nothing more of their provider. */
const RECIPIENTS = 20;

/**
 * Index: attempts_by_end (BRIN, summarized as it fills), so a look reads the pages of the last seconds and not the table:
 * of a million attempts, 200 a second, Bitmap Heap Scan of 76 pages and messages_pkey for each of 316 rows, 1.5 ms. Not
 * summarized at all (autovacuum off) it is the whole table, 70 ms.
 */
const SETTLED: Statement = {
  name: "evidence-settled",
  text: `
SELECT a.spool_id, a.n, a.provider, m.tenant, m.stream, a.settled_at, a.outcome, a.scope, a.cause, a.mixed,
  CASE WHEN a.outcome = 'accepted' THEN ARRAY(
    SELECT r.n || ' ' || lower(substring(r.address FROM '@([^@]*)$')) FROM recipients r
    WHERE r.spool_id = a.spool_id AND (a.recipients IS NULL OR r.n = ANY(a.recipients)) AND r.state <> 'suppressed'
    ORDER BY r.n LIMIT ${RECIPIENTS}) END
FROM attempts a JOIN messages m USING (spool_id)
WHERE a.settled_at > ($1::timestamptz[])[1] AND ${sampleNumber("a.spool_id")} < $2 AND (a.outcome IN ('accepted', 'held', 'rejected') OR (a.outcome = 'deferred' AND a.scope = 'account' AND a.cause = ANY($3)))
LIMIT ${ROWS}`,
};

/** @param since settled after it. @param below the sample: see sample.ts */
export async function settledSince(
  execute: Lane["execute"],
  since: number,
  below: number,
): Promise<{ handOffs: HandOff[]; refusals: Refusal[]; unreachable: Refusal[] }> {
  const handOffs: HandOff[] = [];
  const unreachable: Refusal[] = [];
  const refusals: Refusal[] = [];
  for (const row of await execute(SETTLED, [instantArray([since]), below, UNREACHABLE])) {
    const [spoolId, n, provider, tenant, stream, at, outcome, scope, cause, mixed, recipients] = row as [
      string,
      number,
      string,
      string,
      string,
      number,
      string,
      string,
      string,
      { n: number; outcome: string; scope: string; cause: string }[] | null,
      string[] | null,
    ];
    const about = { spoolId, n, provider, at };
    if (outcome === "deferred") {
      unreachable.push({ ...about, cause });
      continue;
    }
    const answers = mixed ?? [{ n: 0, outcome, scope, cause }];
    const refused = answers.find((one) => isOfTheAccount(one.outcome, one.scope, one.cause));
    if (refused) refusals.push({ ...about, cause: refused.cause });
    // Canaries are evidence of their own rows: canaries.ts.
    if (outcome !== "accepted" || tenant === CANARY_TENANT) continue;
    const taken = mixed && new Set(mixed.filter((one) => one.outcome === "accepted").map((one) => one.n));
    handOffs.push({
      ...about,
      stream: `${tenant}/${stream}`,
      recipients: recipientsOf(recipients ?? []).filter((one) => taken?.has(one.n) ?? true),
    });
  }
  return { handOffs, refusals, unreachable };
}

/** There was no connection at all, so it could not even be offered: providers' losses.ts. */
const UNREACHABLE = ["connection-refused", "connect-timeout", "host-unreachable", "dns-failed", "connection-failed"];

/** Mail of ours that asks after providers, and stands for no customer's. */
export const CANARY_TENANT = "~canary";

/** As the breaker reads it (handoff/signal.ts): what speaks of the account and not of what this provider can carry. */
const isOfTheAccount = (outcome: string, scope: string, cause: string): boolean =>
  scope === "account" && (outcome === "held" || (outcome === "rejected" && !LIMITS_OF_THE_PROVIDER.has(cause)));

const recipientsOf = (told: readonly string[]): HandOff["recipients"] =>
  told.map((one) => {
    const space = one.indexOf(" ");
    return { n: Number(one.slice(0, space)), group: groupOf(one.slice(space + 1)) };
  });
