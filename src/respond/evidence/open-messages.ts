import { MINUTE_MS } from "../../kernel/index.ts";
import type { Evidence } from "../../judge/index.ts";
import type { HandOff } from "./hand-offs.ts";

/** What one provider's judge is to see. */
export type Seen = { provider: string; evidence: Evidence };

/** After this what is told of a message changes nothing any more: it was lost, or very late, long ago. */
const REMEMBERED_MS = 30 * MINUTE_MS;
/** Some 25 MB. At the sampled rate it holds half an hour's. */
const MOST = 50_000;

/** A notice can be quicker than the answer to the call it is about. */
const EARLY_MS = 30_000;
const EARLY_MOST = 5_000;

type Word = { recipients: readonly number[]; at: number; by: "event" | "log" };
type Open = { handOff: HandOff; at: number; groups: Set<string> };

/**
 * Messages that were handed off, until they are old: so that each counts once, and so does the first that is told of each.
 * A message for several groups of receivers is one for each of them.
 */
export class OpenMessages {
  readonly #known = new Map<string, Open>();
  readonly #early = new Map<string, Word[]>();

  has({ spoolId, n }: Pick<HandOff, "spoolId" | "n">): boolean {
    return this.#known.has(keyOf(spoolId, n));
  }

  /** @param at when, as far as evidence is concerned. @param counts false: it is known, and neither missed nor confirmed */
  add(handOff: HandOff, at: number, counts: boolean): Seen[] {
    const { provider, stream, spoolId, n } = handOff;
    const groups = new Set(counts ? handOff.recipients.map(({ group }) => group) : []);
    const key = keyOf(spoolId, n);
    this.#known.set(key, { handOff, at, groups });
    const news: Seen[] = [...groups].map((group) => ({
      provider,
      evidence: { kind: "handed-off", at, group, stream },
    }));
    const early = this.#early.get(key) ?? [];
    this.#early.delete(key);
    return [...news, ...early.flatMap((word) => this.confirm(spoolId, n, word))];
  }

  /** @param word its `recipients` by number; none: it was not said which one */
  confirm(spoolId: string, n: number, word: Word): Seen[] {
    const key = keyOf(spoolId, n);
    const open = this.#known.get(key);
    if (!open) {
      if (this.#early.size < EARLY_MOST) this.#early.set(key, [...(this.#early.get(key) ?? []), word]);
      return [];
    }
    const { recipients, at, by } = word;
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
    for (const [key, words] of this.#early) {
      if (now - words[0]!.at < EARLY_MS) break;
      this.#early.delete(key);
    }
    for (const [key, { at }] of this.#known) {
      if (this.#known.size <= MOST && now - at < REMEMBERED_MS) return;
      this.#known.delete(key);
    }
  }
}

const keyOf = (spoolId: string, n: number): string => `${spoolId} ${n}`;
