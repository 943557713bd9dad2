/**
 * What a template may take. Work is counted in steps, not read from a clock: a refusal is then the same on every machine
 * and under every load. All steps of the dearest templates of the fuzz test take 5 to 25 ms on two shared cores
 * (test/fuzz/templates.test.ts), so 50 ms hold with room.
 */
export const TEMPLATE_BOUNDS = {
  /** Of one part (html, text or subject), in UTF-8. */
  sourceBytes: 64 * 1024,
  subjectBytes: 2_000,
  nodes: 10_000,
  /** Blocks in blocks. */
  depth: 32,
  /** Calls in calls: `(and (equals a b) c)`. */
  callDepth: 8,
  callArguments: 16,
  pathSteps: 32,
  /** Characters of one rendered part. A mail above 102 KB is cut by the largest reader. */
  outputCharacters: 1024 * 1024,
  /** One per node, per step of a path, per item gone through, and per 16 characters of a value looked at. */
  steps: 100_000,
  /** Told at once. */
  problems: 20,
} as const;
