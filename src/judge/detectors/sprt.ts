/**
 * Wald's sequential test of one question, "is the share of misses q₁ rather than q₀?", for where we test on purpose
 * (probing, drills): it ends by itself, as early as the evidence allows. A CUSUM never ends.
 * Wald 1945: A = ln((1−β)/α), B = ln(β/(1−α)).
 */
export type SprtPlan = {
  missAsUsual: number;
  missUnderTest: number;
  /** α: says "lossy" of a healthy one. β: says "healthy" of a lossy one. */
  falseAlarm: number;
  overlooked: number;
};
export type SprtAnswer = "undecided" | "healthy" | "lossy";
export type Sprt = { nats: number; trials: number; answer: SprtAnswer };

export const newSprt = (): Sprt => ({ nats: 0, trials: 0, answer: "undecided" });

/** Once answered, later trials change nothing: the promise about α and β holds for the first answer only. */
export function afterTrial(test: Sprt, missed: boolean, plan: SprtPlan): Sprt {
  if (test.answer !== "undecided") return test;
  const nats = test.nats + weightOf(missed, plan);
  const { lossyAt, healthyAt } = bounds(plan);
  return {
    nats,
    trials: test.trials + 1,
    answer: nats >= lossyAt ? "lossy" : nats <= healthyAt ? "healthy" : "undecided",
  };
}

const weightOf = (missed: boolean, { missAsUsual, missUnderTest }: SprtPlan): number =>
  missed ? Math.log(missUnderTest / missAsUsual) : Math.log((1 - missUnderTest) / (1 - missAsUsual));

export const bounds = ({ falseAlarm, overlooked }: SprtPlan): { lossyAt: number; healthyAt: number } => ({
  lossyAt: Math.log((1 - overlooked) / falseAlarm),
  healthyAt: Math.log(overlooked / (1 - falseAlarm)),
});

/** KL(a‖b) of two coins, in nats: what one message tells of a share of misses a, against b. */
export function divergence(a: number, b: number): number {
  const part = (x: number, y: number) => (x === 0 ? 0 : x * Math.log(x / y));
  return part(a, b) + part(1 - a, 1 - b);
}

/** E₁[N] ≈ ((1−β)A + βB) ÷ KL(q₁‖q₀): messages such a test needs where there is a loss. */
export function trialsExpected(plan: SprtPlan): number {
  const { lossyAt, healthyAt } = bounds(plan);
  const nats = (1 - plan.overlooked) * lossyAt + plan.overlooked * healthyAt;
  return nats / divergence(plan.missUnderTest, plan.missAsUsual);
}
