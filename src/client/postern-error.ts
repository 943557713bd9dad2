/** Where in a request something is wrong. */
export type ErrorPlace = { pointer?: string; parameter?: string; header?: string; detail: string };

type Facts = {
  status?: number | null;
  retryAfterMs?: number;
  errors?: ErrorPlace[];
  reference?: string;
  cause?: unknown;
};

/**
 * Everything this client throws, but for the reason of an aborted signal.
 * `code` is stable: Postern's own (its docs list them), or one of the client's:
 * unreachable · unexpected-answer · outbox-full · outbox-write-failed · outbox-item-unreadable · client-closed.
 */
export class PosternError extends Error {
  readonly code: string;
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** What is wrong, and what to do. */
  readonly detail: string;
  /** When the same request may do better, where Postern said so. */
  readonly retryAfterMs: number | undefined;
  readonly errors: readonly ErrorPlace[];
  /** Names the line of Postern's log that has the cause (500 only). */
  readonly reference: string | undefined;

  constructor(code: string, detail: string, facts: Facts = {}) {
    super(`${code}: ${detail}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "PosternError";
    this.code = code;
    this.detail = detail;
    this.status = facts.status ?? null;
    this.retryAfterMs = facts.retryAfterMs;
    this.errors = facts.errors ?? [];
    this.reference = facts.reference;
  }

  /** It may pass by itself: no answer, or one that says "not now". The same request with the same key is safe. */
  get isTransient(): boolean {
    return this.code === "unreachable" || (this.status !== null && TRANSIENT.has(this.status));
  }

  /** It speaks of this very message: sending it again unchanged will end the same. */
  get isFinal(): boolean {
    return !this.isTransient && this.code !== "unexpected-answer" && this.status !== null && FINAL.has(this.status);
  }

  /** Not certain to be final, but another message may well fare better. */
  get mayBeThisMessage(): boolean {
    return this.status === 500 || (this.code === "unexpected-answer" && this.status !== null && FINAL.has(this.status));
  }
}

const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Not 401, 404 or 405: those speak of the credential or the address, and mending those mends every message. */
const FINAL = new Set([400, 403, 409, 413, 415, 422, 431]);

/** What a problem document (RFC 9457) says, as an error; null where it is none. `nowMs` reads a Retry-After that is a date. */
export function errorOfProblem(
  body: unknown,
  status: number,
  retryAfter: string | null,
  nowMs: number,
): PosternError | null {
  if (typeof body !== "object" || body === null) return null;
  const { code, detail, errors, reference, retryAfterS } = body as Record<string, unknown>;
  if (typeof code !== "string" || typeof detail !== "string") return null;
  const retryAfterMs = typeof retryAfterS === "number" ? retryAfterS * 1000 : retryAfterMsOf(retryAfter, nowMs);
  return new PosternError(code, detail, {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(Array.isArray(errors) ? { errors: errors as ErrorPlace[] } : {}),
    ...(typeof reference === "string" ? { reference } : {}),
  });
}

/** RFC 9110 §10.2.3: seconds or a date. */
export function retryAfterMsOf(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
