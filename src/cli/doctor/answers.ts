import type { Queryable } from "../../store/index.ts";
import { plural, span } from "../when.ts";
import { type Check, ok, warning } from "./check.ts";

/** What providers answered of late. `refusedAt`: the account's last refusal; both instants are null where there was none. */
export type Answers = {
  provider: string;
  tries: number;
  taken: number;
  takenAt: number | null;
  refusedAt: number | null;
  refusedFor: string | null;
};

/** Breakers live in the process and doctor beside it, so it reads what they read. A trial comes every five minutes at the latest. */
const WINDOW_MS = 15 * 60_000;
/** Fewer say nothing. */
const TRIES_THAT_TELL = 3;

/** Once over the attempts of the window, which `attempts_by_end` (BRIN) keeps close together. */
const ANSWERS = `
  WITH ends AS (
    SELECT provider, count(*) AS tries, count(*) FILTER (WHERE outcome = 'accepted') AS taken,
      max(settled_at) FILTER (WHERE outcome = 'accepted') AS taken_at,
      max(settled_at) FILTER (WHERE outcome <> 'accepted' AND scope = 'account') AS refused_at
    FROM attempts WHERE settled_at > $1 GROUP BY provider
  )
  SELECT provider, tries, taken, taken_at AS "takenAt", refused_at AS "refusedAt",
    (SELECT a.cause FROM attempts a
     WHERE a.settled_at = ends.refused_at AND a.provider = ends.provider AND a.outcome <> 'accepted' LIMIT 1) AS "refusedFor"
  FROM ends`;

/** One check for each provider of the configuration that was tried in the last quarter of an hour. */
export async function checkAnswers(database: Queryable, providers: readonly string[], now: number): Promise<Check[]> {
  const [there] = await database.query<{ there: boolean }>("SELECT to_regclass('attempts') IS NOT NULL AS there");
  if (!there?.there) return [];
  const rows = await database.query<Answers>(ANSWERS, [new Date(now - WINDOW_MS)]);
  return providers.flatMap((name) => rows.filter((row) => row.provider === name).map((row) => answersCheck(row, now)));
}

export function answersCheck({ provider, tries, taken, takenAt, refusedAt, refusedFor }: Answers, now: number): Check {
  const name = `answers of ${provider}`;
  const share = `of ${plural(tries, "hand-off")} in the last ${span(WINDOW_MS)} it took ${taken === tries ? "all" : taken === 0 ? "none" : taken.toLocaleString("en")}`;
  const next =
    "The rest of its routes carries the mail, where there is one. See docs/operations.md, A provider suspended the account, and postern queue show of a message.";
  if (refusedAt !== null && refusedAt > (takenAt ?? 0))
    return warning(
      name,
      `It refused the account ${span(now - refusedAt)} ago (${refusedFor ?? "no cause"}); ${share}.`,
      next,
    );
  if (taken === 0 && tries >= TRIES_THAT_TELL) return warning(name, `${capital(share)}.`, next);
  return ok(name, `${capital(share)}.`);
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
