import type { Content } from "../../http/submit/read-message.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { type Fault, fault } from "./dialect.ts";

export type Taken = { id: string; message: string };
export const taken = (id: string): Taken => ({ id, message: "Queued. Thank you." });

export async function submit(
  content: Content,
  messageId: string,
  submitter: Submitter,
  { port }: CompatParts,
): Promise<Taken | Fault> {
  const answer = await port.accept({ submitter, door: "http", ...content });
  if (answer.kind === "accepted") return taken(messageId);
  const { http, publicMessage, retryAfterS } = answer.refusal;
  return {
    ...fault(http.status === 422 ? 400 : http.status, publicMessage),
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  };
}
