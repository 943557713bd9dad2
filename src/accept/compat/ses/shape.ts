import { z } from "zod";

/**
 * What clients of Amazon SES send (its service model, API version 2019-09-27, as in @aws-sdk/client-sesv2; seen 2026-11-25).
 * Members nobody here acts on are taken; those that would change what is sent are refused by name in read.ts.
 */
const text = z.looseObject({ Data: z.string(), Charset: z.string().nullish() });
const addresses = z.array(z.string()).max(1_000).nullish();
const headers = z
  .array(z.looseObject({ Name: z.string(), Value: z.string() }))
  .max(50)
  .nullish();
const tags = z
  .array(z.looseObject({ Name: z.string(), Value: z.string() }))
  .max(50)
  .nullish();
const attachments = z
  .array(
    z.looseObject({
      RawContent: z.string(),
      FileName: z.string(),
      ContentType: z.string().nullish(),
      ContentDisposition: z.enum(["ATTACHMENT", "INLINE"]).nullish(),
      ContentId: z.string().nullish(),
      ContentDescription: z.string().nullish(),
    }),
  )
  .nullish();
const destination = z.looseObject({ ToAddresses: addresses, CcAddresses: addresses, BccAddresses: addresses });

/** What SendEmail and SendBulkEmail say alike. */
const common = {
  FromEmailAddress: z.string().nullish(),
  ReplyToAddresses: addresses,
  FeedbackForwardingEmailAddress: z.string().nullish(),
  ConfigurationSetName: z.string().nullish(),
  EndpointId: z.string().nullish(),
  TenantName: z.string().nullish(),
  ConfigurationOverrides: z.unknown().optional(),
  ListManagementOptions: z.unknown().optional(),
};

export const sendEmailShape = z.looseObject({
  ...common,
  Destination: destination.nullish(),
  EmailTags: tags,
  Content: z.looseObject({
    Raw: z.looseObject({ Data: z.string() }).nullish(),
    Simple: z
      .looseObject({
        Subject: text,
        Body: z.looseObject({ Text: text.nullish(), Html: text.nullish() }),
        Headers: headers,
        Attachments: attachments,
      })
      .nullish(),
    Template: z.unknown().optional(),
  }),
});
export type SendEmail = z.infer<typeof sendEmailShape>;
export type Simple = NonNullable<SendEmail["Content"]["Simple"]>;

export const suppressionShape = z.looseObject({
  EmailAddress: z.string(),
  Reason: z.enum(["BOUNCE", "COMPLAINT"]),
  TenantName: z.string().nullish(),
});
export const pageShape = z.looseObject({
  NextToken: z.string().nullish(),
  PageSize: z.number().int().min(1).max(1_000).nullish(),
});
