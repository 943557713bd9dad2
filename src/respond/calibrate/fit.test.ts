import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../../test/support/seeded-random.ts";
import { ASSUMED } from "../../judge/index.ts";
import { type PastHandOff, LEAST, correlationOf, fit, upperShare } from "./fit.ts";

const random = seededRandom(7);
const fraction = () => random.fraction();
const normal = (): number => Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction());

/** Gamma(a) for a small or large (Marsaglia and Tsang 2000). */
function gamma(a: number): number {
  if (a < 1) return gamma(a + 1) * (1 - fraction()) ** (1 / a);
  const d = a - 1 / 3;
  for (;;) {
    const x = normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - fraction()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
const beta = (a: number, b: number): number => {
  const x = gamma(a);
  return x / (x + gamma(b));
};

/** Ten messages a minute; each minute has a share of misses of its own, of mean `miss` and correlation `rho`. */
function history(minutes: number, { miss = 0.02, rho = 0, medianMs = 3_000, p95Ms = 12_000 } = {}): PastHandOff[] {
  const sigma = Math.log(p95Ms / medianMs) / 1.6449;
  const weight = rho === 0 ? null : 1 / rho - 1;
  return Array.from({ length: minutes }, (_, minute) => {
    const share = weight === null ? miss : beta(miss * weight, (1 - miss) * weight);
    return Array.from({ length: 10 }, (_each, n): PastHandOff => {
      const tookMs = fraction() < share ? null : medianMs * Math.exp(sigma * normal());
      return { provider: "harbour", group: "gmail", at: minute * 60_000 + n * 5_000, tookMs };
    });
  }).flat();
}
const figure = (handOffs: readonly PastHandOff[], name: string) =>
  fit({ handOffs, canaries: [] }, ASSUMED).figures.find((one) => one.name === name)!;

test("the correlation of misses that a world was made with is found again", () => {
  for (const rho of [0, 0.05, 0.2]) {
    const trials = history(6_000, { rho, miss: 0.1 }).map((one) => ({ ...one, missed: one.tookMs === null }));
    const found = correlationOf(trials);
    assert.ok(Math.abs(found.rho - rho) < 0.02, `ρ ${rho} was found as ${found.rho}`);
    assert.equal(found.batches, 6_000);
  }
});

test("usual latencies are found again, and the slowest group is what an unknown one is believed to be", () => {
  const slow = history(100, { medianMs: 8_000, p95Ms: 40_000 }).map((one) => ({ ...one, group: "gmx" }));
  const rare = history(10, { medianMs: 30_000, p95Ms: 300_000 }).map((one) => ({ ...one, group: "free" }));
  const { found, groups } = fit({ handOffs: [...history(1_000), ...slow, ...rare], canaries: [] }, ASSUMED);
  assert.ok(Math.abs(found.priorMedianMs! / 8_000 - 1) < 0.1, `${found.priorMedianMs}`);
  assert.ok(Math.abs(found.priorP95Ms! / 40_000 - 1) < 0.25, `${found.priorP95Ms}`);
  const gmail = groups.find(({ group }) => group === "gmail")!;
  assert.ok(Math.abs(gmail.medianMs / 3_000 - 1) < 0.05 && Math.abs(gmail.p95Ms / 12_000 - 1) < 0.08);
  assert.equal(
    groups.find(({ group }) => group === "free")!.messages < LEAST.latencies,
    true,
    "too few to be believed",
  );
});

test("shares are taken at the upper end of what they may be", () => {
  const handOffs = history(2_000, { miss: 0.01 });
  const never = figure(handOffs, "neverConfirmed").found!;
  const seen = handOffs.filter(({ tookMs }) => tookMs === null).length / handOffs.length;
  assert.ok(never > seen && never < seen + 0.003, `${never} of ${seen}`);
  assert.ok(figure(handOffs, "missAsUsual").found! >= never, "late ones are missed too");
  assert.ok(upperShare(0, 2_000) > 0.001 && upperShare(0, 2_000) < 0.0025);
});

test("too little behind a figure leaves what is assumed, and says what is wanting", () => {
  const few = fit({ handOffs: history(10), canaries: [] }, ASSUMED);
  assert.deepEqual(few.found, {});
  assert.match(few.figures[0]!.basis, /100 hand-offs; 2000 are needed/);
  assert.deepEqual(fit({ handOffs: [], canaries: [] }, ASSUMED).found, {});
  const quiet = figure(history(1_000, { miss: 0 }), "correlation");
  assert.equal(quiet.found, null);
  assert.match(quiet.basis, /misses; 40 are needed/);
});

test("what lies outside of its bounds is brought back, and told", () => {
  const never = figure(history(1_000, { miss: 0.3 }), "neverConfirmed");
  assert.deepEqual([never.found, never.bounded], [0.05, true]);
});

test("of a provider that never tells anything nothing is learned", () => {
  const mute = history(1_000).map((one) => ({ ...one, provider: "mute", tookMs: null }));
  const { found, perMinute } = fit({ handOffs: [...history(1_000, { miss: 0.005 }), ...mute], canaries: [] }, ASSUMED);
  assert.ok(found.neverConfirmed! < 0.01);
  assert.deepEqual(perMinute, { harbour: 10, mute: 10 });
});

test("canaries have a correlation of their own", () => {
  const canaries = history(4_000, { rho: 0.1, miss: 0.1 }).map(({ provider, at, tookMs }) => ({
    provider,
    at,
    missed: tookMs === null,
  }));
  const { found } = fit({ handOffs: [], canaries }, ASSUMED);
  assert.ok(Math.abs(found.canaryCorrelation! - 0.1) < 0.02);
});
