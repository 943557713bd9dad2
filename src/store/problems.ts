import { Problem } from "../kernel/index.ts";

/** SQLSTATE classes that mean the server went away, is going, or is not ready yet (PostgreSQL 18, appendix A). */
const AWAY_STATES = new Set(["57P01", "57P02", "57P03", "57P05", "53300"]);
const AWAY_ERRNOS = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EACCES",
]);
const AWAY_TEXT =
  /connection terminated|connection ended|timeout expired|timeout exceeded when trying to connect|not queryable|query read timeout|Client was closed/i;
const DISK_FULL = "53100";
const IO_ERROR = "58030";

/** The names of Problems under which nothing was stored for certain only if the commit had not been sent. */
export const isDatabaseAway = (error: unknown): boolean =>
  error instanceof Problem && error.code === "database-unavailable";
export const isTooSlow = (error: unknown): boolean => error instanceof Problem && error.code === "question-too-slow";
export const isDatabaseFull = (error: unknown): boolean =>
  error instanceof Problem && error.code === "database-disk-full";

/** Each connection is taken, and none became free in time. What the server is like nobody knows from that. */
export const isNoneFree = (error: unknown): boolean =>
  error instanceof Error && error.message === "timeout exceeded when trying to connect"; // pg-pool's words

const CANCELED = "57014"; // query_canceled: statement_timeout
/** Of a question: its time is over, in the line or on the server. */
export function questionProblem(error: unknown): unknown {
  if (!isNoneFree(error) && (error as { code?: unknown } | null)?.code !== CANCELED) return databaseProblem(error);
  return new Problem(
    "question-too-slow",
    "The question took too long, or too many are being asked at once. Narrow it, or ask again in a few seconds.",
    error,
  );
}

const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Cardinality, data, integrity, and limits of the program (PostgreSQL 18, appendix A: classes 21, 22, 23 and 54). */
const OF_VALUES = /^(?:21|22|23|54)/;

/**
 * The server will never do this statement with these values, or they could not even be written down for it. Everything
 * else (a deadlock, a cancel, a primary that became a standby, no memory) may go well the next time.
 */
export function isRefused(error: unknown): boolean {
  if (error instanceof Problem) return false;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === "string" && SQLSTATE.test(code)) return OF_VALUES.test(code);
  return error instanceof RangeError || error instanceof TypeError; // a number that does not fit its column (binary.ts)
}

/** Gives errors of the connection and of the disk a stable code; all others pass as they are. */
export function databaseProblem(error: unknown): unknown {
  if (error instanceof Problem) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const text = error instanceof Error ? error.message : "";
  if (code === DISK_FULL || code === IO_ERROR) {
    return new Problem(
      "database-disk-full",
      "The database cannot write: its disk is full or failing. Free space; delivery and intake go on by themselves.",
      error,
    );
  }
  const away =
    (typeof code === "string" && (AWAY_STATES.has(code) || AWAY_ERRNOS.has(code) || code.startsWith("08"))) ||
    AWAY_TEXT.test(text);
  return away
    ? new Problem(
        "database-unavailable",
        "The database does not answer. Nothing was taken; ask again in a few seconds.",
        error,
      )
    : error;
}
