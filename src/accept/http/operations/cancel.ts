import { z } from "zod";
import { type SpoolId, isUuid } from "../../../kernel/index.ts";
import { notDone } from "./act-problems.ts";
import type { Operation, OperationParts } from "./operation.ts";
import { idParameter, messageNotFound } from "./read-messages.ts";

const cancelledSchema = z
  .strictObject({ id: z.string(), status: z.literal("cancelled") })
  .describe("It will not be sent to the recipients that had not got it yet.");

export function cancelOperation({ acts }: OperationParts): Operation {
  return {
    method: "POST",
    path: "/messages/{id}/cancel",
    open: false,
    takesMail: false,
    describe: {
      operationId: "cancelMessage",
      summary: "Do not send a message that waits",
      parameters: [idParameter],
      responses: { 200: { description: "Cancelled.", schema: cancelledSchema } },
      problems: [404, 409],
    },
    async handle({ submitter, params }) {
      const id = params["id"]!;
      if (!isUuid(id)) return messageNotFound();
      const answer = await acts.cancel(submitter.tenant, id as SpoolId, `api:${submitter.credential}`);
      if (answer !== "done") {
        return notDone(answer, {
          code: "message-not-cancellable",
          detail: "The message cannot be cancelled in its present state; GET it to see which.",
        });
      }
      return { status: 200, body: { id, status: "cancelled" } satisfies z.infer<typeof cancelledSchema> };
    },
  };
}
