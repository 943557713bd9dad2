import { spawn } from "node:child_process";
import { constants } from "node:os";
import path from "node:path";
import type { Command } from "commander";
import type { Act } from "./run.ts";
import type { World } from "./world.ts";

const BENCH = path.join(import.meta.dirname, "../../bench/main.ts");

export function addBench(program: Command, act: Act): void {
  const command = program
    .command("bench")
    .summary("measure Postern and other mail systems on this machine")
    .description("Runs a benchmark of bench/; all words after the name go to it.")
    .argument("[words...]", "name of the benchmark and its options")
    .allowUnknownOption()
    .helpOption(false)
    .addHelpText("after", "\nExample:\n  postern bench relay --json");
  act(command, ({ world }, _options: object, words) => runBench(words, world));
}

/** The same Node.js, the same terminal; signals go on to it and its exit code is ours. */
function runBench(words: readonly string[], world: World): Promise<number> {
  const child = spawn(process.execPath, [BENCH, ...words], {
    stdio: "inherit",
    cwd: world.cwd,
    env: world.environment,
  });
  world.onSignal((signal) => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal!]));
  });
}
