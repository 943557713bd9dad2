import { type TenantSettings, routeOf } from "../config/index.ts";
import type { Alert } from "./alert.ts";

/** Streams whose mail an alert touches, as `tenant/stream`: those that go to its provider first; of an outage of our own, all. */
export function affectedStreams(
  { kind, provider, scope }: Pick<Alert, "kind" | "provider" | "scope">,
  tenants: readonly TenantSettings[],
): string[] {
  if (scope !== "") return [scope];
  return tenants.flatMap(({ name, streams, routes }) =>
    streams.flatMap((stream) => {
      const route = routeOf({ routes }, stream.name);
      const isTouched = provider === null ? kind === "local-outage" : route?.prefer.includes(provider) === true;
      return isTouched ? [`${name}/${stream.name}`] : [];
    }),
  );
}
