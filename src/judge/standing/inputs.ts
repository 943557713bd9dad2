/**
 * All that can move a provider's standing. Detectors make the first group, time the second, operators the third.
 * `numbers` are the figures that a verdict will carry, named with their units; text in them is words of closed sets.
 */
export const INPUT_KINDS = [
  "silence",
  "silence-certain",
  "silence-refuted",
  "burst-missed",
  "burst-arrived",
  "partial-loss",
  "loss-ended",
  "account-refused",
  "account-suspended",
  "key-refused",
  "unreachable",
  "events-silent",
  "events-back",
  "contradiction",
  "breach-seen",
  "exonerated",
  "canaries-in-a-row",
  "untested",
  "time",
  "pin-off",
  "unpin",
  "release-quarantine",
] as const;
export type InputKind = (typeof INPUT_KINDS)[number];

export type Numbers = Readonly<Record<string, number | string>>;
export type Input =
  | { kind: Exclude<InputKind, "pin-off" | "unpin" | "release-quarantine">; at: number; numbers: Numbers }
  | { kind: "pin-off" | "unpin"; at: number; operator: string; why: string }
  /** Two people, after the keys were changed: neither can do it alone, and both together cannot forget the keys. */
  | {
      kind: "release-quarantine";
      at: number;
      operators: readonly [string, string];
      keysRotatedAt: number;
      why: string;
    };
