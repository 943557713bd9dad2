import type { Secret } from "../../kernel/index.ts";
import type { EventFacts } from "../payload.ts";
import type { Telling } from "./telling.ts";

/** Whom the event is about, and its place among all of those: what an id of its own is made from. */
export type Told = { address: string; n: number };

/** To whom it is told. */
export type Hearer = { name: string; url: string; secret: Secret };

/** One POST. Header names are lower case. */
export type Notice = { headers: Readonly<Record<string, string>>; body: Buffer };

/**
 * How a vendor tells of an event. `notice` is pure: the same event gives the same body at each try, except for the time of
 * the try where the vendor signs one, and signatures that are never twice the same.
 */
export type Dialect = {
  /** Recipients that one call speaks of; an event about more takes several. */
  recipientsAtOnce: number;
  /** Statuses, besides 410, with which receivers of this vendor say: never again. */
  enough: readonly number[];
  notice(telling: Telling, told: readonly Told[], hearer: Hearer, now: number): Notice;
};

/** Labels without a value are what vendors call tags or categories; those with one are metadata (accept/compat). */
export function labelsOf({ tags }: EventFacts): { tags: string[]; metadata: Record<string, string> } {
  const entries = Object.entries(tags);
  return {
    tags: entries.filter(([, value]) => value === "").map(([name]) => name),
    metadata: Object.fromEntries(entries.filter(([, value]) => value !== "")),
  };
}

/** Addresses of people's machines are not kept. */
export const NOT_KEPT = "0.0.0.0";

export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
export const seconds = (ms: number): number => Math.floor(ms / 1000);
export const iso = (ms: number): string => new Date(ms).toISOString();
