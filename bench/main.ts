import path from "node:path";
import { spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { UsageMistake } from "./relay/options.ts";

/**
 * `npm run -s bench -- NAME [options]`. Each bench is a module of the table; a part is a program of bench/parts that
 * measures one piece alone.
 */
type Bench = { summary: string; help: string; run(words: readonly string[]): Promise<number> };

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  relay: () => import("./relay/relay.ts"),
  backlog: () => import("./backlog/backlog.ts"),
  growth: () => import("./growth/growth.ts"),
  judge: () => import("./judge/judge.ts"),
  adapters: () => import("./adapters/adapters.ts"),
  failover: () => import("./failover/failover.ts"),
};
const PARTS = path.join(import.meta.dirname, "parts");

async function main([name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(`${await overview()}\n`);
    return name === undefined ? 2 : 0;
  }
  if (name === "part") return runPart(words);
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (!load) throw new UsageMistake(`There is no bench named ${name}; bench --help lists them.`);
  const bench = await load();
  if (words.includes("--help") || words.includes("-h")) {
    process.stdout.write(`${bench.help}\n`);
    return 0;
  }
  if (process.platform !== "linux")
    throw new UsageMistake(
      `bench ${name} reads CPU and memory from /proc, which only Linux has; bench part NAME works here.`,
    );
  return bench.run(words);
}

async function overview(): Promise<string> {
  const benches = await Promise.all(
    Object.entries(BENCHES).map(async ([name, load]) => `  ${name.padEnd(10)} ${(await load()).summary}`),
  );
  return [
    "npm run -s bench -- NAME [options]",
    "",
    ...benches,
    `  ${"part NAME".padEnd(10)} one piece alone: ${partNames().join(", ")}`,
    "",
    "bench NAME --help tells the options; bench/README.md what each measures, how, and what it is not.",
  ].join("\n");
}

/** Programs of their own, not modules: those that others start as a far end are none. */
const partNames = (): string[] =>
  globSync("*.ts", { cwd: PARTS })
    .map((file) => file.replace(/\.ts$/, ""))
    .filter((name) => !name.endsWith("-sink") && !name.endsWith(".test"))
    .toSorted();

function runPart([name, ...words]: readonly string[]): Promise<number> {
  const file = path.join(PARTS, `${name}.ts`);
  if (name === undefined || !/^[\w-]+$/.test(name) || !existsSync(file))
    throw new UsageMistake(`bench part NAME: one of ${partNames().join(", ")}.`);
  const child = spawn(process.execPath, [file, ...words], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const text = error instanceof UsageMistake ? error.message : (error as Error).stack;
  process.stderr.write(`bench: ${text}\n`);
  process.exitCode = error instanceof UsageMistake ? 2 : 1;
}
