import type { ProviderSettings, TenantSettings } from "../config/index.ts";
import { MINUTE_MS } from "../kernel/index.ts";
import type { MessageClass } from "../mail/index.ts";

/** No tenant of a file can have this name: names have letters, digits and hyphens. */
export const CANARY_TENANT = "~canary";
export const CANARY_CREDENTIAL = "canary";
export const CANARY_CLASSES = ["C0", "C1", "C2"] as const satisfies readonly MessageClass[];
export type CanaryClass = (typeof CANARY_CLASSES)[number];

/** One that waits longer would only tell of a fault that is known by then. */
const LIFE_MS = MINUTE_MS;

export const canaryStream = (provider: string, messageClass: CanaryClass): string => `${provider}/${messageClass}`;

/**
 * The built-in tenant whose mail the canaries are: a stream for each provider and class, whose route is that provider alone.
 * It may write from every tenant's domains, as the mail it stands for does, and has no credential, webhook or suppression.
 */
export function canaryTenant(
  tenants: readonly TenantSettings[],
  providers: readonly ProviderSettings[],
): TenantSettings {
  const pairs = providers.flatMap(({ name }) => CANARY_CLASSES.map((each) => [name, each] as const));
  return {
    name: CANARY_TENANT,
    domains: tenants.flatMap(({ domains }) => domains),
    credentials: [],
    streams: pairs.map(([provider, each]) => ({ name: canaryStream(provider, each), class: each, ttlMs: LIFE_MS })),
    defaultStream: canaryStream(providers[0]!.name, "C2"),
    routes: Object.fromEntries(
      pairs.map(([provider, each]) => [
        canaryStream(provider, each),
        {
          prefer: [provider],
          standby: [],
          standbyShare: 0,
          weights: null,
          avoidOwnerGroups: [],
          probe: true as const,
        },
      ]),
    ),
    webhooks: [],
    suppress: [],
  };
}
