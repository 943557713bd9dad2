import type { ProviderSettings, TenantSettings } from "../config/index.ts";
import type { State } from "../judge/index.ts";
import type { MessageClass } from "../mail/index.ts";
import { tenantsOf } from "../tenancy/index.ts";

export type DrillOrder = {
  provider: string;
  /** "tenant/stream"; null: all. */
  streams: readonly string[] | null;
  /** Of its mail, in (0, 1]. */
  share: number;
  forMs: number;
  operator: string;
  reason: string;
};

/** One stream that would move. */
export type Move = {
  tenant: string;
  stream: string;
  class: MessageClass;
  /** First to take it: HEALTHY, of the same route. Null: nobody. */
  to: string | null;
  /** Who else could. */
  others: readonly string[];
};

export type DrillPlan = { moves: readonly Move[] };
export type DrillRefusal = { code: string; sentence: string };

/** What is known when it is asked for. */
export type PlanFacts = {
  tenants: readonly TenantSettings[];
  providers: readonly Pick<ProviderSettings, "name" | "ownerGroup">[];
  /** Scope "": the provider as a whole; "tenant/stream": that stream through it. */
  stateOf(provider: string, scope: string): State;
};

const CRITICAL: ReadonlySet<MessageClass> = new Set(["C0", "C1", "C2"]);

/** What would move, and to whom. Pure. A plan that may not be carried out has a refusal beside it. */
export function planOf(order: DrillOrder, facts: PlanFacts): { plan: DrillPlan; refusal: DrillRefusal | null } {
  const { provider } = order;
  const plan: DrillPlan = { moves: movesOf(order, facts) };
  const refused = (code: string, sentence: string) => ({ plan, refusal: { code, sentence } });

  if (!facts.providers.some(({ name }) => name === provider))
    return refused(
      "drill-unknown-provider",
      `There is no provider named ${provider}; there are ${facts.providers.map(({ name }) => name).join(", ")}.`,
    );
  const unknown = order.streams?.find((one) => !streamsOf(facts.tenants).includes(one));
  if (unknown !== undefined)
    return refused(
      "drill-unknown-stream",
      `There is no stream ${unknown}; there are ${streamsOf(facts.tenants).join(", ")}.`,
    );
  const state = facts.stateOf(provider, "");
  if (state !== "HEALTHY")
    return refused(
      "drill-not-healthy",
      `${provider} is ${state}: mail leaves it already, or should. A drill begins with a provider that works; wait until it is HEALTHY.`,
    );
  if (plan.moves.length === 0)
    return refused("drill-moves-nothing", `No stream has ${provider} in its route, so nothing would move.`);
  const alone = plan.moves.filter((move) => CRITICAL.has(move.class) && move.to === null);
  if (alone.length > 0)
    return refused(
      "drill-nobody-stands-in",
      `No other provider is HEALTHY for ${alone.map(({ tenant, stream, class: of }) => `${tenant}/${stream} (${of})`).join(", ")}. ` +
        "Add one to the route, or leave these streams out with --streams.",
    );
  return { plan, refusal: null };
}

const streamsOf = (tenants: readonly TenantSettings[]): string[] =>
  tenants.flatMap(({ name, streams }) => streams.map((stream) => `${name}/${stream.name}`));

function movesOf({ provider, streams: only }: DrillOrder, { tenants, providers, stateOf }: PlanFacts): Move[] {
  const groups = new Map(providers.map(({ name, ownerGroup }) => [name, ownerGroup]));
  const known = tenantsOf(tenants);
  return tenants.flatMap(({ name: tenant, streams }) =>
    streams.flatMap(({ name: stream, class: messageClass }): Move[] => {
      const scope = `${tenant}/${stream}`;
      const route = known.find(tenant)!.routeOf(stream);
      const line = [...route.prefer, ...route.standby];
      if (!line.includes(provider) || (only !== null && !only.includes(scope))) return [];
      const others = line.filter(
        (one) =>
          one !== provider &&
          !route.avoidOwnerGroups.includes(groups.get(one) ?? "") &&
          stateOf(one, "") === "HEALTHY" &&
          stateOf(one, scope) === "HEALTHY",
      );
      return [{ tenant, stream, class: messageClass, to: others[0] ?? null, others: others.slice(1) }];
    }),
  );
}

/** Who carries the mail meanwhile. */
export const standInsOf = ({ moves }: DrillPlan): string[] => [
  ...new Set(moves.flatMap(({ to }) => (to === null ? [] : [to]))),
];
