import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { runPostern } from "../../src/cli/index.ts";
import { type Clock, systemClock, systemRandom } from "../../src/kernel/index.ts";

export type Ran = { code: number; out: string; err: string };
export type CommandLine = {
  /** Runs one command inside this process. */
  run(words: readonly string[], parts?: { input?: string; columns?: number; clock?: Clock }): Promise<Ran>;
  /** Where the commands believe they are; empty but for what the lab makes. */
  folder: string;
  close(): void;
};

/** The command line in a scratch folder, with what it prints. For what needs a process of its own: test/cli. */
export function commandLine(environment: Readonly<Record<string, string>>): CommandLine {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-command-"));
  return {
    folder,
    async run(words, { input = "", columns = 80, clock = systemClock } = {}) {
      const written = { out: "", err: "" };
      const screen = (name: "out" | "err") => ({
        write: (text: string) => void (written[name] += text),
        isTerminal: false,
        columns,
        descriptor: 2,
      });
      const code = await runPostern(words, {
        environment,
        cwd: folder,
        clock,
        random: systemRandom,
        out: screen("out"),
        err: screen("err"),
        input: Readable.from([Buffer.from(input)]),
        onSignal: () => {},
        exitNow: (early) => {
          throw new Error(`ended at once with ${early}`);
        },
      });
      return { code, ...written };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
