import type { Asked } from "../account.ts";
import { diagnosticOf } from "../diagnostic.ts";
import type { HttpAnswer, HttpCall, HttpCaller } from "../http.ts";
import { recordOf, textOf } from "../json-reading.ts";

/** The version that the official client 1.4.1 speaks (npm, seen 2026-11-25). All calls are POST with the key in the body. */
export const OWN_BASE_URL = "https://mandrillapp.com";
const VERSION = "/api/1.3";

export const callTo = (method: string, body: string): HttpCall => ({
  method: "POST",
  path: `${VERSION}/${method}.json`,
  headers: { "content-type": "application/json" },
  body,
});

/**
 * The name of an error: `{ status: "error", code, name, message }`. The name alone is stable: API 1.0 gives HTTP 500 with
 * every one of them (mandrillapp.com/api/docs), 1.1 and later 401, 402, 404, 422 and 500 (OpenAPI document 1.1.0), and one
 * of them there with the prefix `MC_Exception_` (seen 2026-11-25).
 */
export const errorName = (json: unknown): string | null =>
  textOf(recordOf(json)["name"])
    ?.replace(/^MC_Exception_/, "")
    .slice(0, 100) ?? null;

/** Asks for what may only be read. @param method such as `users/info`. */
export type Ask = (method: string, parameters?: Record<string, unknown>) => Promise<Asked<unknown>>;

export const askerOf =
  (caller: HttpCaller, key: string): Ask =>
  async (method, parameters = {}) => {
    const answer = await caller.call(callTo(method, JSON.stringify({ key, ...parameters })));
    return isGood(answer)
      ? { kind: "answer", value: answer.json }
      : { kind: "unavailable", reason: `${method}: ${whyNot(answer)}` };
  };

const isGood = (answer: HttpAnswer): answer is Extract<HttpAnswer, { kind: "answer" }> =>
  answer.kind === "answer" && answer.status === 200 && answer.json !== undefined;

function whyNot(answer: HttpAnswer): string {
  if (answer.kind !== "answer") return answer.cause;
  return diagnosticOf(errorName(answer.json) ?? `HTTP ${answer.status}`);
}

/** Mandrill's times, UTC: `2013-01-01 15:30:27`, with a fraction in some. */
export const timeText = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace("T", " ");
