/**
 * Asks a provider's HTTP API, and tells three ends apart that a plain client mixes up: nothing of the request's end had
 * left (`not-sent`, so the provider cannot have taken it), it had and no whole answer came (`no-answer`, so it may have),
 * or an answer came, whatever it says. Redirects are answers: following one would carry the key to wherever it leads.
 */
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { ApiProviderSettings } from "../config/index.ts";
import { type Clock, Problem, SECOND_MS } from "../kernel/index.ts";
import type { Outcome } from "../mail/index.ts";
import { ANSWER_OCTETS, exchange } from "./http-exchange.ts";
import { deferredBy, indeterminateBy, type LossCause } from "./losses.ts";

export type HttpCall = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From the base address on, with its query, already encoded: `/email`, `/messages?count=10`. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  signal?: AbortSignal;
  /** Asked right before the last octets leave; false ends the call as not sent, "aborted". */
  isOurs?(): boolean;
};

export type HttpAnswer =
  | {
      kind: "answer";
      status: number;
      /** Names in lower case; a repeated field has its values joined by `, `. */
      headers: Readonly<Record<string, string>>;
      /** At most ANSWER_OCTETS, or what the caller was made for. */
      body: Buffer;
      /** What the body says as JSON; undefined where it is none. */
      json: unknown;
    }
  | { kind: "not-sent"; cause: LossCause; diagnostic?: string }
  | { kind: "no-answer"; cause: LossCause; diagnostic?: string };

/** The Outcome of a call that got no answer. Null: it got one, which the vendor's own table reads. */
export function transportOutcome(answer: HttpAnswer): Outcome | null {
  if (answer.kind === "answer") return null;
  const { kind, ...loss } = answer;
  return kind === "not-sent" ? deferredBy(loss) : indeterminateBy(loss);
}

export type HttpCallerParts = {
  /** With a path of its own, if any: `https://api.eu.example/v3`. */
  baseUrl: string;
  connections: number;
  connectTimeoutMs: number;
  /** From the last octets of the request to the last of the answer. */
  replyTimeoutMs: number;
  clock: Clock;
  /** PEM: trusted besides nothing else; null: the system's roots. */
  ca?: Buffer | null;
  /** ANSWER_OCTETS unless given. */
  answerOctets?: number;
};

/** Servers and load balancers close idle connections after 5 s and more; one that closes as we write costs an unknown end. */
const IDLE_MS = 4 * SECOND_MS;

export class HttpCaller {
  readonly #parts: HttpCallerParts;
  readonly #base: URL;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #running = new Set<Promise<HttpAnswer>>();
  readonly #abort = new AbortController();
  #closed = false;

  constructor(parts: HttpCallerParts) {
    this.#parts = parts;
    this.#base = new URL(parts.baseUrl);
    // The agent's own timers, not the clock's: they end connections nobody uses, and no outcome hangs on them.
    const options = { keepAlive: true, maxSockets: parts.connections, timeout: IDLE_MS, scheduling: "lifo" } as const;
    this.#agent =
      this.#base.protocol === "https:"
        ? new HttpsAgent({ ...options, minVersion: "TLSv1.2", ...(parts.ca ? { ca: parts.ca } : {}) })
        : new HttpAgent(options);
  }

  /** Never throws for what the other side does. @throws TypeError for a path or header that is none: a fault of the adapter. */
  async call(call: HttpCall): Promise<HttpAnswer> {
    if (this.#closed) return { kind: "not-sent", cause: "aborted", diagnostic: "The gateway is stopping." };
    if (call.signal?.aborted) return { kind: "not-sent", cause: "aborted" };
    const running = this.#exchange(call);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  #exchange(call: HttpCall): Promise<HttpAnswer> {
    const body = Buffer.from(call.body ?? "");
    const isSecure = this.#base.protocol === "https:";
    const request = (isSecure ? httpsRequest : httpRequest)({
      agent: this.#agent,
      hostname: this.#base.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: this.#base.port === "" ? (isSecure ? 443 : 80) : Number(this.#base.port),
      method: call.method,
      path: this.#base.pathname.replace(/\/$/, "") + call.path,
      headers: {
        accept: "application/json",
        "user-agent": "Postern",
        ...call.headers,
        ...(call.body === undefined ? {} : { "content-length": String(body.length) }),
      },
    });
    return exchange(request, {
      body,
      isSecure,
      isOurs: call.isOurs ?? (() => true),
      signals: call.signal ? [call.signal, this.#abort.signal] : [this.#abort.signal],
      clock: this.#parts.clock,
      connectTimeoutMs: this.#parts.connectTimeoutMs,
      replyTimeoutMs: this.#parts.replyTimeoutMs,
      answerOctets: this.#parts.answerOctets ?? ANSWER_OCTETS,
    });
  }

  /** What is on its way may end within `graceMs`; then it is ended, and what was not answered stays unknown. */
  async close(graceMs: number = 5 * SECOND_MS): Promise<void> {
    this.#closed = true;
    const deadline = this.#parts.clock.after(graceMs, () => this.#abort.abort());
    await Promise.allSettled(this.#running);
    deadline.cancel();
    this.#agent.destroy();
  }
}

/** RFC 9110 §5.5: what a field value may hold; a key with a line end in it would throw at every hand-off. */
const FIELD_VALUE = /^[!-~](?:[ -~]*[!-~])?$/;

/**
 * The caller of one provider with an HTTP API, at its own address or the one that is set instead.
 * @throws Problem `provider-misconfigured` for what no call could work with; config/ says it better, and first.
 */
export function callerFor(
  settings: ApiProviderSettings,
  ownBaseUrl: string,
  clock: Clock,
  more: { answerOctets?: number } = {},
): HttpCaller {
  const baseUrl = settings.baseUrl ?? ownBaseUrl;
  const wrong = whatIsWrong(settings, baseUrl);
  if (wrong) throw new Problem("provider-misconfigured", `The provider ${settings.name} cannot be used: ${wrong}`);
  const { connections, connectTimeoutMs, replyTimeoutMs } = settings;
  return new HttpCaller({ baseUrl, connections, connectTimeoutMs, replyTimeoutMs, clock, ...more });
}

function whatIsWrong({ apiKey, readKey }: ApiProviderSettings, baseUrl: string): string | null {
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol)) {
    return "its baseUrl is no http or https address. Correct baseUrl.";
  }
  if (!FIELD_VALUE.test(apiKey.reveal())) return "its apiKey holds characters no key has. Set it anew.";
  if (readKey && !FIELD_VALUE.test(readKey.reveal())) return "its readKey holds characters no key has. Set it anew.";
  return null;
}
