import type { LogSays } from "../evidence.ts";

/**
 * Whose fault is it? Canaries go through every provider to every receiver of ours; which cells of that matrix are
 * empty tells a provider from a receiver from ourselves. What the provider itself says (its events, its log) decides
 * between silence, blindness and lies. The rows of CAUSES are read from the top; the first that fits is the answer.
 */
export type Cell = {
  provider: string;
  /** A receiving server of ours. */
  receiver: string;
  arrived: number;
  missed: number;
  /** When the first of the present series of misses became known. */
  missedSinceAt: number | null;
};

/** What the provider says about the same canaries; `null`: not asked. */
export type Says = { events: "delivered" | "silent"; log: LogSays | null };

export type Cause =
  | "healthy"
  | "events-dark"
  | "events-and-log-dark"
  | "lying"
  | "down"
  | "receiver-fault"
  | "local-outage"
  | "unknown";
export type Judged = { cause: Cause; receivers: string[]; sentence: string };

type Facts = { own: "arrives" | "missing"; events: Says["events"]; log: LogSays | null };
const CAUSES: readonly { when: Partial<Facts>; cause: Cause; sentence: string }[] = [
  {
    when: { own: "arrives", events: "delivered" },
    cause: "healthy",
    sentence: "Canaries arrive and its events say so.",
  },
  {
    when: { own: "arrives", events: "silent", log: "delivered" },
    cause: "events-dark",
    sentence:
      "Canaries arrive and its log shows them delivered, but its events are silent: mail flows, its log is read instead.",
  },
  {
    when: { own: "arrives", events: "silent" },
    cause: "events-and-log-dark",
    sentence:
      "Canaries arrive, but neither its events nor its log say so: mail flows, secrets go elsewhere where possible.",
  },
  {
    when: { own: "missing", events: "delivered", log: "delivered" },
    cause: "lying",
    sentence: "It says in its events and in its log that canaries were delivered which none of our receivers has seen.",
  },
  {
    when: { own: "missing", events: "delivered" },
    cause: "down",
    sentence: "Canaries do not arrive; events call them delivered, its log does not: the events may be forged.",
  },
  {
    when: { own: "missing", events: "silent", log: "delivered" },
    cause: "down",
    sentence: "Canaries do not arrive and no event tells of them, though its log calls them delivered.",
  },
  {
    when: { own: "missing", events: "silent" },
    cause: "down",
    sentence: "Canaries do not arrive, and it does not say that they did.",
  },
];

/**
 * @param says of the provider that is judged
 * @param localWithinMs providers that begin to fail within this of each other fail because of us
 */
export function judgeCause(provider: string, cells: readonly Cell[], says: Says, localWithinMs: number): Judged {
  const own = cells.filter((cell) => cell.provider === provider && cell.arrived + cell.missed > 0);
  const dead = own.filter(isDead);
  if (own.length === 0) return { cause: "unknown", receivers: [], sentence: "No canary of it has ended yet." };
  if (dead.length > 0) {
    const together = failedTogether(provider, cells, localWithinMs);
    if (together.length >= 2)
      return {
        cause: "local-outage",
        receivers: [],
        sentence: `${together.join(" and ")} fail at once and nothing arrives by any provider: the fault is on our side.`,
      };
    const lonely = dead.every((cell) => receiverFails(cell.receiver, provider, cells));
    if (dead.length < own.length || lonely)
      return {
        cause: "receiver-fault",
        receivers: dead.map((cell) => cell.receiver),
        sentence: `Canaries are missing at ${dead.map((cell) => cell.receiver).join(", ")} only: that receiver is at fault, not ${provider}.`,
      };
  }
  const facts: Facts = { own: dead.length > 0 ? "missing" : "arrives", ...says };
  const row = CAUSES.find(({ when }) =>
    Object.entries(when).every(([key, value]) => facts[key as keyof Facts] === value),
  );
  if (!row) throw new Error("the table of causes has a hole");
  return { cause: row.cause, receivers: [], sentence: row.sentence };
}

const isDead = (cell: Cell): boolean => cell.missed > 0 && cell.arrived === 0;

/** Providers that are dead at every receiver since about the same instant, if no provider at all gets through. */
function failedTogether(provider: string, cells: readonly Cell[], withinMs: number): string[] {
  const used = cells.filter((cell) => cell.arrived + cell.missed > 0);
  if (used.some((cell) => cell.arrived > 0)) return [];
  const since = new Map<string, number>();
  for (const cell of used)
    since.set(cell.provider, Math.min(since.get(cell.provider) ?? Infinity, cell.missedSinceAt ?? Infinity));
  const own = since.get(provider) ?? Infinity;
  return [...since].filter(([, at]) => Math.abs(at - own) <= withinMs).map(([name]) => name);
}

/** Some other provider's canaries reach other receivers of ours, and miss this one too. */
function receiverFails(receiver: string, provider: string, cells: readonly Cell[]): boolean {
  const others = cells.filter((cell) => cell.provider !== provider);
  return (
    others.some((cell) => cell.receiver === receiver && isDead(cell)) &&
    others.some((cell) => cell.receiver !== receiver && cell.arrived > 0)
  );
}
