import type { ProviderSettings } from "../../src/config/index.ts";
import { Secret } from "../../src/kernel/index.ts";

/** The adapters that are measured; direct-mx asks DNS first, which would be measured instead. */
export const ADAPTER_KINDS = ["mandrill", "sendgrid", "postmark", "mailgun", "resend", "ses", "smtp"] as const;
export type AdapterKind = (typeof ADAPTER_KINDS)[number];

export const RECIPIENT = "someone@example.net";

/** One provider of a kind, at `port` on this machine. */
export function settingsFor(kind: AdapterKind, port: number, connections: number): ProviderSettings {
  const common = {
    name: kind,
    ownerGroup: kind,
    bounds: { concurrency: connections, ratePerS: null },
    connections,
    connectTimeoutMs: 10_000,
    replyTimeoutMs: 60_000,
  };
  if (kind === "smtp") {
    return {
      ...common,
      kind,
      host: "127.0.0.1",
      port,
      tls: "none",
      verifyCertificate: true,
      caFile: null,
      auth: null,
      dataEndTimeoutMs: 60_000,
      activityUrl: null,
    };
  }
  return {
    ...common,
    kind,
    baseUrl: `http://127.0.0.1:${port}`,
    apiKey: new Secret("key_0123456789abcdef"),
    accessKeyId: kind === "ses" ? "AKIAEXAMPLE000000000" : null,
    region: kind === "ses" ? "eu-central-1" : null,
    domain: kind === "mailgun" ? "account.acme.example" : null,
    channel: null,
    readKey: null,
    webhook: null,
  };
}
