import { type Clock, DAY_MS, type Log, SECOND_MS } from "../kernel/index.ts";

/** A small document from the public internet (notify/egress); null where it could not be had. */
export type Fetch = (url: string) => Promise<{ status: number; body: Buffer } | null>;

/** One is named by its address for good; a day bounds how long a mistake lasts. */
const KEPT_MS = DAY_MS;
/** A notice that names one nobody can get must not make us ask for it again and again. */
const MISSED_MS = 10 * SECOND_MS;
/** SNS has one a region and changes it every year or so. */
const KEPT = 32;

/** Signing certificates by their addresses, which whoever asks has checked (providers/ses/sns.ts). Each is fetched once. */
export class Certificates {
  readonly #fetch: Fetch;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #known = new Map<string, { until: number; pem: Promise<string | null> }>();

  constructor(parts: { fetch: Fetch; clock: Clock; log: Log }) {
    this.#fetch = parts.fetch;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  get(url: string): Promise<string | null> {
    const now = this.#clock.monotonicMs();
    const known = this.#known.get(url);
    if (known && known.until > now) return known.pem;
    const entry = { until: now + KEPT_MS, pem: this.#ask(url, () => (entry.until = now + MISSED_MS)) };
    this.#known.delete(url);
    this.#known.set(url, entry);
    if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value!);
    return entry.pem;
  }

  async #ask(url: string, missed: () => void): Promise<string | null> {
    const answer = await this.#fetch(url).catch(() => null);
    const pem = answer?.status === 200 ? answer.body.toString("latin1") : null;
    const isOne = pem !== null && pem.includes("-----BEGIN CERTIFICATE-----");
    if (isOne) return pem;
    missed();
    this.#log.warn("notice.certificate-unavailable", { status: answer?.status ?? null });
    return null;
  }
}
