import { type Egress, type PostAnswer, answerText, isTaken } from "../notify/index.ts";
import type { TryResult } from "./alert.ts";
import type { Call } from "./dialects/index.ts";

/** Request Timeout, Too Early, Too Many Requests: "later", and no refusal. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

/** Of all four kinds: a 2xx is "taken". What else the answer says is not read; it may hold anything. */
export async function tellByHttp(egress: Pick<Egress, "post">, { url, headers, body }: Call): Promise<TryResult> {
  const answer = await egress.post(url, headers, body);
  if (isTaken(answer)) return { kind: "taken", answer: answerText(answer) };
  const retryAfterMs = answer.kind === "answered" ? answer.retryAfterMs : null;
  return { kind: "failed", error: answerText(answer), isRefusal: isRefusal(answer), retryAfterMs };
}

/** A redirect is one too: nobody follows it. */
const isRefusal = (answer: PostAnswer): boolean =>
  answer.kind === "answered"
    ? answer.status >= 300 && answer.status < 500 && !LATER.has(answer.status)
    : answer.kind === "refused" && answer.code !== "egress-unresolved";
