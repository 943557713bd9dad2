import { availableParallelism } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { run } from "node:test";
import { TEST_SERVER_VARIABLE, startTestServer } from "../test/support/test-server.ts";
import { SUITES, type Suite, testFiles } from "./test-files.ts";
import { report } from "./test-report.ts";

/**
 * Runs the tests: `npm test` the short suite, `npm run test:full` all of them; `npm test -- src/mail` only those there.
 * One PostgreSQL serves the whole run. FUZZ_RUNS says how many inputs a property gets.
 */
const ROOT = path.join(import.meta.dirname, "..");
const MINUTE_MS = 60_000;
/** Per test and per file. The crash suite kills processes for a long while. */
const TIMEOUT_MS: Record<Suite, number> = { short: 1.5 * MINUTE_MS, full: 60 * MINUTE_MS };
const FUZZ_RUNS: Record<Suite, string> = { short: "200", full: "10000" };
/** People run the short suite before every commit; a longer one would not be run. */
const SHORT_BOUND_MS = 3 * MINUTE_MS;

async function main(): Promise<void> {
  const [named = "short", ...only] = process.argv.slice(2);
  const suite = SUITES.find((one) => one === named);
  if (!suite) throw new Error(`usage: node scripts/test.ts ${SUITES.join("|")} [file or folder …]`);
  const files = testFiles(ROOT, suite, only);
  if (files.length === 0) throw new Error(`no tests in ${only.join(", ")} for the ${suite} suite`);

  const startedAt = performance.now();
  const { server, stop } = await startTestServer();
  process.env[TEST_SERVER_VARIABLE] = JSON.stringify(server);
  // Hundreds of processes load the same modules: what one has stripped and compiled, the others take from there.
  process.env["NODE_COMPILE_CACHE"] ??= path.join(ROOT, "node_modules/.cache/compiled");
  process.env["FUZZ_RUNS"] ??= FUZZ_RUNS[suite];
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());

  const events = run({
    files,
    concurrency: availableParallelism() + 1, // scenarios wait for leases and time-outs more than they work
    timeout: TIMEOUT_MS[suite],
    signal: interrupted.signal,
  });
  let success = true;
  /** A file that tells no result may have lost some: that is a failure, not silence. */
  const untold = new Set(files);
  events.on("test:summary", (summary) => {
    success &&= summary.success;
    if (summary.file !== undefined) untold.delete(summary.file);
  });
  for await (const text of Readable.from(report(ROOT, events))) process.stdout.write(text as string);
  await stop();
  for (const file of untold) process.stdout.write(`${path.relative(ROOT, file)} told no result; run it alone.\n`);
  if (untold.size > 0 && !interrupted.signal.aborted) success = false;

  const tookMs = performance.now() - startedAt;
  if (suite === "short" && only.length === 0 && tookMs > SHORT_BOUND_MS)
    process.stdout.write(
      `The short suite took ${Math.round(tookMs / 1000)} s; ${SHORT_BOUND_MS / 1000} s is its bound.\n`,
    );
  process.exitCode = success && !interrupted.signal.aborted ? 0 : 1;
}

await main();
