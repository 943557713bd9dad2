import { isIP } from "node:net";
import path from "node:path";
import { z } from "zod";
import { MINUTE_MS, SECOND_MS, type Secret } from "../kernel/index.ts";
import { duplicates, unknownName } from "./check-tenants.ts";
import { type SecretSource, secret } from "./secrets.ts";
import type { Address, Settings } from "./settings.ts";
import { address, domain, duration, field, host, name, port, said, text, yesNo } from "./values.ts";

type Say = (path: PropertyKey[], sentence: string) => void;

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

/** A form of the application that makes it send a confirmation. */
export type SignUpSettings = {
  name: string;
  tenant: string;
  url: string;
  method: "POST" | "PUT" | "GET";
  encoding: "form" | "json";
  /** `{address}` and `{password}` stand for made-up ones. */
  fields: Record<string, string>;
  headers: Record<string, string>;
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

const BOUNDS = {
  every: [5 * SECOND_MS, 60 * MINUTE_MS],
  deadline: [5 * SECOND_MS, 10 * MINUTE_MS],
} as const;

const url = field((input) => {
  const parsed = typeof input === "string" && URL.canParse(input) ? new URL(input) : null;
  return parsed && (parsed.protocol === "https:" || parsed.protocol === "http:")
    ? { value: parsed.href }
    : { sentence: `must be an http or https address; it says ${said(input)}.` };
});
const mailAddress = field((input) =>
  typeof input === "string" && /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(input)
    ? { value: input }
    : { sentence: `must be one address, such as seed@example.com; it says ${said(input)}.` },
);
const word = <const Words extends readonly string[]>(words: Words) =>
  field((input) => {
    const found = words.find((one) => one === input) as Words[number] | undefined;
    return found === undefined
      ? { sentence: `must be one of ${words.join(", ")}; it says ${said(input)}.` }
      : { value: found };
  });
const headerName = field((input) =>
  typeof input === "string" && /^[!-9;-~]+$/.test(input)
    ? { value: input.toLowerCase() }
    : { sentence: `must be the name of a header field, such as X-Mailer-Id; it says ${said(input)}.` },
);

/** One shape for both kinds, so that a mistyped key is told with what was meant; which keys a kind needs: below. */
const receiverShape = (source: SecretSource) =>
  z.strictObject({
    name,
    kind: word(["mx", "imap"]),
    listen: address.optional(),
    domain: domain.optional(),
    hostname: host.optional(),
    certificate: z.strictObject({ cert: text("a file path"), key: text("a file path") }).optional(),
    host: host.optional(),
    port: port.optional(),
    tls: word(["none", "starttls", "implicit"]).optional(),
    username: text("a user name").optional(),
    password: secret(source).optional(),
    address: mailAddress.optional(),
    mailbox: text("the name of a folder").optional(),
  });

export const canariesShape = (source: SecretSource) =>
  z.strictObject({
    every: duration(BOUNDS.every).optional(),
    standbyEvery: duration(BOUNDS.every).optional(),
    mailboxEvery: duration(BOUNDS.every).optional(),
    deadline: duration(BOUNDS.deadline).optional(),
    receivers: z.array(receiverShape(source)).min(1),
    templates: z
      .array(
        z.strictObject({
          tenant: name,
          template: text("the name of a template"),
          stream: name,
          values: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .optional(),
    providers: z
      .record(
        z.string(),
        z.strictObject({ headers: z.array(headerName).optional(), domains: z.array(domain).optional() }),
      )
      .optional(),
    signUps: z
      .array(
        z.strictObject({
          name,
          tenant: name.optional(),
          url,
          method: word(["POST", "PUT", "GET"]).optional(),
          encoding: word(["form", "json"]).optional(),
          fields: z.record(z.string(), z.string()).optional(),
          headers: z.record(z.string(), z.string()).optional(),
          every: duration(BOUNDS.every).optional(),
          within: duration(BOUNDS.deadline).optional(),
          linkOrigin: url.optional(),
          follow: yesNo.optional(),
        }),
      )
      .optional(),
  });
type FileCanaries = z.infer<ReturnType<typeof canariesShape>>;

/** Absent: none are sent, since nobody can guess where they could be received. */
export function buildCanaries(
  file: FileCanaries | undefined,
  folder: string,
  firstTenant: string,
): CanarySettings | null {
  if (!file) return null;
  return {
    everyMs: file.every ?? CANARY_DEFAULTS.everyMs,
    standbyEveryMs: file.standbyEvery ?? CANARY_DEFAULTS.standbyEveryMs,
    mailboxEveryMs: file.mailboxEvery ?? CANARY_DEFAULTS.mailboxEveryMs,
    deadlineMs: file.deadline ?? CANARY_DEFAULTS.deadlineMs,
    receivers: file.receivers.map((one) => receiver(one, folder)),
    templates: (file.templates ?? []).map((one) => ({ ...one, values: one.values ?? {} })),
    providers: Object.fromEntries(
      Object.entries(file.providers ?? {}).map(([provider, { headers = [], domains = [] }]) => [
        provider,
        { headers, domains },
      ]),
    ),
    signUps: (file.signUps ?? []).map((one) => ({
      name: one.name,
      tenant: one.tenant ?? firstTenant,
      url: one.url,
      method: one.method ?? "POST",
      encoding: one.encoding ?? "form",
      fields: one.fields ?? { email: "{address}", password: "{password}" },
      headers: one.headers ?? {},
      everyMs: one.every ?? CANARY_DEFAULTS.signUp.everyMs,
      withinMs: one.within ?? CANARY_DEFAULTS.signUp.withinMs,
      linkOrigin: one.linkOrigin === undefined ? null : new URL(one.linkOrigin).origin,
      follow: one.follow ?? false,
    })),
  };
}

function receiver(from: FileCanaries["receivers"][number], folder: string): ReceiverSettings {
  if (from.kind === "mx") {
    const { certificate } = from;
    return {
      kind: "mx",
      name: from.name,
      listen: from.listen ?? { host: "0.0.0.0", port: 25 }, // RFC 5321 §4.5.4.2: senders ask for no other port
      domain: from.domain ?? "",
      hostname: from.hostname ?? null,
      tls: certificate
        ? { certFile: path.resolve(folder, certificate.cert), keyFile: path.resolve(folder, certificate.key) }
        : null,
    };
  }
  const tls = from.tls ?? "implicit";
  return {
    kind: "imap",
    name: from.name,
    host: from.host ?? "",
    port: from.port ?? (tls === "implicit" ? 993 : 143), // RFC 8314 §3.2
    tls,
    username: from.username ?? from.address ?? "",
    password: from.password as Secret,
    address: from.address ?? "",
    mailbox: from.mailbox ?? "INBOX",
  };
}

/** What involves more than one value. */
export function checkCanaries({ canaries, tenants, providers }: Settings, say: Say): void {
  if (!canaries) return;
  const at = ["canaries"];
  duplicates(
    canaries.receivers.map((one) => one.name),
    (n, one) => say([...at, "receivers", n, "name"], `the receiver ${one} is there twice.`),
  );
  canaries.receivers.forEach((one, n) => checkReceiver(one, [...at, "receivers", n], tenants, say));
  const owned = tenants.map((one) => one.name);
  canaries.templates.forEach((one, n) => {
    const here = [...at, "templates", n];
    const tenant = tenants.find(({ name: known }) => known === one.tenant);
    if (!tenant) return say([...here, "tenant"], unknownName(one.tenant, owned, "tenant"));
    const streams = tenant.streams.map((stream) => stream.name);
    if (!streams.includes(one.stream)) say([...here, "stream"], unknownName(one.stream, streams, "stream"));
  });
  const known = providers.map((one) => one.name);
  for (const one of Object.keys(canaries.providers))
    if (!known.includes(one)) say([...at, "providers", one], unknownName(one, known, "provider"));
  duplicates(
    canaries.signUps.map((one) => one.name),
    (n, one) => say([...at, "signUps", n, "name"], `the sign-up ${one} is there twice.`),
  );
  canaries.signUps.forEach((one, n) => {
    const here = [...at, "signUps", n];
    if (!owned.includes(one.tenant)) say([...here, "tenant"], unknownName(one.tenant, owned, "tenant"));
    const parts = [one.url, ...Object.values(one.fields)];
    if (!parts.some((part) => part.includes("{address}") || part.includes("%7Baddress%7D")))
      say([...here, "fields"], "name no {address}: the confirmation must come to a receiver of ours.");
    if (!canaries.receivers.some((each) => each.kind === "mx"))
      say(here, "needs a receiver of the kind mx: its addresses are new each time.");
  });
}

function checkReceiver(one: ReceiverSettings, at: PropertyKey[], tenants: Settings["tenants"], say: Say): void {
  if (one.kind === "mx") {
    if (one.domain === "") return say([...at, "domain"], "is missing: it is the part of its addresses behind the @.");
    const owner = tenants.find(({ domains }) =>
      domains.some((each) => each === one.domain || one.domain.endsWith(`.${each}`)),
    );
    // A provider that is told to look the other way would know it by the name, and mail to it would be mail to oneself.
    if (owner) say([...at, "domain"], `belongs to the tenant ${owner.name}: take a domain that nothing else uses.`);
    return;
  }
  for (const key of ["host", "address"] as const)
    if (one[key] === "") say([...at, key], "is missing: a mailbox (imap) needs its host, address and password.");
  if (one.password === undefined) say([...at, "password"], "is missing: name it as env:NAME or file:PATH.");
  const isLocal =
    one.host === "localhost" || one.host === "::1" || (isIP(one.host) === 4 && one.host.startsWith("127."));
  if (one.tls === "none" && one.host !== "" && !isLocal)
    say([...at, "tls"], "none would send the password in clear to another host: use starttls or implicit.");
}

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
