import type { Evidence } from "./evidence.ts";

/** Nothing gets through by any provider: the fault is on our side, and no verdict falls while it lasts. */
export type LocalOutage = {
  sinceAt: number;
  /** Those that began to fail together. */
  providers: readonly string[];
  /** unreachable: no connection can be made · missing: canaries are taken and arrive nowhere. */
  by: "unreachable" | "missing";
};

export type Series = { sinceAt: number; count: number };
type Side = { unreachable: Series | null; missing: Series | null };

/** Fewer could be two mishaps. */
const LEAST = 3;

/**
 * Whether we have a network at all. Providers do not fail within seconds of each other by themselves, so if two do and
 * nothing that was sent since has got through by anybody, the way out is ours. One hand-off that is taken, or one
 * message from since then that arrives, ends it.
 */
export class OwnNetwork {
  readonly #sides = new Map<string, Side>();
  readonly #unreachableWithinMs: number;
  readonly #missingWithinMs: number;
  /** Series that last: without two of a kind there is nothing to compare. */
  #series = 0;
  #reachedAt = Number.NEGATIVE_INFINITY;
  #throughAt = Number.NEGATIVE_INFINITY;

  /** @param within how far apart providers may begin to fail: hand-offs are tried at once elsewhere, canaries come in turns */
  constructor(within: { unreachableMs: number; missingMs: number }) {
    this.#unreachableWithinMs = within.unreachableMs;
    this.#missingWithinMs = within.missingMs;
  }

  see(provider: string, evidence: Evidence): void {
    this.#fold(provider, evidence);
    let series = 0;
    for (const side of this.#sides.values()) series += (side.unreachable ? 1 : 0) + (side.missing ? 1 : 0);
    this.#series = series;
  }

  #fold(provider: string, evidence: Evidence): void {
    const side = this.#side(provider);
    switch (evidence.kind) {
      case "unreachable":
        side.unreachable = longer(side.unreachable, evidence.at);
        return;
      case "handed-off":
      case "canary-sent":
      case "refused-for-account":
        if (side.unreachable && evidence.at >= side.unreachable.sinceAt) side.unreachable = null;
        this.#reachedAt = Math.max(this.#reachedAt, evidence.at);
        return;
      case "canary-missed":
        side.missing = longer(side.missing, evidence.sentAt);
        return;
      case "canary-arrived":
        side.missing = null;
        this.#throughAt = Math.max(this.#throughAt, evidence.sentAt);
        return;
      case "confirmed":
        this.#throughAt = Math.max(this.#throughAt, evidence.handedOffAt);
        return;
      default:
    }
  }

  /** Its present series of hand-offs without a connection, if somebody else was reached meanwhile. */
  unreachable(provider: string): Series | null {
    const series = this.#sides.get(provider)?.unreachable ?? null;
    return series && this.#reachedAt > series.sinceAt ? series : null;
  }

  /** After an outage of ours: that nobody was reached during it says nothing of those who were not tried since. */
  forgetUnreachable(): void {
    for (const side of this.#sides.values()) side.unreachable = null;
  }

  get outage(): LocalOutage | null {
    if (this.#series < 2) return null;
    return (
      this.#together("unreachable", this.#unreachableWithinMs, this.#reachedAt) ??
      this.#together("missing", this.#missingWithinMs, this.#throughAt)
    );
  }

  #together(by: LocalOutage["by"], withinMs: number, refutedAt: number): LocalOutage | null {
    let latest = Number.NEGATIVE_INFINITY;
    for (const side of this.#sides.values()) latest = Math.max(latest, side[by]?.sinceAt ?? latest);
    if (latest === Number.NEGATIVE_INFINITY) return null;
    const failing = [...this.#sides].flatMap(([name, side]) => {
      const series = side[by];
      return series && series.sinceAt >= latest - withinMs ? [{ name, ...series }] : [];
    });
    const sinceAt = Math.min(...failing.map((one) => one.sinceAt));
    const count = failing.reduce((sum, one) => sum + one.count, 0);
    if (failing.length < 2 || count < LEAST || refutedAt >= sinceAt) return null;
    return { sinceAt, providers: failing.map(({ name }) => name), by };
  }

  #side(provider: string): Side {
    const known = this.#sides.get(provider) ?? { unreachable: null, missing: null };
    this.#sides.set(provider, known);
    return known;
  }
}

const longer = (series: Series | null, at: number): Series =>
  series ? { sinceAt: Math.min(series.sinceAt, at), count: series.count + 1 } : { sinceAt: at, count: 1 };
