import { z } from "zod";
import { type Clock, type Random, uuidText, uuidV7 } from "../../../kernel/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { instant } from "./dialect.ts";
import { type PostmarkEmail, type TemplatedEmail, emailShape } from "./read.ts";

const model = z.record(z.string(), z.unknown()).nullish();
/** postmarkapp.com/developer/api/bulk-email (seen 2026-11-25): content once, and who gets it. */
export const bulkShape = emailShape.omit({ To: true, Cc: true, Bcc: true }).extend({
  TemplateId: z.number().int().nullish(),
  TemplateAlias: z.string().nullish(),
  Messages: z
    .array(
      z.looseObject({
        To: z.string(),
        Cc: z.string().nullish(),
        Bcc: z.string().nullish(),
        TemplateModel: model,
        Headers: emailShape.shape.Headers,
        Metadata: emailShape.shape.Metadata,
      }),
    )
    .min(1)
    .max(500),
});

/** One email for each message of the request; those with a template have still to be made of it. */
export function emailsOfBulk(bulk: z.infer<typeof bulkShape>): (PostmarkEmail | TemplatedEmail)[] {
  const { Messages, TemplateId, TemplateAlias, ...shared } = bulk;
  const template = TemplateId ?? TemplateAlias;
  return Messages.map(({ To, Cc, Bcc, TemplateModel, Headers, Metadata }) => {
    const email = {
      ...shared,
      To,
      Cc,
      Bcc,
      Headers: [...(shared.Headers ?? []), ...(Headers ?? [])],
      Metadata: { ...shared.Metadata, ...Metadata },
    };
    const isTemplated = (template !== undefined && template !== null) || TemplateModel !== undefined;
    return isTemplated ? { ...email, TemplateId, TemplateAlias, TemplateModel: TemplateModel ?? {} } : email;
  });
}

/** The label by which messages of one bulk request find together again. */
const LABEL = "postmark-bulk";
export function newBulk(clock: Clock, random: Random): { id: string; tags: Record<string, string> } {
  const id = uuidText(uuidV7(clock, random));
  return { id, tags: { [LABEL]: id } };
}

/** How far it is: of all its messages, those that have ended. Null: no such request. */
export async function bulkStatus(id: string, who: Submitter, { stories }: CompatParts): Promise<object | null> {
  const filter = { tenant: who.tenant, tag: { name: LABEL, value: id } };
  const total = await stories.count(filter, 500);
  if (total === 0) return null;
  const ended = await stories.count({ ...filter, state: "ended" }, 500);
  const { messages } = await stories.list(filter, 1, null);
  return {
    Id: id,
    SubmittedAt: instant(messages[0]!.acceptedAt),
    TotalMessages: total,
    PercentageCompleted: ended / total,
    Status: ended === total ? "Completed" : "Processing",
    Subject: "",
  };
}
