import { type Clock, delay, MINUTE_MS, SECOND_MS } from "../../kernel/index.ts";
import { diagnosticOf } from "../diagnostic.ts";
import type { HttpAnswer } from "../http.ts";
import { type JsonRecord, listOf, recordOf } from "../json-reading.ts";
import type { AccountItem, AccountPart, AccountReading, Because } from "./items.ts";

/** All templates of an account can come in one answer (Mandrill): 1,000 of 64 KiB. */
export const LONG_ANSWER_OCTETS = 64 * 1024 * 1024;
/** Of one list. With 500 to 1,000 entries a page that is more than any list a tenant may keep. */
export const PAGES = 2_000;

const TRIES = 5;
/** A provider that wants a longer rest is asked again by a person. */
const LONGEST_WAIT_MS = 2 * MINUTE_MS;

/** Ends the reading of one part; caught in inParts(), never leaves the room. */
export class PartFault extends Error {
  readonly because: Because;
  constructor(because: Because, reason: string) {
    super(reason);
    this.because = because;
  }
}

export type ReadingParts = {
  clock: Clock;
  /** Told before each wait, so that nobody believes it has stopped. */
  waits(waitMs: number, reason: string): void;
};

/**
 * Asks until an answer comes: again after 429 and what servers say while they are not well, when the provider says (RFC 9110
 * §10.2.3) or after 1, 2, 4, 8 s. Only for questions that change nothing.
 * @param attempt makes the call anew each time, for some are signed with the time.
 * @param isTooFast answers that mean 429 in other words.
 */
export async function patiently(
  attempt: () => Promise<HttpAnswer>,
  { clock, waits }: ReadingParts,
  isTooFast: (answer: Answered) => boolean = () => false,
): Promise<HttpAnswer> {
  for (let tried = 1; ; tried += 1) {
    const answer = await attempt();
    const reason = whyAgain(answer, isTooFast);
    if (reason === null || tried === TRIES) return answer;
    const waitMs = waitOf(answer, tried, clock.now());
    if (waitMs > LONGEST_WAIT_MS) return answer;
    waits(waitMs, reason);
    await delay(clock, waitMs);
  }
}
type Answered = Extract<HttpAnswer, { kind: "answer" }>;

/** Names that do not resolve and certificates that are wrong will be so in a second, too. */
const LASTING: ReadonlySet<string> = new Set(["dns-failed", "tls-failed", "tls-certificate-invalid", "aborted"]);

function whyAgain(answer: HttpAnswer, isTooFast: (answer: Answered) => boolean): string | null {
  if (answer.kind !== "answer") return LASTING.has(answer.cause) ? null : answer.cause;
  if (answer.status === 429 || isTooFast(answer)) return "it asks to be asked more slowly";
  return answer.status >= 500 ? `HTTP ${answer.status}` : null;
}

function waitOf(answer: HttpAnswer, tried: number, now: number): number {
  const headers = answer.kind === "answer" ? answer.headers : {};
  const text = headers["retry-after"] ?? "";
  if (/^\d{1,6}$/.test(text)) return Number(text) * SECOND_MS;
  const date = Date.parse(text);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  // SendGrid says when, in seconds since the epoch ("Rate limits", seen 2026-11-25).
  const reset = Number(headers["x-ratelimit-reset"] ?? Number.NaN) * SECOND_MS - now;
  if (answer.kind === "answer" && answer.status === 429 && reset > 0) return reset;
  return 2 ** (tried - 1) * SECOND_MS;
}

/** The JSON of an answer that is good. @throws PartFault for any other one; `said` reads the provider's own words of it. */
export function jsonIn(answer: HttpAnswer, place: string, said: (answer: Answered) => string | null): unknown {
  if (answer.kind !== "answer") throw new PartFault("unavailable", `${place}: ${answer.cause}`);
  const { status, json } = answer;
  if (status === 200) {
    if (json === undefined) throw new PartFault("unreadable", `${place}: the answer is no JSON`);
    return json;
  }
  const words = [`HTTP ${status}`, said(answer)].filter((one) => one !== null).join(" ");
  const because = status >= 400 && status < 500 && status !== 429 && status !== 408 ? "refused" : "unavailable";
  throw new PartFault(because, diagnosticOf(`${place}: ${words}`));
}

/** @throws PartFault where there is no list: then nobody should believe that it is empty. */
export function rowsIn(list: unknown, place: string): JsonRecord[] {
  if (!Array.isArray(list)) throw new PartFault("unreadable", `${place}: the answer has no list`);
  return listOf(list).map(recordOf);
}

export type PartReader = readonly [part: AccountPart, read: () => AsyncIterable<AccountItem> | Iterable<AccountItem>];

/**
 * Reads part by part. A part that this key may not read does not keep the others from being read; where no answer comes any
 * more, the rest is not asked for.
 */
export async function* inParts(parts: readonly PartReader[]): AsyncGenerator<AccountReading> {
  for (const [part, read] of parts) {
    try {
      for await (const item of read()) yield { kind: "item", ...item };
    } catch (error) {
      if (!(error instanceof PartFault)) throw error;
      yield { kind: "missing", part, because: error.because, reason: error.message };
      if (error.because === "unavailable") return;
      continue;
    }
    yield { kind: "read", part };
  }
}

/** Where a webhook calls: passwords can stand in its address, before the host and in the query. */
export function publicAddress(text: string | null): string {
  if (text === null || !URL.canParse(text)) return "unreadable";
  const { protocol, host, pathname, username, password, search } = new URL(text);
  return `${protocol}//${host}${pathname}${username + password + search === "" ? "" : " (with a secret)"}`;
}

/** A provider's reason, on one line of bounded length. */
export const detailOf = (text: string | null): string => diagnosticOf(text ?? "").slice(0, 200);
