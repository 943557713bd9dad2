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

const templateContent = z.looseObject({
  Subject: z.string().nullish(),
  Text: z.string().nullish(),
  Html: z.string().nullish(),
});
export type TemplateContent = z.infer<typeof templateContent>;
const template = z.looseObject({
  TemplateName: z.string().max(256).nullish(),
  TemplateArn: z.string().nullish(),
  TemplateContent: templateContent.nullish(),
  TemplateData: z.string().nullish(),
  Headers: headers,
  Attachments: attachments,
});
export type TemplateGiven = z.infer<typeof template>;

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
    Template: template.nullish(),
  }),
});
export type SendEmail = z.infer<typeof sendEmailShape>;
export type Simple = NonNullable<SendEmail["Content"]["Simple"]>;

export const sendBulkShape = z.looseObject({
  ...common,
  DefaultEmailTags: tags,
  DefaultContent: z.looseObject({ Template: template }),
  BulkEmailEntries: z
    .array(
      z.looseObject({
        Destination: destination,
        ReplacementTags: tags,
        ReplacementHeaders: headers,
        ReplacementEmailContent: z
          .looseObject({
            ReplacementTemplate: z.looseObject({ ReplacementTemplateData: z.string().nullish() }).nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
});
export type SendBulk = z.infer<typeof sendBulkShape>;
export type BulkEntry = SendBulk["BulkEmailEntries"][number];

export const createTemplateShape = z.looseObject({
  TemplateName: z.string(),
  TemplateContent: templateContent,
  Tags: z.array(z.looseObject({ Key: z.string(), Value: z.string() })).nullish(),
});
export const updateTemplateShape = z.looseObject({ TemplateContent: templateContent });
export const renderShape = z.looseObject({ TemplateData: z.string() });

export const suppressionShape = z.looseObject({
  EmailAddress: z.string(),
  Reason: z.enum(["BOUNCE", "COMPLAINT"]),
  TenantName: z.string().nullish(),
});
export const pageShape = z.looseObject({
  NextToken: z.string().nullish(),
  PageSize: z.number().int().min(1).max(1_000).nullish(),
});
