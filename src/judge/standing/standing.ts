import type { MessageClass } from "../../mail/index.ts";
import type { InputKind, Numbers } from "./inputs.ts";

export const STATES = ["HEALTHY", "SUSPECT", "DOWN", "PROBING", "EVENTS_DARK", "QUARANTINED", "PINNED_OFF"] as const;
export type State = (typeof STATES)[number];

/** No customers' mail goes through it while another way is left. */
export const isWithdrawn = (state: State): boolean =>
  state === "DOWN" || state === "QUARANTINED" || state === "PINNED_OFF";
/** Others carry its mail, or a part of it. */
export const hasStandIns = (state: State): boolean => isWithdrawn(state) || state === "PROBING";

/** Why it stands as it does: what moved it there, the numbers, and the sentence that the page shows. */
export type Because = { kind: InputKind | "start"; numbers: Numbers; sentence: string };

/** How a provider (or one stream through it) stands. A value: a step makes a new one. */
export type Standing = {
  state: State;
  since: number;
  because: Because;
  /** DOWN lasts at least this long. */
  dwellMs: number;
  /** When it last came back to HEALTHY after a trial, for the dwell to shrink again; null where it never was down. */
  healthyAt: number | null;
  /** Of the last hour, for the limit of switches. */
  downsAt: readonly number[];
  /** Step of the ramp while PROBING. */
  step: number;
  stepAt: number;
  /** While SUSPECT: by then an unrefuted refusal of the account is a verdict. */
  verdictAt: number | null;
};

export const healthy = (at: number, dwellMs: number): Standing => ({
  state: "HEALTHY",
  since: at,
  because: { kind: "start", numbers: {}, sentence: "Nothing speaks against it." },
  dwellMs,
  healthyAt: null,
  downsAt: [],
  step: 0,
  stepAt: at,
  verdictAt: null,
});

/**
 * The way back: which share of which classes may use it, step by step. What can wait comes first; secrets and bulk
 * come only with HEALTHY (a secret cannot be tried out, and bulk would be the greatest load on the least trusted).
 */
export const RAMP: readonly { share: number; classes: readonly MessageClass[] }[] = [
  { share: 0.01, classes: ["C3"] },
  { share: 0.1, classes: ["C3", "C2"] },
  { share: 0.5, classes: ["C3", "C2", "C1"] },
  { share: 1, classes: ["C3", "C2", "C1"] },
];

/**
 * May a message of this class go here? `share`: of the class, by the message's own number. `avoid`: only where no
 * provider that says `yes` is left. `no`: not at all.
 */
export type Use = { use: "yes" } | { use: "avoid" } | { use: "no" } | { use: "share"; share: number };

export function useOf(standing: Standing, messageClass: MessageClass): Use {
  switch (standing.state) {
    case "HEALTHY":
      return { use: "yes" };
    case "EVENTS_DARK":
      // Never a failover: mail flows. Secrets prefer a provider whose loss would be seen at once.
      return messageClass === "C0" ? { use: "avoid" } : { use: "yes" };
    case "SUSPECT":
      return { use: movedAway(standing).includes(messageClass) ? "avoid" : "yes" };
    case "PROBING": {
      const { share, classes } = RAMP[standing.step]!;
      if (classes.includes(messageClass)) return { use: "share", share };
      // Where every other provider is down, one on trial is better than none; a secret or bulk still waits.
      return messageClass === "C0" || messageClass === "C4" ? { use: "no" } : { use: "avoid" };
    }
    case "DOWN":
    case "QUARANTINED":
    case "PINNED_OFF":
      return { use: "no" };
    default:
      throw new Error(`no such state: ${standing.state satisfies never}`);
  }
}

/** A partial loss does not end by itself within seconds as a doubt does: notices move too, routine mail stays. */
const movedAway = (standing: Standing): readonly MessageClass[] =>
  standing.because.kind === "partial-loss" ? ["C0", "C1"] : ["C0"];
