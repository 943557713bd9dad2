import { HOUR_MS, MINUTE_MS } from "../kernel/index.ts";
import {
  type RouteSettings,
  type StreamSettings,
  type SuppressAfter,
  type TenantSettings,
  type WebhookSettings,
  routeOf,
} from "../config/index.ts";
import { hearsOf, type MessageClass } from "../mail/index.ts";

export type Tenant = {
  name: string;
  /** The tenant may write from this domain or one below it. */
  owns(domain: string): boolean;
  readonly domains: readonly string[];
  readonly streams: readonly StreamSettings[];
  /** Without their secrets. */
  readonly webhooks: readonly Omit<WebhookSettings, "secret">[];
  /** By name; undefined where there is none. */
  stream(name: string | undefined): StreamSettings | undefined;
  credentialStream(credential: string): string | null;
  routeOf(stream: string): RouteSettings;
  wantsEvent(kind: string): boolean;
  /** An address goes onto the suppression list by itself after such an event. */
  suppresses(event: SuppressAfter): boolean;
};

export type Tenants = { find(name: string): Tenant | undefined };

export function tenantsOf(settings: readonly TenantSettings[]): Tenants {
  const byName = new Map(settings.map((one) => [one.name, tenantOf(one)]));
  return { find: (name) => byName.get(name) };
}

function tenantOf(settings: TenantSettings): Tenant {
  const domains = new Set(settings.domains);
  const streams = new Map(settings.streams.map((stream) => [stream.name, stream]));
  const credentialStreams = new Map(settings.credentials.map((one) => [one.name, one.stream]));
  return {
    name: settings.name,
    domains: settings.domains,
    streams: settings.streams,
    webhooks: settings.webhooks.map(({ name, url, format, events }) => ({ name, url, format, events })),
    owns(domain) {
      for (let at = domain; at !== ""; at = at.slice(at.indexOf(".") + 1)) {
        if (domains.has(at)) return true;
        if (!at.includes(".")) return false;
      }
      return false;
    },
    stream: (name) => streams.get(name ?? settings.defaultStream),
    credentialStream: (credential) => credentialStreams.get(credential) ?? null,
    routeOf: (stream) => routeOf(settings, stream)!,
    suppresses: (event) => settings.suppress.includes(event),
    wantsEvent: (kind) => settings.webhooks.some((webhook) => hearsOf(webhook, kind)),
  };
}

/** How long a message of a class is worth sending; null: until it is done. A stream may name its own. */
export function ttlMs(messageClass: MessageClass, own: number | null): number | null {
  const usual: Record<MessageClass, number | null> = {
    C0: 15 * MINUTE_MS,
    C1: 72 * HOUR_MS,
    C2: 24 * HOUR_MS,
    C3: 72 * HOUR_MS,
    C4: null,
  };
  return own ?? usual[messageClass];
}
