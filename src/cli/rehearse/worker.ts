import { startApp } from "../../app.ts";
import { causeText } from "../../kernel/index.ts";
import { SCENARIOS, type Stage, ownDatabase, runSeed } from "../../lab/rehearsal/index.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/** One process of a rehearsal: runs one seed after the other, as it is told, on a database of its own. */
let stage: Stage | null = null;

const say = (message: FromWorker): void => void process.send!(message);

async function hear(message: ToWorker): Promise<void> {
  if (message.kind === "begin") {
    stage = { startApp, target: await ownDatabase(message.server, `rehearsal_${message.worker}`) };
    return say({ kind: "ready" });
  }
  const scenario = SCENARIOS.find(({ name }) => name === message.scenario)!;
  say({ kind: "ran", ran: await runSeed(scenario, message.seed, stage!) });
}

/** Where it was thrown, in our own files: whoever looks for the fault begins there. */
function placeOf(error: unknown): string {
  const line = error instanceof Error ? error.stack?.split("\n").find((one) => /\/src\//.test(one)) : undefined;
  return line === undefined ? "" : `, ${line.trim().replace(/file:\/\/.*?\/src\//, "src/")}`;
}

process.on("message", (message: ToWorker) => {
  hear(message).catch((error: unknown) => say({ kind: "failed", sentence: `${causeText(error)}${placeOf(error)}` }));
});
process.on("disconnect", () => process.exit(0)); // whoever asked is gone
