/**
 * Different domains that could not be reached, with none reached in between: then it is not they who are away. Few enough
 * to notice soon, too many for somebody who signs up with addresses of broken domains beside ordinary traffic.
 */
const DOMAINS = 5;

/**
 * Tells a way out that is shut (port 25 blocked, no resolver, no network) from a domain that is away. A domain says
 * nothing against this provider; a shut way out concerns every message, and others must carry them.
 */
export class WayOut {
  readonly #failed = new Set<string>();

  worked(): void {
    this.#failed.clear();
  }

  /** @returns whether the way out counts as shut now. */
  failed(domain: string): boolean {
    if (this.#failed.size < DOMAINS) this.#failed.add(domain);
    return this.#failed.size >= DOMAINS;
  }
}
