import { z } from "zod";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../kernel/index.ts";
import { MESSAGE_CLASSES, type MessageClass } from "../mail/index.ts";
import { unknownName } from "./check-tenants.ts";
import type { Settings } from "./settings.ts";
import { duration, durationText, name, number, oneOf } from "./values.ts";

type Say = (path: PropertyKey[], sentence: string) => void;

/** What is promised of a stream: this share of its mail is there within this time. */
export type Objective = {
  withinMs: number;
  /** 0.99: of a hundred messages one may come late. */
  target: number;
  /** The time over which the share is taken; what may be late in it is the error budget. */
  windowMs: number;
};
export type ObjectiveSettings = Objective & {
  /** Null: of all tenants. */
  tenant: string | null;
} & ({ stream: string; class: null } | { stream: null; class: MessageClass });
export type SloSettings = { objectives: ObjectiveSettings[] };

/**
 * Times that mail is counted against. An objective's `within` is one of them, so that what is within it is counted and
 * never estimated.
 */
export const EDGES_MS = [
  ...[1, 2, 5, 10, 15, 20, 30, 45].map((s) => s * SECOND_MS),
  ...[1, 1.5, 2, 3, 5, 10, 15, 30].map((m) => m * MINUTE_MS),
  ...[1, 2, 6, 12].map((h) => h * HOUR_MS),
] as const;

/** A month: what people mean by "usually". */
const WINDOW_MS = 30 * DAY_MS;

/**
 * Promised where nobody says otherwise. Healthy mail is confirmed after 3 s in the median and 12 s in 95 of 100, and of one in 200 nobody
 * ever hears: a target of 0.99 leaves half of its budget for what goes wrong. A secret is waited for; a receipt is not.
 */
export const DEFAULT_OBJECTIVES: Readonly<Record<MessageClass, Objective>> = {
  C0: { withinMs: MINUTE_MS, target: 0.99, windowMs: WINDOW_MS },
  C1: { withinMs: 2 * MINUTE_MS, target: 0.99, windowMs: WINDOW_MS },
  C2: { withinMs: 5 * MINUTE_MS, target: 0.99, windowMs: WINDOW_MS },
  C3: { withinMs: HOUR_MS, target: 0.98, windowMs: WINDOW_MS },
  C4: { withinMs: 6 * HOUR_MS, target: 0.95, windowMs: WINDOW_MS },
};

/** Above 99.99 % a month has no budget for a single fault of a minute, and hour sums are kept for 100 days. */
const TARGET_BOUNDS = [0.5, 0.9999] as const;
const WINDOW_BOUNDS = [DAY_MS, 90 * DAY_MS] as const;

export const sloShape = z.strictObject({
  objectives: z
    .array(
      z.strictObject({
        tenant: name.optional(),
        stream: name.optional(),
        class: oneOf(MESSAGE_CLASSES).optional(),
        within: duration([EDGES_MS[0]!, EDGES_MS.at(-1)!]),
        target: number(TARGET_BOUNDS),
        window: duration(WINDOW_BOUNDS).optional(),
      }),
    )
    .optional(),
});
type FileSlo = z.infer<typeof sloShape>;

export const buildSlo = (file: FileSlo | undefined): SloSettings => ({
  objectives: (file?.objectives ?? []).map((one) => ({
    tenant: one.tenant ?? null,
    // Which of the two is there is checked below, once the whole is known.
    ...(one.stream === undefined ? { stream: null, class: one.class ?? "C0" } : { stream: one.stream, class: null }),
    withinMs: one.within,
    target: one.target,
    windowMs: one.window ?? WINDOW_MS,
  })),
});

/** What involves more than one value. */
export function checkSlo({ slo, tenants }: Settings, file: FileSlo | undefined, say: Say): void {
  const owned = tenants.map((one) => one.name);
  const seen = new Set<string>();
  slo.objectives.forEach((one, n) => {
    const at = ["slo", "objectives", n];
    const given = file?.objectives?.[n];
    if ((given?.stream === undefined) === (given?.class === undefined))
      say(at, "must name either a stream or a class.");
    if (!(EDGES_MS as readonly number[]).includes(one.withinMs))
      say(
        [...at, "within"],
        `must be one of ${EDGES_MS.map(durationText).join(", ")}; it says ${durationText(one.withinMs)}.`,
      );
    const tenant = tenants.find((each) => each.name === one.tenant);
    if (one.tenant !== null && !tenant) say([...at, "tenant"], unknownName(one.tenant, owned, "tenant"));
    if (one.stream !== null) {
      const streams = (tenant?.streams ?? []).map((each) => each.name);
      if (one.tenant === null) say([...at, "tenant"], "is missing: a stream belongs to a tenant.");
      else if (tenant && !streams.includes(one.stream))
        say([...at, "stream"], unknownName(one.stream, streams, "stream"));
    }
    const key = `${one.tenant} ${one.stream ?? one.class}`;
    if (seen.has(key)) say(at, "is there twice: one objective for the same mail.");
    seen.add(key);
  });
}
