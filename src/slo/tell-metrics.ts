import type { Metrics } from "../metrics/index.ts";
import type { Assurance, Counted } from "./assurance.ts";
import { WINDOWS } from "./burn.ts";

/** Gauges of the present state: told anew each minute, by the node that leads. */
export function tellAssurance(
  metrics: Metrics,
  { streams, providers }: Assurance,
  waits: readonly { messageClass: string; seconds: number }[],
): void {
  metrics.objectives({
    waits,
    streams: streams.map(({ tenant, stream, class: messageClass, objective, kept }) => ({
      tenant,
      stream,
      messageClass,
      withinS: objective.withinMs / 1_000,
      target: objective.target,
      budgetLeft: kept.budgetLeft,
      burn: WINDOWS.map((window) => ({ window, rate: kept.burn[window] })),
      counted: { ...kept.share },
    })),
    latencies: [
      ...streams.flatMap(({ tenant, stream, hour }) =>
        latencies(hour).map((one) => ({ tenant, stream, provider: "", ...one })),
      ),
      ...providers.flatMap(({ provider, hour }) =>
        latencies(hour).map((one) => ({ tenant: "", stream: "", provider, ...one })),
      ),
    ],
    placements: providers.flatMap(({ canaries }) =>
      canaries.flatMap(({ provider, receiver, arrived, spam, late, altered, missed, refused }) =>
        Object.entries({ arrived, spam, late, altered, missed, refused }).map(([result, count]) => ({
          provider,
          receiver,
          result,
          count,
        })),
      ),
    ),
  });
}

const QUANTILES = { p50: "0.5", p95: "0.95", p99: "0.99" } as const;

function latencies({ latencies: { handedOff, confirmed } }: Counted) {
  return (
    [
      ["handed-off", handedOff],
      ["confirmed", confirmed],
    ] as const
  ).flatMap(([until, times]) =>
    (["p50", "p95", "p99"] as const).flatMap((name) => {
      const ms = times[name];
      return ms === null ? [] : [{ until, quantile: QUANTILES[name], seconds: ms / 1_000 }];
    }),
  );
}
