import type { ClientClock } from "./clock.ts";
import { PosternError, errorOfProblem, retryAfterMsOf } from "./postern-error.ts";

export type Ask = {
  method: "GET" | "POST";
  /** Below /v1, with its query. */
  path: string;
  /** JSON text. */
  body?: string;
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
};
export type Transport = (ask: Ask) => Promise<unknown>;

export type TransportParts = {
  url: string;
  apiKey: string;
  fetch: typeof fetch;
  clock: ClientClock;
  timeoutMs: number;
};

/**
 * One request and its answer, without retries.
 * @returns the JSON of a 2xx answer. @throws PosternError for everything else, and the reason of an aborted signal.
 */
export function transport({ url, apiKey, fetch: ask, clock, timeoutMs }: TransportParts): Transport {
  const base = new URL(url.endsWith("/") ? url : `${url}/`);
  if (base.protocol !== "http:" && base.protocol !== "https:") throw new TypeError(`${url} is no http(s) address`);

  return async ({ method, path, body, idempotencyKey, signal }) => {
    signal?.throwIfAborted();
    const timeout = new AbortController();
    const timer = clock.after(timeoutMs, () => timeout.abort());
    try {
      const response = await ask(new URL(`v1${path}`, base), {
        method,
        redirect: "manual", // our credential goes to the address it was given for
        signal: signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal,
        headers: {
          authorization: `Bearer ${apiKey}`,
          accept: "application/json, application/problem+json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
        },
        ...(body === undefined ? {} : { body }),
      });
      return await read(response, clock.now());
    } catch (error) {
      if (error instanceof PosternError) throw error;
      if (signal?.aborted) throw signal.reason;
      const why = timeout.signal.aborted ? `did not answer within ${timeoutMs} ms` : "cannot be reached";
      throw new PosternError("unreachable", `${base.host} ${why}. Check that Postern runs there.`, { cause: error });
    } finally {
      timer.cancel();
    }
  };
}

async function read(response: Response, nowMs: number): Promise<unknown> {
  const text = await response.text();
  const body = /\bjson\b/.test(response.headers.get("content-type") ?? "") ? parsed(text) : undefined;
  if (response.ok && body !== undefined) return body;
  const retryAfter = response.headers.get("retry-after");
  const problem = response.ok ? null : errorOfProblem(body, response.status, retryAfter, nowMs);
  if (problem) throw problem;
  const retryAfterMs = retryAfterMsOf(retryAfter, nowMs);
  throw new PosternError(
    "unexpected-answer",
    `The answer (HTTP ${response.status}) is not Postern's. Check the address, and what stands between.`,
    { status: response.status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
