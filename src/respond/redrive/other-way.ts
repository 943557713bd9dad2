import type { RouteSettings } from "../../config/index.ts";

/** A route that leads past a provider. */
export const hasOtherWay = (
  route: RouteSettings,
  provider: string,
  ownerGroupOf: (provider: string) => string | undefined,
): boolean => waysPast(route, provider, ownerGroupOf).length > 0;

export function waysPast(
  route: RouteSettings,
  provider: string,
  ownerGroupOf: (provider: string) => string | undefined,
): string[] {
  return [...route.prefer, ...route.standby].filter((name) => {
    const group = ownerGroupOf(name);
    return name !== provider && group !== undefined && !route.avoidOwnerGroups.includes(group);
  });
}
