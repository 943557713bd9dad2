import { z } from "zod";
import { MESSAGE_CLASSES, WEBHOOK_FORMATS } from "../mail/index.ts";
import { alertsShape } from "./alerts.ts";
import { canariesShape } from "./canary-shape.ts";
import { sloShape } from "./slo.ts";
import { LIMIT_BOUNDS, PROVIDER_BOUNDS, RETENTION_BOUNDS, STREAM_TTL_BOUNDS } from "./defaults.ts";
import { type SecretSource, secret } from "./secrets.ts";
import { API_KINDS, SMTP_VENDORS, SUPPRESS_AFTER } from "./settings.ts";
import {
  address,
  cidr,
  count,
  domain,
  duration,
  field,
  host,
  name,
  number,
  oneOf,
  port,
  said,
  size,
  text,
  url,
  yesNo,
} from "./values.ts";

const filePath = text("a file path");

/** In the Authorization field a slash ends it ("Elements of an AWS API request signature"); AWS's own have 16 to 128 characters. */
const accessKeyId = field((input) =>
  typeof input === "string" && /^\w{4,128}$/.test(input)
    ? { value: input }
    : { sentence: `must be an id of 4 to 128 letters, digits or _ of your own choosing; it says ${said(input)}.` },
);

/** Class names in a file may be written in small letters; in settings they never are. */
const messageClass = oneOf(MESSAGE_CLASSES);

const limitShape = () => {
  const { smtpIdleMs, scheduleAheadMs, ...rest } = LIMIT_BOUNDS;
  return z.strictObject({
    messageBytes: size(rest.messageBytes).optional(),
    recipientsPerMessage: count(rest.recipientsPerMessage).optional(),
    headerBytes: size(rest.headerBytes).optional(),
    headerFields: count(rest.headerFields).optional(),
    lineOctets: count(rest.lineOctets).optional(),
    receivedHops: count(rest.receivedHops).optional(),
    smtpSessions: count(rest.smtpSessions).optional(),
    smtpErrorsPerSession: count(rest.smtpErrorsPerSession).optional(),
    smtpIdle: duration(smtpIdleMs).optional(),
    queueRows: count(rest.queueRows).optional(),
    suppressionsPerTenant: count(rest.suppressionsPerTenant).optional(),
    scheduleAhead: duration(scheduleAheadMs).optional(),
    diskFreeBytes: size(rest.diskFreeBytes).optional(),
    ballastBytes: size(rest.ballastBytes).optional(),
    acceptInFlightBytes: size(rest.acceptInFlightBytes).optional(),
    handoffInFlightBytes: size(rest.handoffInFlightBytes).optional(),
  });
};

const retentionShape = z.strictObject({
  body: z
    .strictObject({
      C0: duration(RETENTION_BOUNDS.secretBodyMs).optional(),
      C1: duration(RETENTION_BOUNDS.bodyMs).optional(),
      C2: duration(RETENTION_BOUNDS.bodyMs).optional(),
      C3: duration(RETENTION_BOUNDS.bodyMs).optional(),
      C4: duration(RETENTION_BOUNDS.bodyMs).optional(),
    })
    .optional(),
  messageRow: duration(RETENTION_BOUNDS.messageRowMs).optional(),
  idempotency: duration(RETENTION_BOUNDS.idempotencyMs).optional(),
});

const routeShape = z.strictObject({
  prefer: z.array(name).min(1),
  standby: z.array(name).optional(),
  standbyShare: number([0, 1]).optional(),
  weights: z.record(z.string(), number([0, 1_000_000])).optional(),
  avoidOwnerGroups: z.array(name).optional(),
});

const tenantShape = (source: SecretSource) =>
  z.strictObject({
    name,
    domains: z.array(domain).min(1),
    credentials: z
      .array(
        z.strictObject({
          name,
          username: text("a user name of at most 1024 characters").optional(),
          password: secret(source).optional(),
          apiKey: secret(source).optional(),
          aws: z.strictObject({ accessKeyId, secretAccessKey: secret(source) }).optional(),
          networks: z.array(cidr).optional(),
          stream: name.optional(),
        }),
      )
      .min(1),
    streams: z.array(z.strictObject({ name, class: messageClass, ttl: duration(STREAM_TTL_BOUNDS).optional() })).min(1),
    defaultStream: name.optional(),
    routes: z.record(z.string(), routeShape),
    webhooks: z
      .array(
        z.strictObject({
          name,
          url,
          format: oneOf(WEBHOOK_FORMATS).optional(),
          secret: secret(source),
          events: z.array(text("the name of an event")).min(1).optional(),
        }),
      )
      .optional(),
    suppress: z.array(oneOf(SUPPRESS_AFTER)).optional(),
  });

const noticeShape = (source: SecretSource) =>
  z.strictObject({
    key: secret(source).optional(),
    basic: secret(source).optional(),
    topicArn: text("a topic ARN").optional(),
    url: url.optional(),
  });

