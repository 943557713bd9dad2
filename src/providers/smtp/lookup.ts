import { type AttemptId, type Clock, SECOND_MS } from "../../kernel/index.ts";
import type { LookupAnswer } from "../provider.ts";

const TIMEOUT_MS = 5 * SECOND_MS;
/** The answer is some 20 octets; a page of HTML is a wrong address. */
const ANSWER_OCTETS = 64 * 1024;

/** Asks a provider's activity log whether it took an attempt: GET `url`?attempt=…, answered by `{ "taken": true | false }`. */
export async function askActivity(url: string, attemptId: AttemptId, clock: Clock): Promise<LookupAnswer> {
  const asked = new URL(url);
  asked.searchParams.set("attempt", attemptId);
  const abort = new AbortController();
  const timer = clock.after(TIMEOUT_MS, () => abort.abort());
  try {
    // A redirect could lead anywhere, inside included: not followed.
    const response = await fetch(asked, {
      redirect: "manual",
      signal: abort.signal,
      headers: { accept: "application/json" },
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      return "unavailable";
    }
    return readAnswer(await boundedText(response));
  } catch {
    return "unavailable"; // refused, too slow, too long, no JSON: all the same to the one who asks
  } finally {
    timer.cancel();
  }
}

function readAnswer(text: string): LookupAnswer {
  const body: unknown = JSON.parse(text);
  if (typeof body !== "object" || body === null || !("taken" in body)) return "unavailable";
  if (body.taken === true) return "taken";
  return body.taken === false ? "unknown" : "unavailable";
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of response.body ?? []) {
    octets += chunk.length;
    if (octets > ANSWER_OCTETS) throw new Error(`an answer of more than ${ANSWER_OCTETS} octets`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
