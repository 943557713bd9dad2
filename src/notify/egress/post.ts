import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from "node:http";
import { Agent, request } from "node:https";
import type { Duplex } from "node:stream";
import { type Clock, SECOND_MS } from "../../kernel/index.ts";
import {
  type Connect,
  dial,
  type DialParts,
  EgressRefused,
  networksOf,
  type Resolve,
  systemConnect,
  systemResolve,
} from "./dial.ts";
import { type EgressRefusal, type Permitted, type Target, targetOf } from "./target.ts";

export type PostAnswer =
  | { kind: "answered"; status: number; retryAfterMs: number | null }
  | ({ kind: "refused" } & EgressRefusal)
  /** `cause`: an error code of the system or of TLS, such as ECONNREFUSED or CERT_HAS_EXPIRED. */
  | { kind: "failed"; cause: string };

/** `body`: at most EgressBounds.answerBytes of it. */
export type GetAnswer = { kind: "answered"; status: number; body: Buffer } | Failure;

export type EgressParts = {
  clock: Clock;
  /** Networks (CIDR) of the operators' own that may be reached although they are not public. Never for URLs of tenants. */
  privateNetworks?: readonly string[];
  /** The rest is for tests. */
  resolve?: Resolve;
  connect?: Connect;
  permitted?: readonly Permitted[];
  ca?: string;
  bounds?: Partial<EgressBounds>;
};

export type EgressBounds = {
  /** TCP and TLS. */
  connectTimeoutMs: number;
  /** The whole of a request, name and connection included. Standard Webhooks: 15 to 30 s. */
  deadlineMs: number;
  /** An answer is read for its status only; the rest is read up to here, so that the connection can be used again. */
  answerBytes: number;
  /** A connection without work is kept this long. */
  idleMs: number;
};

const BOUNDS: EgressBounds = {
  connectTimeoutMs: 5 * SECOND_MS,
  deadlineMs: 15 * SECOND_MS,
  answerBytes: 64 * 1024,
  idleMs: 4 * SECOND_MS,
};

