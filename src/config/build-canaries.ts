import path from "node:path";
import type { Secret } from "../kernel/index.ts";
import { CANARY_DEFAULTS, type CanarySettings, type ReceiverSettings } from "./canaries.ts";
import type { FileCanaries } from "./canary-shape.ts";

const PEOPLE_FILL_IN = { email: "{address}", password: "{password}" };

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
      url: one.page ?? one.url ?? one.hook ?? "",
      isPage: one.page !== undefined,
      method: one.method ?? "POST",
      encoding: one.encoding ?? (isHook(one) ? "json" : "form"),
      fields: one.fields ?? (isHook(one) ? { address: "{address}" } : PEOPLE_FILL_IN),
      headers: one.headers ?? {},
      everyMs: one.every ?? CANARY_DEFAULTS.signUp.everyMs,
      withinMs: one.within ?? CANARY_DEFAULTS.signUp.withinMs,
      linkOrigin: one.linkOrigin === undefined ? null : new URL(one.linkOrigin).origin,
      follow: one.follow ?? false,
    })),
  };
}

const isHook = ({ page, url }: { page?: string | undefined; url?: string | undefined }): boolean =>
  page === undefined && url === undefined;

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
