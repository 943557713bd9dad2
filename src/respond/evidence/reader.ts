import { MINUTE_MS } from "../../kernel/index.ts";
import type { Lane } from "../../store/index.ts";
import { CanaryWatch, canaries, latestCanary } from "./canaries.ts";
import { type Refusal, settledSince } from "./hand-offs.ts";
import { type Told, eventBefore, latestEvent, toldAfter } from "./notices.ts";
import { OpenMessages, type Seen } from "./open-messages.ts";
import { Sample } from "./sample.ts";
import type { Signs } from "./signs.ts";

/** Rows of transactions that were open at the last look: they are seen a little later than their instants say. */
const OVERLAP_MS = 5_000;
/** Every so many looks further back: nodes' clocks differ, and one whose clock is behind must not go unheard. */
const WIDE_EVERY = 10;
const WIDE_MS = MINUTE_MS;
/** After a start, or an outage of the database: what is open since then is seen again. */
export const LOOK_BACK_MS = 10 * MINUTE_MS;
/** Refusals of an account in one look: the first makes it suspect, a second is a verdict, more tell nothing. */
const REFUSALS = 2;
/** Pages of notices in one look; what is beyond is read in the next. */
const PAGES = 5;

/**
 * Turns rows into evidence, once a second: what was handed off, what was told of it, what became of canaries. Each row is
 * told once although looks overlap; the first that is told of a hand-off counts, and no more.
 */
export class EvidenceReader {
  readonly #execute: Lane["execute"];
  readonly #signs: Signs;
  readonly #providers: ReadonlySet<string>;
  readonly #open = new OpenMessages();
  readonly canaries = new CanaryWatch();
  readonly #sample = new Sample();
  readonly #refused = new Map<string, number>();
  readonly #read = new Map<number, number>();
  readonly #answered = new Map<string, { at: number; refusedFor: string | null }>();
  readonly #backwards: boolean;
  #canary = 0;
  #looks = 0;
  #lastAt: number | null = null;
  /** No event up to this id is new any more. */
  #after = 0;
  #tops: { at: number; id: number }[] = [];

  /** @param parts.backwards whether mail from before the first look is to be missed */
  constructor(parts: { execute: Lane["execute"]; signs: Signs; providers: ReadonlySet<string>; backwards: boolean }) {
    this.#execute = parts.execute;
    this.#signs = parts.signs;
    this.#providers = parts.providers;
    this.#backwards = parts.backwards;
  }

