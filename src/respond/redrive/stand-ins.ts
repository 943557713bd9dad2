import type { RouteSettings } from "../../config/index.ts";
import { hasStandIns } from "../../judge/index.ts";
import type { StandingRow } from "../../standing/index.ts";
import { waysPast } from "./other-way.ts";

export type StreamRoute = { tenant: string; stream: string; route: RouteSettings };
export type StandIn = {
  insteadOf: Set<string>;
  streams: Set<string>;
  /** Those of them whose mail comes to it first, before other stand-ins. */
  first: Set<string>;
};

/** Who carries whose mail at this moment: of each preferred provider that is withdrawn, all others of its routes. Pure. */
export function standInsOf(
  routes: readonly StreamRoute[],
  standings: readonly Pick<StandingRow, "provider" | "scope" | "standing">[],
  ownerGroupOf: (provider: string) => string | undefined,
): Map<string, StandIn> {
  const isOut = (provider: string, scope: string): boolean =>
    standings.some((one) => one.provider === provider && one.scope === scope && hasStandIns(one.standing.state));
  const found = new Map<string, StandIn>();
  for (const { tenant, stream, route } of routes) {
    const name = `${tenant}/${stream}`;
    const withdrawn = (provider: string): boolean => isOut(provider, "") || isOut(provider, name);
    for (const preferred of route.prefer.filter(withdrawn)) {
      const line = waysPast(route, preferred, ownerGroupOf).filter((other) => !withdrawn(other));
      for (const other of line) {
        const standIn = found.get(other) ?? { insteadOf: new Set(), streams: new Set(), first: new Set() };
        standIn.insteadOf.add(isOut(preferred, "") ? preferred : `${preferred} ${name}`);
        standIn.streams.add(name);
        if (other === line[0]) standIn.first.add(name);
        found.set(other, standIn);
      }
    }
  }
  return found;
}
