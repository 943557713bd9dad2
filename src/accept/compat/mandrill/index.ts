import type { FastifyInstance, FastifyReply } from "fastify";
import type { z } from "zod";
import type { CompatParts } from "../compat.ts";
import { compatScope, jsonOf } from "../scope.ts";
import {
  type MandrillError,
  invalidKey,
  isError,
  mandrillError,
  statusOf,
  unavailable,
  validationError,
} from "./errors.ts";
import { MANDRILL_METHODS, notHere } from "./methods.ts";

/** The API's versions that clients speak: the same methods, and statuses that differ. */
const VERSIONS = ["1.0", "1.3"];

/**
 * Speaks as Mailchimp Transactional (Mandrill) does, so that an application changes its base URL and nothing else.
 * The key in the body is the apiKey of a Postern credential. A body is read before its key is seen, as the dialect has
 * it; what may be held at once is bounded, and intake is asked first.
 */
export function registerMandrill(server: FastifyInstance, parts: CompatParts): void {
  for (const version of VERSIONS) {
    const fail = (reply: FastifyReply, error: MandrillError): void => void answer(reply, error, version);
    const dialect = {
      name: "mandrill",
      prefix: `/api/${version}`,
      closed(reply: FastifyReply, { publicMessage, retryAfterS }: { publicMessage: string; retryAfterS?: number }) {
        if (retryAfterS !== undefined) reply.header("retry-after", String(retryAfterS));
        fail(reply, unavailable(publicMessage));
      },
      failed: (reply: FastifyReply) =>
        fail(reply, mandrillError("GeneralError", "The request failed here; the server's log names the cause.")),
    };
    compatScope(server, parts, dialect, (scope) => {
      scope.post("/*", async (request, reply) => {
        const path = (request.params as { "*": string })["*"].replace(/\.json$/, "");
        const text = String(request.body ?? "");
        return answer(reply, holdsNul(text) ? NUL : await handle(path, jsonOf(text), parts), version);
      });
    });
  }
}

/** No message, name or address may hold one, and the database takes none. */
const NUL = validationError("The body holds a NUL character (\\u0000). Leave it out.");
const holdsNul = (json: string): boolean => json.includes("\\u0000") && /(?<!\\)(?:\\\\)*\\u0000/.test(json);

async function handle(path: string, body: unknown, parts: CompatParts): Promise<unknown> {
  if (body === undefined) return validationError("The body is no JSON.");
  const key = (body as { key?: unknown } | null)?.key;
  if (typeof key !== "string") return validationError("You must specify a key value");
  const who = parts.port.authenticateApiKey(key);
  if (!who) return invalidKey();
  const found = MANDRILL_METHODS.get(path);
  if (!found) return notHere(path);
  const read = found.shape.safeParse(body);
  return read.success ? found.run(read.data, who, parts) : shapeError(read.error);
}

function shapeError({ issues }: z.ZodError): MandrillError {
  const { path, message } = issues[0]!;
  return validationError(`Validation error: ${JSON.stringify({ [path.map(String).join(".")]: message })}`);
}

const answer = (reply: FastifyReply, value: unknown, version: string): FastifyReply =>
  reply
    .code(isError(value) ? statusOf(value, version) : 200)
    .type("application/json; charset=utf-8")
    .send(JSON.stringify(value));
