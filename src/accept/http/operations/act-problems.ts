import type { ActAnswer } from "../../../spool/index.ts";
import { type Answer, problem, problemAnswer } from "../problem.ts";
import { messageNotFound } from "./read-messages.ts";

/** A hand-off takes seconds at most; then the message is either gone or waits again. */
const IN_FLIGHT_RETRY_S = 5;

/** Why nothing was done to a message; `notApplicable` says it where the state itself is in the way. */
export function notDone(answer: Exclude<ActAnswer, "done">, notApplicable: { code: string; detail: string }): Answer {
  switch (answer) {
    case "not-found":
      return messageNotFound();
    case "in-flight":
      return problemAnswer(
        problem(409, "message-in-flight", "The message is being handed off right now. Ask again in a few seconds.", {
          retryAfterS: IN_FLIGHT_RETRY_S,
        }),
      );
    case "ended":
      return problemAnswer(
        problem(
          409,
          "message-ended",
          "The message has come to its end already; GET it to see which. Nothing is left to be done.",
        ),
      );
    case "not-applicable":
      return problemAnswer(problem(409, notApplicable.code, notApplicable.detail));
  }
}
