import { type Clock, SECOND_MS, causeText } from "../../kernel/index.ts";

const ANSWER_WITHIN_MS = 15 * SECOND_MS;
const REDIRECTS = 5;
const PAGE_OCTETS = 1024 * 1024;

export type Answer = { status: number; url: string; text: string };
type Call = { method: string; headers?: Record<string, string>; body?: string | null };

/**
 * One visit of the application, as a browser would make it: cookies are kept and sent back to their origin, redirects within
 * that origin are followed. An address of the operator's own choosing, so inner networks may be reached; a redirect to
 * another origin is an answer and is not followed.
 */
export class Visit {
  readonly #clock: Clock;
  readonly #cookies = new Map<string, string>();
  #origin: string | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns a sentence where nothing answered */
  async go(url: string, call: Call, follows = true): Promise<Answer | string> {
    this.#origin ??= new URL(url).origin;
    let next = { url, call };
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#fetch(next.url, next.call);
      if (typeof answer === "string" || answer.location === null || !follows) return answer;
      const to = URL.canParse(answer.location, next.url) ? new URL(answer.location, next.url) : null;
      if (to === null || to.origin !== this.#origin) return answer;
      if (redirects === REDIRECTS) return `It redirects more than ${REDIRECTS} times, last to ${to.pathname}.`;
      // RFC 9110 §15.4: 307 and 308 keep the method, the others become a GET as browsers have it.
      const keeps = answer.status === 307 || answer.status === 308;
      next = { url: to.href, call: keeps ? next.call : { method: "GET" } };
    }
  }

  async #fetch(url: string, { method, headers = {}, body = null }: Call): Promise<(Answer & Moved) | string> {
    const aborting = new AbortController();
    const timer = this.#clock.after(ANSWER_WITHIN_MS, () => aborting.abort());
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    try {
      const response = await fetch(url, {
        method,
        headers: { ...headers, ...(cookie === "" ? {} : { cookie }) },
        body,
        redirect: "manual",
        signal: aborting.signal,
      });
      for (const line of response.headers.getSetCookie()) this.#keep(line);
      const { status } = response;
      const location = status >= 300 && status < 400 ? response.headers.get("location") : null;
      return { status, url, location, text: await beginningOf(response) };
    } catch (error) {
      if (aborting.signal.aborted) return `It gave no answer within ${ANSWER_WITHIN_MS / SECOND_MS} s.`;
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return `It cannot be reached: ${causeText(cause)}`;
    } finally {
      timer.cancel();
    }
  }

  /** RFC 6265 §5.2: name and value; the rest does not matter to a visit of seconds at one origin. */
  #keep(line: string): void {
    const [pair = ""] = line.split(";", 1);
    const at = pair.indexOf("=");
    if (at <= 0) return;
    this.#cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  }
}

type Moved = { location: string | null };

async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array);
    octets += (chunk as Uint8Array).length;
    if (octets >= PAGE_OCTETS) break;
  }
  return Buffer.concat(chunks).toString("utf8").slice(0, PAGE_OCTETS);
}
