import type { Secret } from "../kernel/index.ts";
import type { MessageClass, WebhookFormat } from "../mail/index.ts";
import type { AlertSettings } from "./alerts.ts";
import type { CanarySettings } from "./canaries.ts";
import type { SloSettings } from "./slo.ts";

/** The whole configuration, validated and frozen. Only config/ makes one; every part takes just its own piece. */
export type Settings = {
  /** Lab mode: no configuration was given; lab providers and an inbox run here and nothing leaves the machine. */
  lab: boolean;
  /** Name used in greetings and Received fields. */
  hostname: string;
  listen: ListenSettings;
  /** Absolute path. */
  dataFolder: string;
  database: { kind: "embedded" } | { kind: "server"; url: Secret };
  /** Master key for bodies at rest, 32 bytes; from `keyFile` (created on first start in the data folder) or env. */
  bodyKey: { file: string } | { value: Secret };
  tenants: TenantSettings[];
  providers: ProviderSettings[];
  limits: Limits;
  retention: Retention;
  /** Null: none are sent. */
  canaries: CanarySettings | null;
  /** Promises beside the usual ones of each class. */
  slo: SloSettings;
  alerts: AlertSettings;
};

export type Address = { host: string; port: number };
export type ListenSettings = {
  smtp: Address | null;
  /** Implicit TLS (RFC 8314). */
  smtps: Address | null;
  http: Address;
  /** How others on the internet reach the HTTP door, without a slash at its end; null: as they call it. */
  publicUrl: string | null;
  tls: { certFile: string; keyFile: string } | null;
  /** AUTH without TLS from other hosts than loopback; off unless named. */
  allowPlaintextAuth: boolean;
};

export type TenantSettings = {
  name: string;
  domains: string[];
  credentials: CredentialSettings[];
  streams: StreamSettings[];
  /** Stream used when none is asked for: the first one unless named. */
  defaultStream: string;
  /** By stream name, with `default` for the rest. */
  routes: Record<string, RouteSettings>;
  webhooks: WebhookSettings[];
  /** After which events that providers report an address goes onto the tenant's suppression list by itself. */
  suppress: SuppressAfter[];
};
export const SUPPRESS_AFTER = ["bounced", "complained"] as const;
export type SuppressAfter = (typeof SUPPRESS_AFTER)[number];
export type CredentialSettings = {
  name: string;
  username: string | null;
  password: Secret | null;
  apiKey: Secret | null;
  /** For clients that sign their requests with it and never show it: those of Amazon SES. */
  aws: AwsKeySettings | null;
  /** Clients of these networks (CIDR) need no login on the SMTP door. Empty unless named. */
  networks: string[];
  /** Messages of this credential go to this stream unless they ask for another. */
  stream: string | null;
};
export type AwsKeySettings = { accessKeyId: string; secretAccessKey: Secret };
export type StreamSettings = { name: string; class: MessageClass; ttlMs: number | null };
export type RouteSettings = {
  /** Provider names in order of preference. */
  prefer: string[];
  /** Used when no preferred one may be; carries `standbyShare` of the traffic always, so that it is known to work. */
  standby: string[];
  standbyShare: number;
  /** Weights among `prefer`; all 1 unless given (then order decides). */
  weights: Record<string, number> | null;
  /** Owner groups that may not carry this route. */
  avoidOwnerGroups: string[];
  /** Of canaries only, never from a file: neither verdict nor breaker keeps them from their one provider. */
  probe?: true;
};
export type WebhookSettings = {
  name: string;
  url: string;
  /** In whose words and with whose signature it hears. */
  format: WebhookFormat;
  secret: Secret;
  events: string[] | null;
};

export type ProviderSettings = SmtpProviderSettings | ApiProviderSettings | DirectMxProviderSettings;
export type ProviderBounds = {
  /** Hand-offs at once. */
  concurrency: number;
  /** Hand-offs a second; null = unbounded. */
  ratePerS: number | null;
};
/** Email services whose relays are known by their own words. */
export const SMTP_VENDORS = [
  "sendgrid",
  "mandrill",
  "ses",
  "mailgun",
  "postmark",
  "resend",
  "brevo",
  "mailjet",
  "sparkpost",
  "mailersend",
  "mailtrap",
  "postal",
  "unisender-go",
] as const;
export type SmtpVendor = (typeof SMTP_VENDORS)[number];
export type SmtpProviderSettings = {
  kind: "smtp";
  name: string;
  ownerGroup: string;
  host: string;
  /** Whose relay it is, where the host does not tell. */
  vendor?: SmtpVendor;
  port: number;
  tls: "none" | "starttls" | "implicit";
  /** Verify the certificate against Node's own roots (and NODE_EXTRA_CA_CERTS), or `caFile`. Off only when named `false`. */
  verifyCertificate: boolean;
  caFile: string | null;
  auth: { username: string; password: Secret } | null;
  bounds: ProviderBounds;
  connections: number;
  connectTimeoutMs: number;
  replyTimeoutMs: number;
  /** After the final dot (RFC 5321 §4.5.3.2.6 gives 10 minutes). */
  dataEndTimeoutMs: number;
  /** GET <url>?attempt=<id> answers { "taken": true|false }: asked when the end of an attempt is unknown. */
  activityUrl: string | null;
  /** Of a known `vendor` only: it says in what words they come. */
  webhook?: NoticeSettings | null;
};

