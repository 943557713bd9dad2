import { type Clock, DAY_MS, MINUTE_MS, SECOND_MS } from "../../../kernel/index.ts";
import type { Ask } from "../dns/answers.ts";
import { BoundedMap } from "../bounded-map.ts";
import type { PolicyFetch } from "./fetch-policy.ts";
import { parseStsPolicy, type StsPolicy, stsIdIn } from "./sts-policy.ts";

/** What is known of a domain's policy at this moment, and what stood in the way of knowing it better. */
export type StsFound = { policy: StsPolicy | null; text: string; trouble: "fetch" | "certificate" | "invalid" | null };

type Kept = { id: string; policy: StsPolicy; text: string; fetchedAtMs: number; untilMs: number };

/** RFC 8461 §3.3: after a failure not at once again. */
const NOT_AGAIN_MS = 5 * MINUTE_MS;
/** RFC 8461 §3.3: looked at again at least daily, so that a policy that is kept does not run out unseen. */
const REFRESH_MS = DAY_MS;
const DOMAINS = 10_000;
const NOTHING: StsFound = { policy: null, text: "", trouble: null };

export type StsParts = { ask: Ask; clock: Clock; fetch(domain: string): Promise<PolicyFetch> };

/**
 * The policies of domains, each kept as long as it says (RFC 8461 §3.2, max_age): also where its record is gone or its
 * file cannot be fetched any more, because that is what somebody on the way would do (RFC 8461 §10.2).
 */
export class StsStore {
  readonly #parts: StsParts;
  readonly #kept = new BoundedMap<string, Kept>(DOMAINS);
  readonly #failed = new BoundedMap<string, { untilMs: number; id: string; trouble: NonNullable<StsFound["trouble"]> }>(
    DOMAINS,
  );
  readonly #fetching = new Map<string, Promise<StsFound>>();

  constructor(parts: StsParts) {
    this.#parts = parts;
  }

  async policyOf(domain: string): Promise<StsFound> {
    const { ask, clock } = this.#parts;
    const kept = this.#keptOf(domain);
    const answer = await ask(`_mta-sts.${domain}`, "TXT");
    const id = answer.kind === "records" ? stsIdIn(answer.records) : null;
    if (id === null) return kept ? foundOf(kept, null) : NOTHING;
    if (kept?.id === id && clock.now() - kept.fetchedAtMs < REFRESH_MS) return foundOf(kept, null);
    const failed = this.#failed.get(domain);
    if (failed && failed.id === id && clock.monotonicMs() < failed.untilMs) return foundOf(kept, failed.trouble);
    // Several messages for one domain wait for one fetch.
    let fetching = this.#fetching.get(domain);
    if (!fetching) {
      fetching = this.#fetch(domain, id).finally(() => this.#fetching.delete(domain));
      this.#fetching.set(domain, fetching);
    }
    return fetching;
  }

  #keptOf(domain: string): Kept | undefined {
    const kept = this.#kept.get(domain);
    if (kept && this.#parts.clock.now() < kept.untilMs) return kept;
    this.#kept.delete(domain);
    return undefined;
  }

  async #fetch(domain: string, id: string): Promise<StsFound> {
    const { clock, fetch } = this.#parts;
    const fetched = await fetch(domain);
    const policy = fetched.kind === "text" ? parseStsPolicy(fetched.text) : null;
    if (fetched.kind === "text" && policy) {
      const now = clock.now();
      const kept = { id, policy, text: fetched.text, fetchedAtMs: now, untilMs: now + policy.maxAgeS * SECOND_MS };
      this.#kept.set(domain, kept);
      this.#failed.delete(domain);
      return foundOf(kept, null);
    }
    const trouble = fetched.kind === "text" ? "invalid" : fetched.why === "certificate" ? "certificate" : "fetch";
    this.#failed.set(domain, { untilMs: clock.monotonicMs() + NOT_AGAIN_MS, id, trouble });
    return foundOf(this.#keptOf(domain), trouble);
  }
}

const foundOf = (kept: Kept | undefined, trouble: StsFound["trouble"]): StsFound =>
  kept ? { policy: kept.policy, text: kept.text, trouble } : { ...NOTHING, trouble };
