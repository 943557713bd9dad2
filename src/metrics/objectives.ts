import { Gauge, type Registry } from "prom-client";

/** How promises are kept, how long mail took and where canaries went: the whole of it, each time. */
export type ObjectivesTold = {
  streams: readonly {
    tenant: string;
    stream: string;
    messageClass: string;
    withinS: number;
    target: number;
    /** 1: untouched, 0: spent, below: overspent. */
    budgetLeft: number;
    burn: readonly { window: string; rate: number }[];
    /** Over the objective's window: how much is decided, and how much of it was there in time. */
    counted: { good: number; total: number };
  }[];
  /** Of the last hour: of a stream (`provider` ""), or of what a provider took first. */
  latencies: readonly {
    tenant: string;
    stream: string;
    provider: string;
    until: string;
    quantile: string;
    seconds: number;
  }[];
  /** The oldest message that is due and waits, by class. */
  waits: readonly { messageClass: string; seconds: number }[];
  /** Of the last day. */
  placements: readonly { provider: string; receiver: string; result: string; count: number }[];
};

/** Gauges behind it. What is not told any more is gone: a node that leads no longer tells nothing. */
export function objectiveGauges(registry: Registry): (told: ObjectivesTold) => void {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name: `postern_${name}`, help, labelNames, registers: [registry] });
  const stream = ["tenant", "stream", "class"] as const;
  const target = gauge("objective_target", "Share of a stream's mail that is to be there in time.", stream);
  const within = gauge("objective_within_seconds", "Within which time.", stream);
  const budget = gauge(
    "error_budget_left",
    "What may still be late, as a share of all that may be; below 0: overspent.",
    stream,
  );
  const burn = gauge("burn_rate", "How fast an error budget is used up; 1 leaves nothing at the window's end.", [
    ...stream,
    "window",
  ]);
  const counted = gauge(
    "objective_messages",
    "Messages of an objective's window that are decided, by whether in time.",
    [...stream, "result"],
  );
  const latency = gauge(
    "latency_seconds",
    "From accept until handed off or confirmed, quantiles of the last hour: of a stream, or of what a provider took.",
    ["tenant", "stream", "provider", "until", "quantile"],
  );
  const placement = gauge("canary_placement", "Canaries of the last day by where they went.", [
    "provider",
    "receiver",
    "result",
  ]);
  const wait = gauge("queue_oldest_seconds", "How long the message waits that has been due longest.", ["class"]);
  return ({ streams, latencies, placements, waits }) => {
    for (const one of [target, within, budget, burn, counted, latency, placement, wait]) one.reset();
    for (const { messageClass, seconds } of waits) wait.set({ class: messageClass }, seconds);
    for (const one of streams) {
      const labels = { tenant: one.tenant, stream: one.stream, class: one.messageClass };
      target.set(labels, one.target);
      within.set(labels, one.withinS);
      budget.set(labels, one.budgetLeft);
      for (const { window, rate } of one.burn) burn.set({ ...labels, window }, rate);
      counted.set({ ...labels, result: "in-time" }, one.counted.good);
      counted.set({ ...labels, result: "late" }, one.counted.total - one.counted.good);
    }
    for (const { seconds, ...labels } of latencies) latency.set(labels, seconds);
    for (const { count, ...labels } of placements) placement.set(labels, count);
  };
}
