import { MINUTE_MS } from "../../kernel/index.ts";
/**
 * Which messages are evidence: all of them up to a rate, a share of them above it. By the random end of the spool id, so a
 * message's hand-off and what is told of it are both in, or both out, on whatever node and after whatever restart.
 */
const WHOLE = 65_536;
/** Messages a second. More would tell nothing sooner: at 50 a second silence is beyond doubt within seconds. */
const ENOUGH_PER_S = 50;
/** For so long notices of what was handed off under a larger share are still read. */
const REMEMBERED_MS = MINUTE_MS;
const LEAST = 16;

/** In SQL, of a column of spool ids: its last two octets, 0 to 65,535. */
export const sampleNumber = (column: string): string =>
  `get_byte(uuid_send(${column}), 14) * 256 + get_byte(uuid_send(${column}), 15)`;

export class Sample {
  #below = WHOLE;
  #past: { until: number; below: number }[] = [];

  /** Hand-offs whose number is below this are in. */
  get handOffs(): number {
    return this.#below;
  }

  /** Notices: of every share of the last minute the largest. */
  notices(now: number): number {
    this.#past = this.#past.filter(({ until }) => until > now);
    return Math.max(this.#below, ...this.#past.map(({ below }) => below));
  }

  /** @param seen hand-offs that were new, within the last `spanMs` */
  adjust(seen: number, spanMs: number, now: number): void {
    const perS = (seen * 1_000) / Math.max(1_000, spanMs);
    const wanted = perS > ENOUGH_PER_S ? Math.floor((this.#below * ENOUGH_PER_S) / perS) : this.#below;
    const next = perS < ENOUGH_PER_S / 4 ? Math.min(WHOLE, this.#below * 2) : Math.max(LEAST, wanted);
    if (next < this.#below) this.#past.push({ until: now + REMEMBERED_MS, below: this.#below });
    this.#below = next;
  }
}
