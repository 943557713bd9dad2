import type { CompatParts } from "../compat.ts";
import type { SesCall, SesOperation } from "./call.ts";
import { type SesError, errorOfRefusal, isSesError } from "./errors.ts";
import { readEmail } from "./read.ts";
import { sendEmailShape } from "./shape.ts";
import { readJson } from "./read-json.ts";
import type { Content } from "../../http/submit/read-message.ts";

export const sendEmail: SesOperation = {
  method: "POST",
  path: "outbound-emails",
  async handle(call, parts) {
    const given = readJson(sendEmailShape, call.json);
    if (isSesError(given)) return given;
    const content = await readEmail(given, call.who, parts);
    return isSesError(content) ? content : submit(content, call, parts, "");
  },
};

/** @param part names a message among those of one call. */
export async function submit(
  content: Content,
  { who, once }: SesCall,
  { port }: CompatParts,
  part: string,
): Promise<{ MessageId: string } | SesError> {
  const idempotency = once === null ? {} : { idempotency: { ...once, key: once.key + part } };
  const answer = await port.accept({ submitter: who, door: "http", ...content, ...idempotency });
  return answer.kind === "accepted" ? { MessageId: answer.spoolId } : errorOfRefusal(answer.refusal);
}
