import {
  type Ask,
  type Evidence,
  type Input,
  type LatencyRow,
  ProviderJudge,
  type Standing,
  parametersFor,
} from "../judge/index.ts";
import type { StandingChange, StandingRow } from "../standing/index.ts";

/** All providers of this installation under one judge. */
export type Judges = {
  see(provider: string, evidence: Evidence): void;
  input(provider: string, input: Input): void;
  standing(provider: string, scope?: string): Standing;
  tick(now: number): { asks: { provider: string; ask: Ask; scope: string }[]; changes: StandingChange[] };
  latencies(provider: string, at: number): Record<string, LatencyRow>;
};

export function judgesOf(parts: {
  names: readonly string[];
  hasReceivers: boolean;
  standings: readonly StandingRow[];
  latencies: ReadonlyMap<string, Record<string, LatencyRow>>;
  now: number;
}): Judges {
  const { names, hasReceivers, standings, latencies, now } = parts;
  const judges = new Map<string, ProviderJudge>();
  const told = new Map<string, Standing>();
  for (const provider of names) {
    const standing = standings.find((one) => one.provider === provider && one.scope === "")?.standing;
    const judge = new ProviderJudge({
      provider,
      parameters: parametersFor(10),
      hasReceivers,
      at: now,
      ...(standing ? { standing } : {}),
      others: () => [...judges.values()].flatMap((one) => (one.provider === provider ? [] : one.receivers.cells())),
    });
    const usual = latencies.get(provider);
    if (usual) judge.traffic.restore(usual);
    judges.set(provider, judge);
    told.set(provider, judge.standing);
  }
  return {
    see: (provider, evidence) => judges.get(provider)?.see(evidence),
    input: (provider, input) => judges.get(provider)?.input(input),
    standing: (provider) => judges.get(provider)!.standing,
    tick(at) {
      const asks = [...judges].flatMap(([provider, judge]) =>
        judge.tick(at).map((ask) => ({ provider, ask, scope: "" })),
      );
      const changes = [...judges].flatMap(([provider, { standing }]): StandingChange[] => {
        const before = told.get(provider)!;
        if (before === standing) return [];
        told.set(provider, standing);
        return [{ provider, scope: "", from: before.state, standing }];
      });
      return { asks, changes };
    },
    latencies: (provider, at) => judges.get(provider)!.traffic.latencies(at),
  };
}