const apiProviderShape = (source: SecretSource) =>
  z.strictObject({
    name,
    kind: oneOf(API_KINDS),
    ownerGroup: name,
    baseUrl: url.optional(),
    apiKey: secret(source),
    accessKeyId: text("an access key id").optional(),
    region: text("a region").optional(),
    domain: domain.optional(),
    channel: text("a name").optional(),
    readKey: secret(source).optional(),
    webhook: noticeShape(source).optional(),
    concurrency: count(PROVIDER_BOUNDS.concurrency).optional(),
    ratePerS: number(PROVIDER_BOUNDS.ratePerS).optional(),
    connections: count(PROVIDER_BOUNDS.connections).optional(),
    connectTimeout: duration(PROVIDER_BOUNDS.connectTimeoutMs).optional(),
    replyTimeout: duration(PROVIDER_BOUNDS.replyTimeoutMs).optional(),
  });

const directMxProviderShape = z.strictObject({
  name,
  kind: oneOf(["direct-mx"]),
  ownerGroup: name,
  hostname: host.optional(),
  resolver: address.optional(),
  port: port.optional(),
  policyPort: port.optional(),
  caFile: filePath.optional(),
  privateNetworks: z.array(cidr).optional(),
  perDomain: z
    .strictObject({
      connections: count(PROVIDER_BOUNDS.connections).optional(),
      ratePerS: number(PROVIDER_BOUNDS.ratePerS).optional(),
    })
    .optional(),
  concurrency: count(PROVIDER_BOUNDS.concurrency).optional(),
  ratePerS: number(PROVIDER_BOUNDS.ratePerS).optional(),
  connectTimeout: duration(PROVIDER_BOUNDS.connectTimeoutMs).optional(),
  replyTimeout: duration(PROVIDER_BOUNDS.replyTimeoutMs).optional(),
  dataEndTimeout: duration(PROVIDER_BOUNDS.dataEndTimeoutMs).optional(),
  tlsReports: z.strictObject({ organization: text("a name"), contact: text("an address") }).optional(),
});

const smtpProviderShape = (source: SecretSource) =>
  z.strictObject({
    name,
    kind: oneOf(["smtp", "direct-mx", ...API_KINDS]),
    ownerGroup: name,
    host,
    port,
    vendor: oneOf(SMTP_VENDORS).optional(),
    tls: oneOf(["none", "starttls", "implicit"]),
    verifyCertificate: yesNo.optional(),
    caFile: filePath.optional(),
    auth: z.strictObject({ username: text("a user name"), password: secret(source) }).optional(),
    concurrency: count(PROVIDER_BOUNDS.concurrency).optional(),
    ratePerS: number(PROVIDER_BOUNDS.ratePerS).optional(),
    connections: count(PROVIDER_BOUNDS.connections).optional(),
    connectTimeout: duration(PROVIDER_BOUNDS.connectTimeoutMs).optional(),
    replyTimeout: duration(PROVIDER_BOUNDS.replyTimeoutMs).optional(),
    dataEndTimeout: duration(PROVIDER_BOUNDS.dataEndTimeoutMs).optional(),
    activityUrl: url.optional(),
    webhook: noticeShape(source).optional(),
  });

export const providerShapes = (source: SecretSource) => ({
  smtp: smtpProviderShape(source),
  api: apiProviderShape(source),
  "direct-mx": directMxProviderShape,
});

/** Which of the shapes a provider has is said by its kind; a kind nobody knows is told as such. */
export function providerShapeOf(source: SecretSource, input: unknown) {
  const kind = (input as { kind?: unknown } | null)?.kind;
  const byKind = providerShapes(source);
  if (kind === "direct-mx") return byKind["direct-mx"];
  return API_KINDS.some((one) => one === kind) ? byKind.api : byKind.smtp;
}

type ProviderShapes = ReturnType<typeof providerShapes>;
const providerShape = (source: SecretSource) =>
  z.unknown().transform((input, context): z.infer<ProviderShapes[keyof ProviderShapes]> => {
    const read = providerShapeOf(source, input).safeParse(input, { reportInput: true });
    if (read.success) return read.data;
    // What else a provider of an unknown kind may have is unknown too: only the kind is told then.
    const ofKind = read.error.issues.filter((issue) => issue.path[0] === "kind");
    for (const issue of ofKind.length > 0 ? ofKind : read.error.issues)
      context.issues.push(issue as unknown as (typeof context.issues)[number]);
    return z.NEVER;
  });

/** postern.yaml as people write it. What the values mean and what they default to: build.ts and defaults.ts. */
export const fileShape = (source: SecretSource) =>
  z.strictObject({
    hostname: host.optional(),
    listen: z
      .strictObject({
        smtp: address.nullable().optional(),
        smtps: address.nullable().optional(),
        http: address.optional(),
        publicUrl: url.optional(),
        tls: z.strictObject({ cert: filePath, key: filePath }).optional(),
        allowPlaintextAuth: yesNo.optional(),
      })
      .optional(),
    data: text("a folder").optional(),
    database: z.strictObject({ url: secret(source) }).optional(),
    bodyKey: field((input) => ({ value: input })).optional(), // a reference too, but a key file may still be to be made: body-key.ts
    tenants: z.array(tenantShape(source)).min(1),
    providers: z.array(providerShape(source)).min(1),
    limits: limitShape().optional(),
    retention: retentionShape.optional(),
    canaries: canariesShape(source).optional(),
    slo: sloShape.optional(),
    alerts: alertsShape(source).optional(),
  });

export type FileShape = z.infer<ReturnType<typeof fileShape>>;
export type FileTenant = FileShape["tenants"][number];
export type FileProvider = FileShape["providers"][number];
