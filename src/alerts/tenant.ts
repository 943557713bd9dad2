import type {
  AlertSettings,
  AlertTargetSettings,
  ProviderSettings,
  RouteSettings,
  TenantSettings,
} from "../config/index.ts";
import { HOUR_MS } from "../kernel/index.ts";

/** No tenant of a file can have this name: names have letters, digits and hyphens. */
export const ALERTS_TENANT = "~alerts";
export const ALERTS_CREDENTIAL = "alerts";

/** One that waits longer tells of yesterday. */
const LIFE_MS = 6 * HOUR_MS;
const ANYWHERE = "any";
const beside = (provider: string): string => `beside/${provider}`;
const via = (provider: string): string => `via/${provider}`;

type Carrier = Pick<ProviderSettings, "name" | "ownerGroup">;

/** Who may tell of trouble with `provider`: those of other owners; where there are none, its siblings. Never itself. */
export function othersThan(provider: string, providers: readonly Carrier[]): string[] {
  const owner = providers.find(({ name }) => name === provider)?.ownerGroup;
  const others = providers.filter(({ name }) => name !== provider);
  const apart = others.filter(({ ownerGroup }) => ownerGroup !== owner);
  return (apart.length > 0 ? apart : others).map(({ name }) => name);
}

const routeOf = (prefer: string[]): RouteSettings => ({
  prefer,
  standby: [],
  standbyShare: 0,
  weights: null,
  avoidOwnerGroups: [],
});

/**
 * The built-in tenant whose mail tells people of alerts; none where nobody is told by mail. A stream for each provider goes
 * by everyone but that one: an alert must not go by what it tells of. No credential opens it, and its mail is nobody's event.
 */
export function alertsTenant({ targets }: AlertSettings, providers: readonly Carrier[]): TenantSettings[] {
  const mail = targets.filter(({ kind }) => kind === "mail");
  if (mail.length === 0) return [];
  const ways: [stream: string, prefer: string[]][] = [
    [ANYWHERE, providers.map(({ name }) => name)],
    ...providers.map(({ name }): [string, string[]] => [beside(name), othersThan(name, providers)]),
    ...mail.flatMap((one): [string, string[]][] => (one.via === null ? [] : [[via(one.via), [one.via]]])),
  ];
  const routes = new Map(
    ways.filter(([, prefer]) => prefer.length > 0).map(([name, prefer]) => [name, routeOf(prefer)]),
  );
  const tenant: TenantSettings = {
    name: ALERTS_TENANT,
    domains: [...new Set(mail.map(({ from }) => from!.slice(from!.lastIndexOf("@") + 1).toLowerCase()))],
    credentials: [],
    streams: [...routes.keys()].map((name) => ({ name, class: "C1", ttlMs: LIFE_MS })),
    defaultStream: ANYWHERE,
    routes: Object.fromEntries(routes),
    webhooks: [],
    suppress: [],
  };
  return [tenant];
}

/** The way on which an alert of `provider` is told by mail: the target's own, or beside what it tells of; null: there is no other. */
export function streamFor(
  target: Pick<AlertTargetSettings, "via">,
  provider: string | null,
  providers: readonly Carrier[],
): string | null {
  const others = provider === null ? null : othersThan(provider, providers);
  if (target.via !== null && (others === null || others.includes(target.via))) return via(target.via);
  if (provider === null || !providers.some(({ name }) => name === provider)) return ANYWHERE;
  return others!.length > 0 ? beside(provider) : null;
}
