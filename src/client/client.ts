import { randomUUID } from "node:crypto";
import path from "node:path";
import { type ClientClock, systemClock, systemFraction } from "./clock.ts";
import type { ListFilter, Message, MessageStory, MessageSummary } from "./messages.ts";
import { type OutboxListener, guarded } from "./outbox/events.ts";
import { OutboxFolder } from "./outbox/folder.ts";
import { type FlushResult, Outbox } from "./outbox/outbox.ts";
import { PosternError, errorOfProblem } from "./postern-error.ts";
import { withRetries } from "./retry.ts";
import { type Transport, transport } from "./transport.ts";
import { type WireResult, notPostern, readAccepted, readPage, readResults, wireText } from "./wire.ts";

export type OutboxOptions = {
  /** A folder of its own, on a disk that outlives the process. Several processes may share it. */
  folder: string;
  /** 10,000 unless given. */
  maxMessages?: number;
  /** Of all that wait; 64 MiB unless given. */
  maxBytes?: number;
  onEvent?: OutboxListener;
};

export type ClientOptions = {
  /** Where Postern is, `http://127.0.0.1:8025`. */
  url: string;
  apiKey: string;
  /** Where messages wait while Postern cannot take them. Without it, `send` throws then. */
  outbox?: OutboxOptions;
  fetch?: typeof fetch;
  clock?: ClientClock;
  /** A number in [0, 1), for the spread of waits. */
  random?: () => number;
  /** For one request and its answer; 15 s unless given. */
  timeoutMs?: number;
  /** Tries of one call, the first included; 4 unless given. With an outbox a message is tried once and then stored. */
  tries?: number;
};

export type SendOptions = {
  /** A random one unless given. The same key with the same message is sent once, within 72 h. */
  idempotencyKey?: string;
  signal?: AbortSignal;
};

/** accepted: Postern is responsible for it · stored: it is on this machine's disk and goes to Postern as soon as it can. */
export type SendResult = { status: "accepted"; id: string; replayed: boolean } | { status: "stored"; outboxId: string };
export type BatchResult = SendResult | { status: "refused"; error: PosternError };

export type PosternClient = {
  send(message: Message, options?: SendOptions): Promise<SendResult>;
  /** At most 100. One result per message, in order; each is taken or refused by itself. */
  sendBatch(messages: readonly Message[], options?: SendOptions): Promise<BatchResult[]>;
  /** Null where there is no such message. */
  get(id: string, options?: { signal?: AbortSignal }): Promise<MessageStory | null>;
  /** Newest first, over all pages. */
  list(filter?: ListFilter, options?: { signal?: AbortSignal }): AsyncIterableIterator<MessageSummary>;
  /** @throws PosternError message-not-found, message-ended, message-in-flight, … */
  cancel(id: string, options?: { signal?: AbortSignal }): Promise<void>;
  /** Tries at once to hand over all that waits in the outbox. */
  flush(): Promise<FlushResult>;
  /** Ends the background work. What waits stays on disk; a client on the same folder goes on with it. */
  close(): Promise<void>;
};

const TIMEOUT_MS = 15_000;
const TRIES = 4;
const RETRY = { firstMs: 200, maxMs: 10_000 };
const OUTBOX = { maxMessages: 10_000, maxBytes: 64 * 1024 * 1024 };

/**
 * Sends mail through Postern and asks what became of it.
 * Every send has an Idempotency-Key, so that trying again, now, later or after a crash, never sends twice.
 */
