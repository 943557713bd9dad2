import { addressesOf, type Header, headerValue, readHeader, rewriteHeader } from "../../mail/index.ts";
import type { NewMessage } from "./account.ts";
import { composed } from "./composed.ts";
import type { Desk, Dialect, TwinReply, TwinRequest } from "./dialect.ts";
import { authorised, SES_ACCESS_KEY_ID, SES_READ_KEY_ID, sesError } from "./ses-auth.ts";
import { configurationReply, identities, SES_CONFIGURATION_SET } from "./ses-configuration.ts";
import { sesNotice } from "./ses-notice.ts";

export { SES_ACCESS_KEY_ID, SES_READ_KEY_ID } from "./ses-auth.ts";
export { SES_CONFIGURATION_SET } from "./ses-configuration.ts";
export { sesCertificate } from "./ses-notice.ts";

const SEND_PATH = "/v2/email/outbound-emails";
const NOT_VERIFIED =
  "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: ";

/** Answers of SendEmail by name (API reference v2, "SendEmail" and "Common Errors"; SES developer guide, "Amazon SES email sending errors"; seen 2026-11-25). */
const ANSWERS: Readonly<Record<string, TwinReply>> = {
  "account-suspended": sesError(
    400,
    "AccountSuspendedException",
    "Your account's ability to send email has been permanently restricted.",
  ),
  "sending-paused": sesError(
    400,
    "SendingPausedException",
    "Sending paused for this account. For more information, please check the inbox of the email address associated with your AWS account.",
  ),
  "message-rejected-paused": sesError(
    400,
    "MessageRejected",
    "Sending paused for this account. For more information, please check the inbox of the email address associated with your AWS account.",
  ),
  "configuration-set-paused": sesError(
    400,
    "SendingPausedException",
    "Sending is paused for configuration set <postern>.",
  ),
  "not-verified": sesError(400, "MessageRejected", `${NOT_VERIFIED}news@account.acme.example`),
  "mail-from-not-verified": sesError(
    400,
    "MailFromDomainNotVerifiedException",
    "The MAIL FROM domain is not verified.",
  ),
  "message-refused": sesError(400, "MessageRejected", "Unsupported file type 'exe'."),
  "too-large": sesError(400, "BadRequestException", "Message length is more than 41943040 bytes long: 41943041."),
  quota: sesError(400, "LimitExceededException", "Daily message quota exceeded."),
  throttled: sesError(400, "ThrottlingException", "Rate exceeded"),
  "key-unknown": sesError(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
  "access-denied": sesError(
    403,
    "AccessDeniedException",
    "User `arn:aws:iam::123456789012:user/postern' is not authorized to perform `ses:SendEmail' with an explicit deny in an identity-based policy",
  ),
  unavailable: sesError(503, "ServiceUnavailable", "Service is unavailable, try again."),
};
const SUSPENSIONS = ["account-suspended", "sending-paused", "message-rejected-paused", "configuration-set-paused"];

/** Amazon SES, API v2: the paths and errors of its service model, Signature Version 4, events by way of SNS. */
export const sesDialect: Dialect = {
  vendor: "ses",
  suspensions: SUSPENSIONS,
  refusals: Object.keys(ANSWERS).filter((name) => !SUSPENSIONS.includes(name)),
  seed(account, { apiKey, readKey, domain }) {
    account.put("key", { id: SES_ACCESS_KEY_ID, secret: apiKey });
    account.put("key", { id: /^([A-Z0-9]+):/.exec(readKey)?.[1] ?? SES_READ_KEY_ID, secret: readKey });
    account.put("domain", { id: domain, tokens: ["lab1", "lab2", "lab3"] });
    account.put("setting", { id: SES_CONFIGURATION_SET, isSet: true, tlsPolicy: "REQUIRE" });
  },
  isSend: ({ method, path }) => method === "POST" && path === SEND_PATH,
  async answer(request, desk) {
    const caller = authorised(request, desk.account, desk.clock.now());
    if ("status" in caller) return caller;
    if (caller.mayOnlyRead && !isQuestion(request)) return denied(request);
    if (this.isSend(request)) return send(request, desk);
    return configurationReply(request, desk) ?? sesError(404, "UnknownOperationException", "");
  },
  say(said, request, desk) {
    const caller = authorised(request, desk.account, desk.clock.now());
    if ("status" in caller) return caller;
    switch (said.mode) {
      case "429":
        return sesError(429, "TooManyRequestsException", "Maximum sending rate exceeded.");
      case "5xx":
        return said.status === 503 ? ANSWERS["unavailable"]! : sesError(said.status, "InternalFailure", "");
      case "suspended":
        return ANSWERS[said.variant] ?? ANSWERS["account-suspended"]!;
      case "refusal":
        return ANSWERS[said.name] ?? sesError(400, said.name, "");
    }
  },
  // An answer without the one field that makes it a claim.
  unknownValue: (reply) => ({ ...reply, body: { MessageState: "PARKED" } }),
  notice: sesNotice,
};

const isQuestion = ({ method, path }: TwinRequest): boolean => method === "GET" || /\/list(?:-[a-z-]+)?$/.test(path);
const denied = ({ path }: TwinRequest): TwinReply =>
  sesError(
    403,
    "AccessDeniedException",
    `User \`arn:aws:iam::123456789012:user/reader' is not authorized to call ${path}`,
  );

type SendEmail = {
  FromEmailAddress?: string;
  Destination?: { ToAddresses?: string[]; CcAddresses?: string[]; BccAddresses?: string[] };
  ReplyToAddresses?: string[];
  FeedbackForwardingEmailAddress?: string;
  Content?: {
    Raw?: { Data?: string };
    Simple?: { Subject?: { Data?: string }; Body?: { Text?: { Data?: string }; Html?: { Data?: string } } };
  };
  EmailTags?: { Name: string; Value: string }[];
  ConfigurationSetName?: string;
};

async function send(request: TwinRequest, desk: Desk): Promise<TwinReply> {
  const given = request.json as SendEmail | undefined;
  if (typeof given !== "object" || given === null) return sesError(400, "SerializationException", "");
  const { ToAddresses = [], CcAddresses = [], BccAddresses = [] } = given.Destination ?? {};
  const recipients = [...ToAddresses, ...CcAddresses, ...BccAddresses].flatMap(addressesOf);
  if (recipients.length === 0) return sesError(400, "BadRequestException", "Missing destination.");
  if (recipients.length > 50) return sesError(400, "MessageRejected", "Recipient count exceeds 50.");
  const set = given.ConfigurationSetName;
  if (set !== undefined && desk.account.things("setting").get(set)?.["isSet"] !== true) {
    return sesError(404, "NotFoundException", `Configuration set <${set}> does not exist.`);
  }
  if (given.EmailTags?.some(({ Name, Value }) => ![Name, Value].every((text) => /^[A-Za-z0-9_-]{1,256}$/.test(text)))) {
    return sesError(
      400,
      "BadRequestException",
      "Invalid tag: only alphanumeric ASCII characters, '_' and '-' are allowed.",
    );
  }
  const raw = await rawOf(given);
  if (raw === null) return sesError(400, "BadRequestException", "Missing content.");
  const header = headerOf(raw);
  const authors = addressesOf(headerValue(header, "from") ?? "");
  const strangers = [...authors, ...addressesOf(given.FeedbackForwardingEmailAddress ?? "")].filter(
    (address) => !isVerified(desk, address),
  );
  if (authors.length === 0) return sesError(400, "BadRequestException", "Missing required header 'From'.");
  if (strangers.length > 0) return sesError(400, "MessageRejected", NOT_VERIFIED + strangers.join(", "));
  const id = `0107${desk.clock.now().toString(16).padStart(12, "0")}-${String(desk.account.nextCount()).padStart(8, "0")}-000000`;
  const message: NewMessage = {
    from: given.FromEmailAddress ?? authors[0]!,
    recipients,
    subject: headerValue(header, "subject") ?? "",
    metadata: Object.fromEntries((given.EmailTags ?? []).map(({ Name, Value }) => [Name, Value])),
    tags: [],
    raw,
    outgoing: outgoingOf(raw, id, desk.clock.now()),
    fields: given,
  };
  // Whom the account's list names gets nothing, and the answer is the same.
  const isSilenced = recipients.every((one) => desk.account.things("suppression").has(one.toLowerCase()));
  desk.take(message, id, ...(isSilenced ? (["dropped"] as const) : []));
  return { status: 200, body: { MessageId: id } };
}

async function rawOf({ Content, FromEmailAddress, Destination, ReplyToAddresses }: SendEmail): Promise<Buffer | null> {
  const data = Content?.Raw?.Data;
  if (data !== undefined) return withAuthor(Buffer.from(data, "base64"), FromEmailAddress);
  if (!Content?.Simple) return null;
  const { Subject, Body } = Content.Simple;
  return composed({
    from: FromEmailAddress ?? "",
    to: Destination?.ToAddresses ?? [],
    cc: Destination?.CcAddresses ?? [],
    replyTo: ReplyToAddresses ?? [],
    subject: Subject?.Data ?? "",
    ...(Body?.Text?.Data === undefined ? {} : { text: Body.Text.Data }),
    ...(Body?.Html?.Data === undefined ? {} : { html: Body.Html.Data }),
  });
}

/** With a raw message the parameter takes the place of the field. */
function withAuthor(raw: Buffer, author: string | undefined): Buffer {
  const field = headerOf(raw).fields.find(({ name }) => name === "from");
  if (author === undefined || !field) return raw;
  return Buffer.concat([raw.subarray(0, field.start), Buffer.from(`From: ${author}\r\n`), raw.subarray(field.end)]);
}

/** SES writes Message-ID and Date over those it was given, and tells receivers whose mail it is ("Header fields", SES developer guide). */
function outgoingOf(raw: Buffer, id: string, nowMs: number): Buffer {
  const date = new Date(nowMs).toUTCString().replace("GMT", "+0000");
  return rewriteHeader(raw, headerOf(raw), {
    prepend: "",
    append: `Message-ID: <${id}@eu-central-1.amazonses.com>\r\nDate: ${date}\r\nFeedback-ID: 1.eu-central-1.lab:AmazonSES\r\n`,
    drop: (name) => name === "message-id" || name === "date" || name === "bcc" || name.startsWith("x-ses-"),
  });
}

function headerOf(raw: Buffer): Header {
  const header = readHeader(raw, { headerBytes: 1_000_000, headerFields: 1_000 });
  return "fields" in header ? header : { fields: [], bodyStart: 0 };
}

const isVerified = (desk: Desk, address: string): boolean =>
  identities(desk).some(([kind, { id }]) =>
    kind === "sender" ? id === address : address.endsWith(`@${id}`) || address.endsWith(`.${id}`),
  );
