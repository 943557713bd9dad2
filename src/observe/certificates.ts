import { type Clock, DAY_MS, type Log, SECOND_MS } from "../kernel/index.ts";

/** A small document from the public internet (notify/egress); null where it could not be had. */
export type Fetch = (url: string) => Promise<{ status: number; body: Buffer } | null>;

/** One is named by its address for good; a day bounds how long a mistake lasts. */
const KEPT_MS = DAY_MS;
/** A notice that names one nobody can get must not make us ask for it again and again. */
const MISSED_MS = 10 * SECOND_MS;
/** SNS has one a region and changes it every year or so. */
const KEPT = 32;
/**
 * Asked for at once, and addresses of which is remembered that there is nothing. Whoever knows a topic's name can name
 * certificates in notices that are not signed; that must cost others nothing, and must not push out what is known.
 */
const ASKED = 4;
const MISSED = 256;

/** Signing certificates by their addresses, which whoever asks has checked (providers/ses/sns.ts). Each is fetched once. */
export class Certificates {
  readonly #fetch: Fetch;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #known = new Map<string, { until: number; pem: string }>();
  readonly #missed = new Map<string, number>();
  readonly #asked = new Map<string, Promise<string | null>>();

  constructor(parts: { fetch: Fetch; clock: Clock; log: Log }) {
    this.#fetch = parts.fetch;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** Null: it cannot be had now. */
  async get(url: string): Promise<string | null> {
    const now = this.#clock.monotonicMs();
    const known = this.#known.get(url);
    if (known && known.until > now) return known.pem;
    if ((this.#missed.get(url) ?? now) > now) return null;
    const asked = this.#asked.get(url);
    if (asked) return asked;
    if (this.#asked.size >= ASKED) return null;
    const asking = this.#ask(url, now).finally(() => this.#asked.delete(url));
    this.#asked.set(url, asking);
    return asking;
  }

  async #ask(url: string, now: number): Promise<string | null> {
    const answer = await this.#fetch(url).catch(() => null);
    const pem = answer?.status === 200 ? answer.body.toString("latin1") : null;
    if (pem?.includes("-----BEGIN CERTIFICATE-----")) {
      keep(this.#known, url, { until: now + KEPT_MS, pem }, KEPT);
      return pem;
    }
    keep(this.#missed, url, now + MISSED_MS, MISSED);
    this.#log.warn("notice.certificate-unavailable", { status: answer?.status ?? null });
    return null;
  }
}

/** As the newest; the oldest goes where there are too many. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value!);
}
