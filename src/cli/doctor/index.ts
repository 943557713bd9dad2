import type { Command } from "commander";
import { jsonText } from "../json.ts";
import { paintFor } from "../paint.ts";
import type { Act } from "../run.ts";
import { EXIT, print, textWidth } from "../world.ts";
import { examine } from "./examine.ts";
import { reportText } from "./report.ts";

export function addDoctor(program: Command, act: Act): void {
  const command = program
    .command("doctor")
    .summary("say what is wrong here, and what to do")
    .description(
      "Looks at the configuration, the data folder, the database and its durability, the clock, the ports, the providers (name, connection, TLS, EHLO; no login, no message), what they answered of late, the body key and the queue. Changes nothing. Exit code 0: nothing is wrong; 1: something is.",
    )
    .option("--json", "print JSON: { ok, checks: [{ name, state, sentence, next }] }")
    .addHelpText(
      "after",
      "\nExamples:\n  postern doctor\n  postern doctor --json | jq '.checks[] | select(.state == \"wrong\")'",
    );
  act(command, async (run, options: { json?: boolean }) => {
    const { out, environment } = run.world;
    const checks = await examine(run);
    const healthy = checks.every((check) => check.state !== "wrong");
    print(
      out,
      options.json
        ? jsonText({ ok: healthy, checks })
        : reportText(checks, textWidth(out), paintFor(out.isTerminal, environment)),
    );
    return healthy ? EXIT.fine : EXIT.failed;
  });
}