  /** What is new, in the order of its instants. */
  async look(now: number): Promise<Seen[]> {
    const before = this.#lastAt;
    const top = await latestEvent(this.#execute);
    if (before === null) this.#after = (await eventBefore(this.#execute, now - LOOK_BACK_MS)) ?? top;
    const news = [
      ...(await this.#settled(now, before)),
      ...(await this.#notices(now, before === null)),
      ...(await this.#canaries(now, before === null)),
    ];
    this.#forget(now, top);
    this.#lastAt = now;
    return news
      .filter(({ provider }) => this.#providers.has(provider))
      .toSorted((a, b) => a.evidence.at - b.evidence.at);
  }

  async #settled(now: number, before: number | null): Promise<Seen[]> {
    const wide = this.#looks % WIDE_EVERY === 0 ? WIDE_MS : OVERLAP_MS;
    this.#looks += 1;
    const back = this.#backwards ? LOOK_BACK_MS : 0;
    const since = before === null ? now - back : Math.max(now - LOOK_BACK_MS, before - wide);
    const { handOffs, refusals, unreachable } = await settledSince(this.#execute, since, this.#sample.handOffs);
    const fresh = handOffs.filter((one) => !this.#open.has(one));
    if (before !== null) this.#sample.adjust(fresh.length, now - before, now);
    // What the last look did not show is younger than it, whatever the clock of its node says.
    const least = before === null ? since : before - OVERLAP_MS;
    const atOf = ({ at }: { at: number }): number => Math.min(now, Math.max(least, at));
    for (const { provider, at } of fresh) this.#answer(provider, at, null);
    for (const { provider, at, cause } of refusals) this.#answer(provider, at, cause);
    // A refusal that was judged before a start is not judged again: the account may be well since.
    const recent = refusals.filter(({ at }) => before !== null || at > now - OVERLAP_MS);
    return [
      ...fresh.flatMap((one) => this.#open.add(one, atOf(one), this.#signs.tells(one.provider, now))),
      ...this.#refusals(recent, (one) => ({ kind: "refused-for-account", at: atOf(one), cause: one.cause })),
      ...this.#refusals(unreachable, (one) => ({ kind: "unreachable", at: atOf(one) })),
    ];
  }

  #refusals(refusals: readonly Refusal[], evidenceOf: (one: Refusal) => Seen["evidence"]): Seen[] {
    const count = new Map<string, number>();
    return refusals.flatMap((one): Seen[] => {
      const key = `${one.spoolId} ${one.n}`;
      if (this.#refused.has(key)) return [];
      this.#refused.set(key, one.at);
      const n = (count.get(one.provider) ?? 0) + 1;
      count.set(one.provider, n);
      if (n > REFUSALS) return [];
      return [{ provider: one.provider, evidence: evidenceOf(one) }];
    });
  }

  /** Why the account was refused at its last hand-off; null: it was not. */
  refusedFor(provider: string): string | null {
    return this.#answered.get(provider)?.refusedFor ?? null;
  }

  #answer(provider: string, at: number, refusedFor: string | null): void {
    const last = this.#answered.get(provider);
    if (!last || last.at <= at) this.#answered.set(provider, { at, refusedFor });
  }

  async #canaries(now: number, isFirst: boolean): Promise<Seen[]> {
    const latest = isFirst ? await latestCanary(this.#execute) : this.#canary;
    const since = now - (this.#backwards ? LOOK_BACK_MS : 0);
    const rows = await canaries(this.#execute, isFirst ? { since } : { changeId: latest });
    this.#canary = rows.reduce((most, row) => Math.max(most, row.changeId), latest);
    return this.canaries.see(rows, now);
  }

  async #notices(now: number, isFirst: boolean): Promise<Seen[]> {
    const news: Seen[] = [];
    const spoke = new Map<string, number>();
    let after = this.#after;
    for (let page = 0; page < PAGES; page += 1) {
      const { told, more } = await toldAfter(this.#execute, after, this.#sample.notices(now));
      for (const one of told) {
        if (this.#read.has(one.eventId)) continue;
        this.#read.set(one.eventId, now);
        // When it became known: now. Of what was told before a start only the provider's own instant is left.
        const at = isFirst ? Math.min(now, one.at) : now;
        news.push(...this.#toldOf(one, at));
        if (!one.isOfLog) spoke.set(one.provider, Math.max(at, spoke.get(one.provider) ?? 0));
      }
      if (!more) break;
      after = told.at(-1)?.eventId ?? after;
    }
    for (const [provider, at] of spoke) {
      this.#signs.saw(provider, at);
      news.push({ provider, evidence: { kind: "webhook-seen", at, ofMissingCanary: false } });
    }
    return news;
  }

  #toldOf(one: Told, at: number): Seen[] {
    if (one.isCanary) return one.kind === "message.delivered" ? this.canaries.told(one.spoolId, one.provider, at) : [];
    if (!one.isEnd) return [];
    const { recipients, isOfLog } = one;
    return this.#open.confirm(one.spoolId, one.attempt, { recipients, at, by: isOfLog ? "log" : "event" });
  }

  #forget(now: number, top: number): void {
    this.#tops.push({ at: now, id: top });
    while (this.#tops.length > 1 && this.#tops[1]!.at <= now - OVERLAP_MS) this.#tops.shift();
    if (this.#tops[0]!.at <= now - OVERLAP_MS) this.#after = Math.max(this.#after, this.#tops[0]!.id);
    for (const [id, at] of this.#read) {
      if (at > now - 3 * OVERLAP_MS) break;
      this.#read.delete(id);
    }
    for (const [key, at] of this.#refused) {
      if (at > now - LOOK_BACK_MS - WIDE_MS) break;
      this.#refused.delete(key);
    }
    this.#open.settle(now);
    this.canaries.settle(now);
  }
}