/** Requests to URLs others have written, to nowhere but the public internet (and networks an operator named): THE one way out for them. */
export type Egress = {
  post(url: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<PostAnswer>;
  /** Reads a small document. An answer that is too long, or ends too early, failed. */
  get(url: string): Promise<GetAnswer>;
  /** Ends every connection; what is on its way fails. */
  close(): void;
};

export function createEgress(parts: EgressParts): Egress {
  const { clock, permitted = [], privateNetworks = [] } = parts;
  const mayBeInside = privateNetworks.length > 0;
  const bounds = { ...BOUNDS, ...parts.bounds };
  const dialParts: DialParts = {
    clock,
    resolve: parts.resolve ?? systemResolve(),
    connect: parts.connect ?? systemConnect,
    permitted,
    privateNetworks: networksOf(privateNetworks),
    ca: parts.ca ?? null,
    connectTimeoutMs: bounds.connectTimeoutMs,
  };
  const agent = new CheckedAgent(dialParts, bounds.idleMs);
  const onTheirWay = new Set<ClientRequest>();

  const requestTo = (target: Target, method: "GET" | "POST", headers: OutgoingHttpHeaders): ClientRequest =>
    request({
      agent,
      host: target.host,
      port: target.port,
      path: target.path,
      method,
      headers,
      maxHeaderSize: 16 * 1024,
    });

  async function get(url: string): Promise<GetAnswer> {
    const target = targetOf(url, permitted, mayBeInside);
    if ("code" in target) return { kind: "refused", ...target };
    const sent = requestTo(target, "GET", {});
    onTheirWay.add(sent);
    try {
      return await documentOf(sent, clock, bounds);
    } finally {
      onTheirWay.delete(sent);
    }
  }

  async function post(url: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<PostAnswer> {
    const target = targetOf(url, permitted, mayBeInside);
    if ("code" in target) return { kind: "refused", ...target };
    const sent = requestTo(target, "POST", { ...headers, "content-length": body.length });
    onTheirWay.add(sent);
    try {
      const answer = await answerOf(sent, body, clock, bounds);
      // A kept connection that ended while we wrote: nothing was read, so it is asked again on a new one.
      if (answer.kind === "failed" && answer.cause === "ECONNRESET" && sent.reusedSocket)
        return await post(url, headers, body);
      return answer;
    } finally {
      onTheirWay.delete(sent);
    }
  }

  return {
    post,
    get,
    close() {
      for (const sent of onTheirWay) sent.destroy(new Error("closed"));
      agent.destroy();
    },
  };
}

/** Keeps connections for the next request to the same host; every new one is dialled by our rules. */
class CheckedAgent extends Agent {
  readonly #parts: DialParts;
  constructor(parts: DialParts, idleMs: number) {
    super({ keepAlive: true, timeout: idleMs });
    this.#parts = parts;
  }

  override createConnection(
    options: RequestOptions,
    done?: (error: Error | null, socket: Duplex) => void,
  ): Duplex | null | undefined {
    void this.#open(options, done ?? (() => {}));
    return undefined;
  }

  async #open(options: RequestOptions, done: (error: Error | null, socket: Duplex) => void): Promise<void> {
    const host = String(options.host);
    const target = targetOf(
      `https://${host.includes(":") ? `[${host}]` : host}:${options.port}/`,
      this.#parts.permitted,
      this.#parts.privateNetworks.rules.length > 0,
    );
    let socket: Duplex;
    try {
      if ("code" in target) throw new EgressRefused(target);
      socket = await dial(target, this.#parts);
    } catch (error) {
      return done(error as Error, undefined as unknown as Duplex);
    }
    done(null, socket);
  }
}

/** Sends the body and waits for the status. Redirects are answers like any other: nobody follows them. */
function answerOf(sent: ClientRequest, body: Buffer, clock: Clock, bounds: EgressBounds): Promise<PostAnswer> {
  return new Promise((resolve) => {
    let answer: PostAnswer | undefined;
    const finish = (last: PostAnswer) => {
      timer.cancel();
      resolve(answer ?? last);
    };
    const timer = clock.after(bounds.deadlineMs, () => {
      sent.destroy();
      finish({ kind: "failed", cause: "no answer in time" });
    });
    sent.on("error", (error) => finish(failureOf(error)));
    sent.on("close", () => finish({ kind: "failed", cause: "the connection ended without an answer" }));
    sent.on("response", (response) => {
      answer = { kind: "answered", status: response.statusCode!, retryAfterMs: retryAfterMs(response, clock.now()) };
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > bounds.answerBytes) sent.destroy();
      });
      response.on("error", () => {}); // cut off by us or by them; the status is known
    });
    sent.end(body);
  });
}

/** The whole of an answer, or that there is none. Redirects are answers like any other. */
function documentOf(sent: ClientRequest, clock: Clock, bounds: EgressBounds): Promise<GetAnswer> {
  return new Promise((resolve) => {
    const fail = (cause: string) => {
      sent.destroy();
      finish({ kind: "failed", cause });
    };
    const finish = (answer: GetAnswer) => {
      timer.cancel();
      resolve(answer);
    };
    const timer = clock.after(bounds.deadlineMs, () => fail("no answer in time"));
    sent.on("error", (error) => finish(failureOf(error)));
    sent.on("close", () => finish({ kind: "failed", cause: "the connection ended without an answer" }));
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      let octets = 0;
      response.on("data", (chunk: Buffer) => {
        octets += chunk.length;
        if (octets > bounds.answerBytes) fail("the answer is too long");
        else chunks.push(chunk);
      });
      response.on("error", (error) => finish(failureOf(error)));
      response.on("end", () => finish({ kind: "answered", status: response.statusCode!, body: Buffer.concat(chunks) }));
    });
    sent.end();
  });
}

type Failure = Exclude<PostAnswer, { kind: "answered" }>;

function failureOf(error: Error): Failure {
  if (error instanceof EgressRefused) return { kind: "refused", ...error.refusal };
  const { code } = error as NodeJS.ErrnoException;
  return { kind: "failed", cause: code ?? error.message.slice(0, 100) };
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfterMs(response: IncomingMessage, now: number): number | null {
  const text = response.headers["retry-after"];
  if (text === undefined) return null;
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) * SECOND_MS : Date.parse(text) - now;
  return waitMs > 0 ? waitMs : null;
}
