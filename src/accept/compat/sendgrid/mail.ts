import type { FastifyInstance } from "fastify";
import type { CompatParts } from "../compat.ts";
import { jsonOf } from "../scope.ts";
import { batchMadeAt, newBatchId } from "./batch-id.ts";
import { fault, isFault, refuse, sendgridScope } from "./dialect.ts";
import { sendMail } from "./send.ts";

export function mailRoutes(server: FastifyInstance, parts: CompatParts): void {
  sendgridScope(server, parts, "/v3/mail", (scope, whoOf) => {
    scope.post("/send", async (request, reply) => {
      const sent = await sendMail(jsonOf(request.body), whoOf(request), parts);
      if (isFault(sent)) return refuse(reply, sent);
      // In sandbox mode 200 says that all was valid and nothing is sent.
      if (sent.id === null) return reply.code(200).send("");
      return reply.code(202).header("x-message-id", sent.id).send("");
    });
    scope.post("/batch", (request, reply) =>
      reply.code(201).send({ batch_id: newBatchId(whoOf(request).tenant, parts.clock, parts.random) }),
    );
    scope.get("/batch/:id", (request, reply) => {
      const { id } = request.params as { id: string };
      if (batchMadeAt(whoOf(request).tenant, id) === null)
        return refuse(reply, fault(400, "invalid batch id", "batch_id"));
      return reply.send({ batch_id: id });
    });
  });
}
