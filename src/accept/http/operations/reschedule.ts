import { z } from "zod";
import { type SpoolId, isUuid } from "../../../kernel/index.ts";
import { SCHEDULE, tooFar } from "../../schedule.ts";
import { IN_WORDS } from "../in-words.ts";
import { NOT_AN_INSTANT, readInstant } from "../instant.ts";
import { invalid, problemAnswer, refusalProblem } from "../problem.ts";
import { shapeFaults } from "../submit/faults.ts";
import { notDone } from "./act-problems.ts";
import type { Operation, OperationParts } from "./operation.ts";
import { idParameter, messageNotFound } from "./read-messages.ts";

const requestSchema = z
  .strictObject({ sendAt: z.string().describe("RFC 3339. In the past: it is sent now.") })
  .describe("When it is to be sent instead.");
const rescheduledSchema = z.strictObject({ id: z.string(), status: z.literal("rescheduled") });

/** Another instant for a message that waits for its sendAt; its time to live moves along. */
export function rescheduleOperation({ acts, limits }: OperationParts): Operation {
  return {
    method: "POST",
    path: "/messages/{id}/reschedule",
    open: false,
    takesMail: false,
    describe: {
      operationId: "rescheduleMessage",
      summary: "Send a scheduled message at another time, or now",
      parameters: [idParameter],
      request: { "application/json": requestSchema },
      responses: { 200: { description: "It waits for the new instant.", schema: rescheduledSchema } },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle({ submitter, params, body }) {
      const id = params["id"]!;
      if (!isUuid(id)) return messageNotFound();
      const read = requestSchema.safeParse(body, IN_WORDS);
      if (!read.success) return problemAnswer(invalid(shapeFaults(read.error)));
      const sendAt = readInstant(read.data.sendAt);
      if (sendAt === null) return problemAnswer(invalid([{ pointer: "/sendAt", detail: NOT_AN_INSTANT }]));
      const answer = await acts.reschedule(submitter.tenant, id as SpoolId, sendAt, `api:${submitter.credential}`);
      if (answer === "too-far") return problemAnswer(refusalProblem(tooFar(limits)));
      if (answer === "beyond-secret") return problemAnswer(refusalProblem(SCHEDULE.beyondSecret));
      if (answer !== "done") {
        return notDone(answer, {
          code: "message-not-scheduled",
          detail: "The message does not wait for an instant of its own, so there is none to change; GET it to see.",
        });
      }
      return { status: 200, body: { id, status: "rescheduled" } satisfies z.infer<typeof rescheduledSchema> };
    },
  };
}
