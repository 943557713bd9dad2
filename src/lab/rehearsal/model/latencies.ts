import type { Random } from "../../../kernel/index.ts";

/** How long mail takes while all is well: families with the same middle and other tails, ms. */
export type Latency =
  | { family: "log-normal"; medianMs: number; p95Ms: number }
  /** Shape below 1: a tail heavier than an exponential one's. */
  | { family: "weibull"; medianMs: number; shape: number }
  /** Most as one, the rest as another: greylisting, a slow pool of addresses. */
  | { family: "mixture"; most: Latency; rest: Latency; restShare: number };

const Z95 = 1.6449;

export function draw(latency: Latency, random: Random): number {
  switch (latency.family) {
    case "log-normal": {
      const sigma = Math.log(latency.p95Ms / latency.medianMs) / Z95;
      return latency.medianMs * Math.exp(sigma * normal(random));
    }
    case "weibull": {
      const scale = latency.medianMs / Math.LN2 ** (1 / latency.shape);
      return scale * exponential(1, random) ** (1 / latency.shape);
    }
    case "mixture":
      return draw(random.fraction() < latency.restShare ? latency.rest : latency.most, random);
    default:
      throw new Error(`no such latency: ${latency satisfies never}`);
  }
}

export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.fraction()));
  return radius * Math.cos(2 * Math.PI * random.fraction());
}

export const exponential = (mean: number, random: Random): number => -mean * Math.log(1 - random.fraction());

/** Beta(a, b) of two gammas (Jöhnk for small parameters is not needed: Marsaglia and Tsang, boosted below 1). */
export function beta(a: number, b: number, random: Random): number {
  const x = gamma(a, random);
  return x / (x + gamma(b, random));
}

function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random.fraction()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.fraction()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