export function createClient(options: ClientOptions): PosternClient {
  const clock = options.clock ?? systemClock;
  const fraction = options.random ?? systemFraction;
  const ask = transport({
    url: options.url,
    apiKey: options.apiKey,
    fetch: options.fetch ?? fetch,
    clock,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
  });
  const outbox = options.outbox && openOutbox(options.outbox, ask, clock, fraction);
  const plan = { ...RETRY, tries: options.tries ?? TRIES, clock, fraction };
  let closed = false;

  const retried = <Value>(work: () => Promise<Value>, signal: AbortSignal | undefined, mayRetry = isTransient) =>
    withRetries(work, mayRetry, plan, signal);
  const mustBeOpen = () => {
    if (closed) throw new PosternError("client-closed", "This client was closed. Make a new one.");
  };

  /** Straight to Postern where it can be reached, to disk where not. `key` names it in both. */
  async function delivered<Value>(
    work: () => Promise<Value>,
    stored: (cause: PosternError | null) => Promise<Value>,
    signal: AbortSignal | undefined,
  ): Promise<Value> {
    if (!outbox) return retried(work, signal);
    if (await outbox.hasBacklog()) return stored(null);
    try {
      return await work();
    } catch (error) {
      if (error instanceof PosternError && error.isTransient) return stored(error);
      throw error;
    }
  }

  async function store(
    message: string,
    idempotencyKey: string,
    createdAt: number,
    cause: PosternError | null,
  ): Promise<SendResult> {
    return { status: "stored", outboxId: await outbox!.store({ idempotencyKey, createdAt, message }, cause) };
  }

  return {
    async send(message, { idempotencyKey = randomUUID(), signal } = {}) {
      mustBeOpen();
      const body = wireText(message);
      const createdAt = clock.now();
      return delivered<SendResult>(
        async () => ({
          status: "accepted",
          ...readAccepted(await ask({ method: "POST", path: "/messages", body, idempotencyKey, signal })),
        }),
        (cause) => store(body, idempotencyKey, createdAt, cause),
        signal,
      );
    },

    async sendBatch(messages, { idempotencyKey = randomUUID(), signal } = {}) {
      mustBeOpen();
      if (messages.length === 0) return [];
      const texts = messages.map(wireText);
      const createdAt = clock.now();
      const body = `{"messages":[${texts.join(",")}]}`;
      // Message n of a batch has the key `<key>/<n>`, also when it is sent alone later.
      const storeOne = (n: number, cause: PosternError | null) =>
        store(texts[n]!, `${idempotencyKey}/${n}`, createdAt, cause);
      return delivered<BatchResult[]>(
        async () => {
          const answer = await ask({ method: "POST", path: "/messages/batch", body, idempotencyKey, signal });
          const results: BatchResult[] = [];
          for (const [n, result] of readResults(answer, texts.length).entries()) {
            const one = batchResult(result);
            const waits = outbox && one.status === "refused" && one.error.isTransient;
            results.push(waits ? await storeOne(n, one.error) : one);
          }
          return results;
        },
        async (cause) => {
          const results: BatchResult[] = [];
          for (const n of texts.keys()) {
            results.push(await storeOne(n, cause).catch((error: unknown) => refusedBy(error)));
          }
          return results;
        },
        signal,
      );
    },

    async get(id, { signal } = {}) {
      mustBeOpen();
      try {
        return (await retried(
          () => ask({ method: "GET", path: `/messages/${encodeURIComponent(id)}`, signal }),
          signal,
        )) as MessageStory;
      } catch (error) {
        if (error instanceof PosternError && error.code === "message-not-found") return null;
        throw error;
      }
    },

    async *list(filter = {}, { signal } = {}) {
      mustBeOpen();
      let cursor: string | null = null;
      do {
        const query = listQuery(filter, cursor);
        const page = readPage(await retried(() => ask({ method: "GET", path: `/messages${query}`, signal }), signal));
        yield* page.messages;
        cursor = page.nextCursor;
      } while (cursor !== null);
    },

    async cancel(id, { signal } = {}) {
      mustBeOpen();
      // After a request without an answer the message may be cancelled already, and a second one would be told "ended".
      await retried(
        () => ask({ method: "POST", path: `/messages/${encodeURIComponent(id)}/cancel`, signal }),
        signal,
        (error) => error.status === 429 || error.status === 503,
      );
    },

    async flush() {
      mustBeOpen();
      return outbox ? outbox.flush() : { delivered: 0, refused: 0, expired: 0, remaining: 0 };
    },

    async close() {
      closed = true;
      await outbox?.close();
    },
  };
}

function openOutbox(options: OutboxOptions, ask: Transport, clock: ClientClock, fraction: () => number): Outbox {
  const { maxMessages = OUTBOX.maxMessages, maxBytes = OUTBOX.maxBytes } = options;
  return new Outbox(
    {
      folder: new OutboxFolder(path.resolve(options.folder), { maxMessages, maxBytes }),
      clock,
      tell: guarded(options.onEvent),
      deliver: async ({ message, idempotencyKey }) =>
        readAccepted(await ask({ method: "POST", path: "/messages", body: message, idempotencyKey })),
    },
    fraction,
  );
}

const isTransient = (error: PosternError): boolean => error.isTransient;

function batchResult(result: WireResult): BatchResult {
  if (result.status === "accepted") return result;
  const status = Number((result.problem as { status?: unknown } | null)?.status);
  return { status: "refused", error: errorOfProblem(result.problem, status, null, 0) ?? notPostern() };
}

function refusedBy(error: unknown): BatchResult {
  if (error instanceof PosternError) return { status: "refused", error };
  throw error;
}

function listQuery({ pageSize, ...filter }: ListFilter, cursor: string | null): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined) query.set(name, value instanceof Date ? value.toISOString() : value);
  }
  if (pageSize !== undefined) query.set("limit", String(pageSize));
  if (cursor !== null) query.set("cursor", cursor);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
