import type { Evidence } from "../../judge/index.ts";
import type { HandOff } from "./hand-offs.ts";

/** What one provider's judge is to see. */
export type Seen = { provider: string; evidence: Evidence };

/** After this what is told of a message changes nothing any more: it was lost, or very late, long ago. */
const REMEMBERED_MS = 30 * 60_000;
/** Some 25 MB. At the sampled rate it holds half an hour's. */
const MOST = 50_000;

type Open = { handOff: HandOff; at: number; groups: Set<string> };

/**
 * Messages that were handed off, until they are old: so that each counts once, and so does the first that is told of each.
 * A message for several groups of receivers is one for each of them.
 */
export class OpenMessages {
  readonly #known = new Map<string, Open>();

  has({ spoolId, n }: Pick<HandOff, "spoolId" | "n">): boolean {
    return this.#known.has(keyOf(spoolId, n));
  }

  /** @param at when, as far as evidence is concerned */
  add(handOff: HandOff, at: number): Seen[] {
    const { provider, stream, spoolId, n } = handOff;
    const groups = new Set(handOff.recipients.map(({ group }) => group));
    this.#known.set(keyOf(spoolId, n), { handOff, at, groups });
    return [...groups].map((group) => ({ provider, evidence: { kind: "handed-off", at, group, stream } }));
  }

  /** @param recipients by number; none: it was not said which one */
  confirm(spoolId: string, n: number, recipients: readonly number[], at: number, by: "event" | "log"): Seen[] {
    const open = this.#known.get(keyOf(spoolId, n));
    if (!open) return [];
    const { handOff, groups } = open;
    const told = new Set(handOff.recipients.filter((one) => recipients.includes(one.n)).map(({ group }) => group));
    if (recipients.length === 0 && groups.size === 1) told.add([...groups][0]!);
    return [...told]
      .filter((group) => groups.delete(group))
      .map((group) => ({
        provider: handOff.provider,
        evidence: {
          kind: "confirmed",
          at: Math.max(at, open.at),
          group,
          stream: handOff.stream,
          handedOffAt: open.at,
          by,
        },
      }));
  }

  /** Forgets what is old. */
  settle(now: number): void {
    for (const [key, { at }] of this.#known) {
      if (this.#known.size <= MOST && now - at < REMEMBERED_MS) return;
      this.#known.delete(key);
    }
  }
}

const keyOf = (spoolId: string, n: number): string => `${spoolId} ${n}`;
