import { MINUTE_MS, SECOND_MS, type Secret } from "../kernel/index.ts";
import type { Address } from "./settings.ts";

/** Probe messages through every provider, and who receives them. */
export type CanarySettings = {
  /** Between two canaries of a provider that carries mail. */
  everyMs: number;
  /** Of one that stands by. */
  standbyEveryMs: number;
  /** To one mailbox of others, from one provider that carries mail. */
  mailboxEveryMs: number;
  /** One that is not there by then is missed. */
  deadlineMs: number;
  receivers: ReceiverSettings[];
  templates: CanaryTemplateSettings[];
  /** Names of providers → what they add to mail besides what is known of their kind. */
  providers: Record<string, CanaryTolerance>;
  signUps: SignUpSettings[];
};
export type CanaryTolerance = {
  /** Header fields, lower case. */
  headers: string[];
  /** Addresses in these domains in the header section are the provider's own. */
  domains: string[];
};

export type ReceiverSettings = MxReceiverSettings | MailboxReceiverSettings;
/** A mail server in this process: the MX of a domain that nobody else uses. */
export type MxReceiverSettings = {
  kind: "mx";
  name: string;
  listen: Address;
  domain: string;
  /** What it calls itself; null: as Postern does. */
  hostname: string | null;
  tls: { certFile: string; keyFile: string } | null;
};
/** A mailbox at another receiver, read over IMAP. */
export type MailboxReceiverSettings = {
  kind: "imap";
  name: string;
  host: string;
  port: number;
  tls: "none" | "starttls" | "implicit";
  username: string;
  password: Secret;
  address: string;
  mailbox: string;
};

/** A canary of `stream` is made of this template of the tenant's. */
export type CanaryTemplateSettings = {
  tenant: string;
  template: string;
  stream: string;
  values: Record<string, unknown>;
};

/** A form of the application that makes it send a confirmation, or a hook that it offers for this. */
export type SignUpSettings = {
  name: string;
  tenant: string;
  url: string;
  /** `url` is the page that shows the form: it is fetched first, and the form on it is filled in. */
  isPage: boolean;
  method: "POST" | "PUT" | "GET";
  encoding: "form" | "json";
  /** `{address}` and `{password}` stand for made-up ones. */
  fields: Record<string, string>;
  headers: Record<string, Secret>;
  everyMs: number;
  withinMs: number;
  /** Where the link of the confirmation must lead, as https://app.example.com; null: not looked at. */
  linkOrigin: string | null;
  /** Opens that link too. */
  follow: boolean;
};

export const CANARY_DEFAULTS = {
  /** With this a total loss is known within 60 s (95 %) at any volume: docs/decisions/0018. */
  everyMs: 15 * SECOND_MS,
  standbyEveryMs: MINUTE_MS,
  /** Mailbox providers do not like to be probed more often. */
  mailboxEveryMs: 5 * MINUTE_MS,
  /** Healthy mail is there within 12 s (95 %). */
  deadlineMs: 30 * SECOND_MS,
  signUp: { everyMs: 5 * MINUTE_MS, withinMs: MINUTE_MS },
} as const;

/** Of the lab: on, to a receiver on loopback at any free port. */
export const labCanaries = (canaryDomain: string, providers: readonly string[]): CanarySettings => ({
  everyMs: CANARY_DEFAULTS.everyMs,
  standbyEveryMs: CANARY_DEFAULTS.standbyEveryMs,
  mailboxEveryMs: CANARY_DEFAULTS.mailboxEveryMs,
  deadlineMs: CANARY_DEFAULTS.deadlineMs,
  receivers: [
    {
      kind: "mx",
      name: "own",
      listen: { host: "127.0.0.1", port: 0 },
      domain: canaryDomain,
      hostname: `mx.${canaryDomain}`,
      tls: null,
    },
  ],
  templates: [],
  providers: Object.fromEntries(providers.map((one) => [one, { headers: [], domains: [`${one}.example`] }])),
  signUps: [],
});
