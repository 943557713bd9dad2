import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { compatScope, jsonOf } from "../scope.ts";
import {
  ERROR_STATUS,
  type MandrillError,
  invalidKey,
  mandrillError,
  notSupported,
  validationError,
} from "./errors.ts";
import { info, search, send, sendRaw } from "./messages.ts";
import { addReject, deleteReject, listRejects } from "./rejects.ts";
import { emailShape, idShape, listShape, searchShape, sendRawShape, sendShape } from "./shape.ts";

type Call = { body: unknown; who: Submitter; parts: CompatParts };
type Method = { shape: z.ZodType; run(call: Call): Promise<unknown> };

const method = <Shape extends z.ZodType>(
  shape: Shape,
  run: (given: z.infer<Shape>, who: Submitter, parts: CompatParts) => Promise<unknown> | unknown,
): Method => ({ shape, run: async ({ body, who, parts }) => run(body as z.infer<Shape>, who, parts) });

/** Every method there is here, by its path; any other one is answered as not supported, never as done. */
export const MANDRILL_METHODS: ReadonlyMap<string, Method> = new Map([
  ["messages/send", method(sendShape, send)],
  ["messages/send-raw", method(sendRawShape, sendRaw)],
  ["messages/info", method(idShape, info)],
  ["messages/search", method(searchShape, search)],
  ["rejects/add", method(emailShape, addReject)],
  ["rejects/delete", method(emailShape, deleteReject)],
  ["rejects/list", method(listShape, listRejects)],
  ["users/ping", method(z.looseObject({}), () => "PONG!")],
  ["users/ping2", method(z.looseObject({}), () => ({ PING: "PONG!" }))],
  ["users/info", method(z.looseObject({}), (_given, who) => userInfo(who))],
]);

const userInfo = (who: Submitter) => ({
  username: who.tenant,
  public_id: who.credential,
  reputation: 100,
  hourly_quota: 1_000_000,
  backlog: 0,
  stats: {},
});

/** `/api/1.0` and its later number: the same methods there. */
const PREFIXES = ["/api/1.0", "/api/1.3"];
/**
 * Speaks as Mailchimp Transactional (Mandrill) does, so that an application changes its base URL and nothing else.
 * The key in the body is the apiKey of a Postern credential. A body is read before its key is seen, as the dialect has
 * it; what may be held at once is bounded, and intake is asked first.
 */
export function registerMandrill(server: FastifyInstance, parts: CompatParts): void {
  for (const prefix of PREFIXES) {
    const dialect = {
      name: "mandrill",
      prefix,
      closed: (reply: FastifyReply, { publicMessage }: { publicMessage: string }) =>
        fail(reply, mandrillError("ServiceUnavailable", -50, publicMessage)),
      failed: (reply: FastifyReply) =>
        fail(reply, mandrillError("GeneralError", -99, "The request failed here; the server's log names the cause.")),
    };
    compatScope(server, parts, dialect, (scope) => {
      scope.post("/*", async (request, reply) => {
        const path = (request.params as { "*": string })["*"].replace(/\.json$/, "");
        return answer(reply, await handle(path, jsonOf(request.body), parts));
      });
    });
  }
}

async function handle(path: string, body: unknown, parts: CompatParts): Promise<unknown> {
  if (body === undefined) return validationError("The body is no JSON.");
  const key = (body as { key?: unknown } | null)?.key;
  if (typeof key !== "string") return validationError("You must specify a key value");
  const who = parts.port.authenticateApiKey(key);
  if (!who) return invalidKey();
  const found = MANDRILL_METHODS.get(path);
  if (!found) return notSupported(`The method ${path.slice(0, 80).replace(/[^\x20-\x7e]/g, "?")}`);
  const read = found.shape.safeParse(body);
  if (!read.success) {
    const issue = read.error.issues[0]!;
    return validationError(
      `Validation error: ${JSON.stringify({ [issue.path.map(String).join(".")]: issue.message })}`,
    );
  }
  return found.run({ body: read.data, who, parts });
}

const isError = (value: unknown): value is MandrillError =>
  typeof value === "object" && value !== null && (value as { status?: unknown }).status === "error";

function answer(reply: FastifyReply, value: unknown): FastifyReply {
  return reply
    .code(isError(value) ? ERROR_STATUS : 200)
    .type("application/json; charset=utf-8")
    .send(JSON.stringify(value));
}

const fail = (reply: FastifyReply, error: MandrillError): void => void answer(reply, error);
