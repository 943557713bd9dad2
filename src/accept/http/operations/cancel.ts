import { z } from "zod";
import { type SpoolId, isUuid, unreachable } from "../../../kernel/index.ts";
import { problem, problemAnswer } from "../problem.ts";
import type { Operation, OperationParts } from "./operation.ts";
import { idParameter, messageNotFound } from "./read-messages.ts";

/** A hand-off takes seconds at most; then the message is either gone or waits again. */
const IN_FLIGHT_RETRY_S = 5;

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
      switch (answer) {
        case "done":
          return { status: 200, body: { id, status: "cancelled" } satisfies z.infer<typeof cancelledSchema> };
        case "not-found":
          return messageNotFound();
        case "in-flight":
          return problemAnswer(
            problem(
              409,
              "message-in-flight",
              "The message is being handed off right now. Ask again in a few seconds.",
              {
                retryAfterS: IN_FLIGHT_RETRY_S,
              },
            ),
          );
        case "ended":
          return problemAnswer(
            problem(
              409,
              "message-ended",
              "The message has come to its end already; GET it to see which. Nothing is left to cancel.",
            ),
          );
        case "not-applicable":
          return problemAnswer(
            problem(
              409,
              "message-not-cancellable",
              "The message cannot be cancelled in its present state; GET it to see which.",
            ),
          );
        default:
          return unreachable(answer);
      }
    },
  };
}
