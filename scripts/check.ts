import { spawn } from "node:child_process";
import path from "node:path";
import { styleText } from "node:util";
import { ROOT } from "./findings.ts";

/**
 * `npm run check`: everything that can be said of the code without running it. All checks run, each says one line;
 * what a failed one found stands below. Ends with 1 where any failed.
 */
const tool = (name: string, ...args: string[]) => [path.join(ROOT, "node_modules/.bin", name), ...args];
const script = (name: string) => [process.execPath, path.join(ROOT, "scripts", name)];

const CHECKS: readonly { name: string; command: readonly string[] }[] = [
  { name: "types", command: tool("tsc", "--noEmit", "-p", ".") },
  { name: "lint", command: tool("oxlint", "--deny-warnings") },
  { name: "format", command: tool("oxfmt", "--check", "src", "test", "scripts", "bench") },
  { name: "layers", command: script("check-layers.ts") },
  { name: "tidy", command: script("check-tidy.ts") },
  { name: "rfc", command: script("check-rfc.ts") },
  { name: "dead code", command: tool("knip", "--no-progress") },
];

type Result = { code: number; output: string; seconds: number };

function runCommand([program, ...args]: readonly string[]): Promise<Result> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const child = spawn(program!, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    const end = (code: number, extra = "") =>
      resolve({
        code,
        output: Buffer.concat(chunks).toString("utf8") + extra,
        seconds: (performance.now() - startedAt) / 1000,
      });
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => end(1, `${error.message}. Run npm ci.`));
    child.on("close", (code) => end(code ?? 1));
  });
}

// Side by side, told in their order.
const running = CHECKS.map((check) => ({ name: check.name, result: runCommand(check.command) }));
const failed: { name: string; output: string }[] = [];
for (const { name, result } of running) {
  const { code, output, seconds } = await result;
  const mark = code === 0 ? styleText("green", "✓") : styleText("red", "✗");
  process.stdout.write(`${mark} ${name.padEnd(9)} ${seconds.toFixed(1)} s\n`);
  if (code !== 0) failed.push({ name, output });
}
for (const { name, output } of failed)
  process.stdout.write(`\n${styleText("red", `✗ ${name}`)}\n${output.trimEnd()}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
