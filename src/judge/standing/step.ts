import { HOUR_MS } from "../../kernel/index.ts";
import type { Assumed } from "../parameters.ts";
import type { Input, InputKind, Numbers } from "./inputs.ts";
import { sentenceFor } from "./sentences.ts";
import { RAMP, type Standing } from "./standing.ts";
import { type Guard, TRANSITIONS } from "./transitions.ts";

/** Bounds of the machine in time; parameters.ts has their values and reasons. */
export type Pace = Pick<Assumed, "dwell" | "probing" | "downsPerHour" | "refusalDeadlineMs">;

/**
 * One step: the same standing (identical) where the input changes nothing, a new one where it does. Verdicts are made
 * nowhere else.
 */
export function afterInput(standing: Standing, input: Input, pace: Pace): Standing {
  const rule = TRANSITIONS[standing.state][input.kind];
  if (rule === null || !holds(rule.when, standing, input, pace)) return standing;
  if (rule.when === "step-over" && standing.step < RAMP.length - 1)
    return { ...standing, step: standing.step + 1, stepAt: input.at };
  switch (rule.to) {
    case "DOWN":
      return down(standing, input, pace);
    case "HEALTHY":
      return {
        ...moved(standing, input, "HEALTHY"),
        healthyAt: standing.state === "PROBING" ? input.at : standing.healthyAt,
      };
    case "PROBING":
      return moved(standing, input, "PROBING");
    case "SUSPECT":
      return {
        ...moved(standing, input, "SUSPECT"),
        verdictAt: input.kind === "account-refused" ? input.at + pace.refusalDeadlineMs : null,
      };
    case "EVENTS_DARK":
    case "QUARANTINED":
    case "PINNED_OFF":
      return moved(standing, input, rule.to);
    default:
      throw new Error(`no such state: ${rule.to satisfies never}`);
  }
}

const SILENCE: ReadonlySet<string> = new Set<InputKind>(["silence", "silence-certain", "burst-missed"]);

/** A clean status page takes the deadline away, not the suspicion: a second refusal still convicts. */
export const statusIsClean = (standing: Standing): Standing =>
  standing.verdictAt === null ? standing : { ...standing, verdictAt: null };

function holds(guard: Guard | undefined, standing: Standing, input: Input, pace: Pace): boolean {
  const waited = input.at - standing.since;
  switch (guard) {
    case undefined:
      return true;
    case "not-partial":
      return standing.because.kind !== "partial-loss";
    case "only-partial":
      return standing.because.kind === "partial-loss";
    case "not-account":
      return standing.because.kind !== "account-refused" && standing.because.kind !== input.kind;
    case "only-silence":
      return SILENCE.has(standing.because.kind);
    case "dwell-over":
      return waited >= standing.dwellMs;
    case "step-over":
      return input.at - standing.stepAt >= pace.probing.stepMs;
    case "deadline-over":
      return standing.verdictAt !== null && input.at >= standing.verdictAt;
    case "two-people":
      return (
        input.kind === "release-quarantine" &&
        input.operators[0] !== input.operators[1] &&
        input.operators.every((name) => name.trim() !== "") &&
        input.keysRotatedAt > standing.since &&
        input.keysRotatedAt <= input.at
      );
    default:
      throw new Error(`no such guard: ${guard satisfies never}`);
  }
}

function moved(standing: Standing, input: Input, state: Standing["state"]): Standing {
  const numbers: Numbers = "numbers" in input ? input.numbers : {};
  const because = { kind: input.kind, numbers, sentence: sentenceFor(input, state) };
  return { ...standing, state, since: input.at, because, step: 0, stepAt: input.at, verdictAt: null };
}

/**
 * DOWN, for twice as long as the last time unless it was HEALTHY for a whole longest dwell since; or PINNED_OFF if it
 * went down too often within an hour, for swinging the traffic to and fro does more harm than a standby.
 */
function down(standing: Standing, input: Input, pace: Pace): Standing {
  if (standing.state === "QUARANTINED")
    return { ...moved(standing, input, "DOWN"), dwellMs: pace.dwell.firstMs, downsAt: [] };
  const downsAt = [...standing.downsAt.filter((at) => at > input.at - HOUR_MS), input.at];
  if (downsAt.length > pace.downsPerHour) {
    const pinned = moved(standing, input, "PINNED_OFF");
    const numbers = { ...pinned.because.numbers, downsInAnHour: downsAt.length };
    const sentence = `It went down ${downsAt.length} times within an hour. ${pinned.because.sentence}`;
    return { ...pinned, because: { ...pinned.because, numbers, sentence }, downsAt: [] };
  }
  const trusted =
    standing.state !== "PROBING" && (standing.healthyAt === null || input.at - standing.healthyAt >= pace.dwell.mostMs);
  const dwellMs = trusted ? pace.dwell.firstMs : Math.min(pace.dwell.mostMs, standing.dwellMs * 2);
  return { ...moved(standing, input, "DOWN"), dwellMs, downsAt };
}
