import { type Assumed, LatencyModel, MINUTES_PER_YEAR, parametersFor } from "../../judge/index.ts";

/** What figures amount to at one rate of mail. */
export type Meaning = {
  suspectNats: number;
  downNats: number;
  /** For each loss, in the order of the assumed alternatives. */
  lossNats: number[];
  /** Reckoned: how soon a total loss is suspected, s, by customers' mail alone; null: not within an hour. */
  suspectedAfterS: number | null;
  /** Reckoned: how often a year chance makes a suspicion of nothing. */
  suspicionsPerYear: number;
};

const HOUR_S = 3_600;

/** Pure. Detection is reckoned with the latencies of the prior: what a new group of receivers would have. */
export function meaningOf(assumed: Assumed, perMinute: number): Meaning {
  const { suspectNats, downNats, losses } = parametersFor(perMinute, assumed);
  return {
    suspectNats,
    downNats,
    lossNats: losses.map(({ nats }) => nats),
    suspectedAfterS: suspectedAfter(assumed, perMinute, suspectNats),
    suspicionsPerYear: perMinute * MINUTES_PER_YEAR * Math.exp(-suspectNats),
  };
}

/** Λ(t) = λ ∫₀ᵗ −ln Ŝ(u) du, since what is lost from an instant on has ages spread evenly up to t. */
function suspectedAfter({ latency, neverConfirmed }: Assumed, perMinute: number, nats: number): number | null {
  const model = new LatencyModel({ ...latency, neverConfirmed }, 0);
  let sum = 0;
  for (let s = 0; s < HOUR_S; s += 1) {
    sum += (perMinute / 60) * -Math.log(model.survival(s * 1_000));
    if (sum >= nats) return s + 1;
  }
  return null;
}

export type Lowered = { provider: string; what: string; was: number; becomes: number };

/** A fifth: what nobody may take off a threshold alone. */
export const LOWERED_AT_MOST = 0.2;

/**
 * Thresholds that would fall by more than a fifth. Lower is jumpier: whoever wants mail to leave a provider could have it
 * so by a calibration, so a second person has to agree.
 */
export function loweredTooFar(before: Assumed, after: Assumed, perMinute: Readonly<Record<string, number>>): Lowered[] {
  return Object.entries(perMinute).flatMap(([provider, rate]) => {
    const [old, made] = [meaningOf(before, rate), meaningOf(after, rate)];
    const pairs: [string, number, number][] = [
      ["suspectNats", old.suspectNats, made.suspectNats],
      ["downNats", old.downNats, made.downNats],
      ...old.lossNats.map((was, n): [string, number, number] => [`lossNats[${n}]`, was, made.lossNats[n]!]),
    ];
    return pairs.flatMap(([what, was, becomes]) =>
      becomes < was * (1 - LOWERED_AT_MOST) ? [{ provider, what, was, becomes }] : [],
    );
  });
}