/** How notices of an account are known. */
export type NoticeSettings = {
  key: Secret | null;
  basic: Secret | null;
  topicArn: string | null;
  /** Where it calls, as typed in there; null: publicUrl and our path. */
  url: string | null;
};

/** No provider at all: straight to the servers of the recipients. */
export type DirectMxProviderSettings = {
  kind: "direct-mx";
  name: string;
  ownerGroup: string;
  /** What we call ourselves in EHLO; null: Postern's own name. Its address must lead back to it. */
  hostname: string | null;
  /** Checks DNSSEC and is asked for everything. Null: the system's, and no DANE. */
  resolver: Address | null;
  /** 25; another one is for the lab. */
  port: number;
  /** Where policies of MTA-STS are fetched: 443; another one is for the lab. */
  policyPort: number;
  /** Trusted instead of the roots that come with Node.js. */
  caFile: string | null;
  bounds: ProviderBounds;
  /** Of each recipient domain. */
  perDomain: { connections: number; ratePerS: number | null };
  /** Networks (CIDR) that are not public and may be reached all the same. */
  privateNetworks: string[];
  connectTimeoutMs: number;
  replyTimeoutMs: number;
  dataEndTimeoutMs: number;
  /** Who we are in reports about TLS (RFC 8460 §4.4); null: none are made. */
  tlsReports: { organization: string; contact: string } | null;
};

/** Providers with an HTTP API of their own. */
export const API_KINDS = ["mandrill", "sendgrid", "postmark", "mailgun", "resend", "ses"] as const;
export type ApiKind = (typeof API_KINDS)[number];
export type ApiProviderSettings = {
  kind: ApiKind;
  name: string;
  ownerGroup: string;
  /** Null: the provider's own address. Another one is for regions, proxies and the lab. */
  baseUrl: string | null;
  /** For ses: the secret access key. */
  apiKey: Secret;
  /** ses only. */
  accessKeyId: string | null;
  /** ses: such as eu-central-1; mailgun: us or eu. */
  region: string | null;
  /** mailgun: the sending domain. */
  domain: string | null;
  /** postmark: the message stream; mandrill: the subaccount; ses: the configuration set. */
  channel: string | null;
  /** A key that may only read, for status, posture and activity; null: apiKey serves. */
  readKey: Secret | null;
  /** Null: none are taken. */
  webhook: NoticeSettings | null;
  bounds: ProviderBounds;
  connections: number;
  connectTimeoutMs: number;
  /** For a whole answer. After it the end is unknown. */
  replyTimeoutMs: number;
};

/** Every bound has a name; defaults and reasons in config/defaults.ts. */
export type Limits = {
  messageBytes: number;
  recipientsPerMessage: number;
  headerBytes: number;
  headerFields: number;
  lineOctets: number;
  receivedHops: number;
  smtpSessions: number;
  smtpErrorsPerSession: number;
  smtpIdleMs: number;
  /** Rows waiting in the queue before intake answers 452/503. */
  queueRows: number;
  /** How far ahead a message may be scheduled. */
  scheduleAheadMs: number;
  /** Addresses on the suppression list of one tenant. */
  suppressionsPerTenant: number;
  /** Free disk below which intake stops, bytes. */
  diskFreeBytes: number;
  /** Kept beside the embedded database and given up when the disk is nearly full; 0 = none. */
  ballastBytes: number;
  /** Message bytes held in memory by accepts on their way. */
  acceptInFlightBytes: number;
  /** Message bytes held in memory by hand-offs on their way. */
  handoffInFlightBytes: number;
};

export type Retention = {
  /** After the end of a message of that class. */
  bodyMs: Record<MessageClass, number>;
  messageRowMs: number;
  idempotencyMs: number;
};
