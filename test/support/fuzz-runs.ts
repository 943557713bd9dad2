/** Inputs per property: FUZZ_RUNS of the environment (scripts/test.ts sets more for the full run), times `share` where one costs more. */
export const fuzzRuns = (share = 1): number =>
  Math.max(10, Math.round(Number(process.env["FUZZ_RUNS"] ?? 200) * share));
