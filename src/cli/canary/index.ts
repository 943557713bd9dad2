import type { Command } from "commander";
import type { Act } from "../run.ts";
import { addCanaryList } from "./list.ts";

export function addCanary(program: Command, act: Act): void {
  const canary = program
    .command("canary")
    .summary("probe messages through every provider, and what was found of them")
    .description(
      "Postern sends mail to receivers of its own through every provider and looks at what arrives. Works beside a running Postern on the same data. What findings mean: docs/canaries.md.",
    )
    .addHelpText(
      "after",
      `
Examples:
  postern canary list
  postern canary list --provider mandrill --altered
  postern canary list --sign-ups`,
    );
  addCanaryList(canary, act);
}
