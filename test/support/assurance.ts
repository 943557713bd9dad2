import type { Assurance, Counted, Point } from "../../src/slo/index.ts";

const AT = Date.UTC(2022, 7, 8, 19, 30);
const quantiles = { p50: 800, p95: 4_200, p99: null };
const COUNTED: Counted = {
  accepted: 100,
  handedOff: 100,
  confirmed: 98,
  failed: 1,
  expired: 0,
  latencies: { handedOff: quantiles, confirmed: quantiles, leg: quantiles },
};
const POINT: Point = { at: AT, accepted: 2, there: 1, inTime: 1, p50: 800, p95: null };
const measured = { hour: COUNTED, day: COUNTED, minutes: [POINT], hours: [{ ...POINT, inTime: null }] };
const share = { good: 98, total: 100 };
const burn = { "5m": 0, "30m": 0.4, "1h": 2, "6h": 2, "3d": 2 };
const recent = { "5m": share, "30m": share, "1h": share, "6h": share, "3d": share };
const kept = { share, budgetLeft: -1, recent, burn };

/** How one tenant's mail fares: one stream, through one provider that is down. */
export const ASSURANCE: Assurance = {
  at: AT,
  countedAt: AT - 60_000,
  streams: [
    {
      tenant: "acme",
      stream: "alerts",
      class: "C2",
      objective: { withinMs: 60_000, target: 0.99, windowMs: 30 * 86_400_000 },
      ...measured,
      kept: { ...kept, alarm: { long: "3d", short: "6h", rate: 1, severity: "ticket" } },
      providers: [{ provider: "harbour", kept, day: COUNTED }],
    },
  ],
  providers: [
    {
      provider: "harbour",
      standing: {
        state: "DOWN",
        since: AT,
        because: { kind: "silence", numbers: {}, sentence: "ada@operators.example wrote this" },
        dwellMs: 1,
        healthyAt: null,
        downsAt: [],
        step: 0,
        stepAt: AT,
        verdictAt: null,
      },
      states: [
        { from: AT - 86_400_000, state: "HEALTHY" },
        { from: AT, state: "DOWN" },
      ],
      streams: [],
      ...measured,
      canaries: [
        {
          provider: "harbour",
          receiver: "own",
          own: true,
          sent: 10,
          arrived: 8,
          spam: 0,
          late: 1,
          altered: 0,
          missed: 1,
          refused: 0,
          p50: 900,
          p95: null,
        },
      ],
    },
  ],
};
