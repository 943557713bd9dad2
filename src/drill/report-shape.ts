import { z } from "zod";

/** Messages of one class through one provider within a window; latency from accept to the provider's answer, ms. */
const FLOW = z.object({
  provider: z.string(),
  class: z.string(),
  accepted: z.number(),
  deferred: z.number(),
  rejected: z.number(),
  held: z.number(),
  unknown: z.number(),
});
const WINDOW = z.object({
  fromAt: z.number(),
  toAt: z.number(),
  flows: z.array(FLOW),
  /** From accept until a provider took it, ms; null: nothing was handed off. */
  handoffMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
  /** From accept until it was reported at its receiver, ms; null: nobody reports. */
  deliveryMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
});
export const REPORT = z.object({
  before: WINDOW,
  during: WINDOW,
  after: WINDOW,
  /** From the start until the first message went elsewhere because of it; null: none did. */
  firstElsewhereMs: z.number().nullable(),
  /** From the start until the last message that should have moved still went through it; null: none did. */
  lastThroughItMs: z.number().nullable(),
  /** Messages that still went through it during the drill though they should have moved: nobody else could take them. */
  throughItAllTheSame: z.number(),
  /** From its end until the first message went through it again; null: none yet. */
  backMs: z.number().nullable(),
  /** Messages that two providers took. */
  twice: z.number(),
  /** Messages a bucket, all windows one after another: through it, and through the others. */
  chart: z.object({ fromAt: z.number(), toAt: z.number(), it: z.array(z.number()), others: z.array(z.number()) }),
});

export type Flow = z.infer<typeof FLOW>;
export type ReportWindow = z.infer<typeof WINDOW>;
/** What a drill moved, how fast, and what it cost. */
export type DrillReport = z.infer<typeof REPORT>;
