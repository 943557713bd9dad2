import { z } from "zod";
import { Problem, causeText } from "../../kernel/index.ts";
import { OUTCOMES } from "../../mail/index.ts";
import { MESSAGE_STATES } from "../../spool/index.ts";
import type { PostOffice } from "./post-office.ts";

const acceptedShape = z.object({ id: z.string(), replayed: z.boolean() });
const problemShape = z.object({
  code: z.string(),
  detail: z.string(),
  errors: z
    .array(z.object({ pointer: z.string().optional(), header: z.string().optional(), detail: z.string() }))
    .optional(),
});
const instant = z.string().transform((text) => Date.parse(text));

/** What following a message needs of its story; a later server may say more. */
const storyShape = z.object({
  id: z.string(),
  state: z.enum(MESSAGE_STATES),
  heldReason: z.string().nullable(),
  dueAt: instant.nullable(),
  recipients: z.array(z.object({ address: z.string(), state: z.string(), reason: z.string().nullable() })),
  attempts: z.array(
    z
      .object({
        n: z.int(),
        provider: z.string(),
        routeReason: z.string(),
        recipients: z.array(z.int()),
        startedAt: instant,
        settledAt: instant.nullable(),
        outcome: z.enum(OUTCOMES).nullable(),
        scope: z.enum(["recipient", "message", "account"]).nullable(),
        cause: z.string().nullable(),
        replyCode: z.int().nullable(),
        enhancedStatus: z.string().nullable(),
        providerMessageId: z.string().nullable(),
        diagnostic: z.string().nullable(),
      })
      .transform(({ startedAt, ...attempt }) => ({ ...attempt, intentAt: startedAt })),
  ),
});
export type FollowedStory = z.infer<typeof storyShape>;

export type Api = {
  /** @param message the body of POST /v1/messages. */
  send(message: object, idempotencyKey: string): Promise<z.infer<typeof acceptedShape>>;
  /** As parsed, and as the server wrote it. */
  story(id: string): Promise<{ story: FollowedStory; json: unknown }>;
};

const TIMEOUT_MS = 30_000;

/** @throws Problem `server-unreachable`, `send-no-credential`, or the server's own code for a refusal. */
export function apiOf({ url, apiKey }: Pick<PostOffice, "url" | "apiKey">): Api {
  if (apiKey === null)
    throw new Problem(
      "send-no-credential",
      "The HTTP door needs an API key and this credential has none: choose another with --credential, set POSTERN_API_KEY, or use --smtp.",
    );
  const authorization = `Bearer ${apiKey.reveal()}`;

  async function ask(path: string, init: RequestInit): Promise<unknown> {
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(url + path, {
        ...init,
        headers: { ...init.headers, authorization, accept: "application/json" },
        redirect: "error", // the key is for this server and no other
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await answer.text();
    } catch (error) {
      throw new Problem(
        "server-unreachable",
        `Nothing answers at ${url}. Start Postern (npm start), or name the right server with --server.`,
        reason(error),
      );
    }
    const body = parsed(text);
    if (answer.ok && body !== undefined) return body;
    throw refusal(answer.status, body, url);
  }

  const read = <Shape extends z.ZodType>(shape: Shape, body: unknown): z.infer<Shape> => {
    const found = shape.safeParse(body);
    if (!found.success) throw notPostern(url, "an answer of another form");
    return found.data;
  };

  return {
    send: async (message, idempotencyKey) =>
      read(
        acceptedShape,
        await ask("/v1/messages", {
          method: "POST",
          headers: { "content-type": "application/json", "idempotency-key": idempotencyKey },
          body: JSON.stringify(message),
        }),
      ),
    story: async (id) => {
      const json = await ask(`/v1/messages/${encodeURIComponent(id)}`, { method: "GET" });
      return { story: read(storyShape, json), json };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(status: number, body: unknown, url: string): Problem {
  const problem = problemShape.safeParse(body);
  if (!problem.success) return notPostern(url, `HTTP ${status}`);
  const { code, detail, errors = [] } = problem.data;
  const further = errors.slice(1).map((one) => ` ${one.pointer ?? one.header ?? ""}: ${one.detail}`);
  return new Problem(code, detail + further.join(""));
}

const notPostern = (url: string, why: string): Problem =>
  new Problem("server-unknown", `What answers at ${url} is no Postern (${why}). Check --server.`);

/** fetch hides the reason in its cause. */
const reason = (error: unknown): Error =>
  new Error(error instanceof Error && error.cause !== undefined ? causeText(error.cause) : causeText(error));
