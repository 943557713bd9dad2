import type { Command } from "commander";
import type { Act } from "../run.ts";
import { addFault } from "./fault.ts";
import { addInsider } from "./insider.ts";
import { addLabStatus } from "./status.ts";

/** The lab's providers from the command line: what they do now, how they shall fail, what an intruder would do. */
export function addLab(program: Command, act: Act): void {
  const lab = program
    .command("lab")
    .summary("make the lab's providers fail, and look into their accounts")
    .description(
      "Works on a lab that runs: the one of this folder, or that of --server. Its providers are servers on this machine that speak SMTP or a vendor's API; each can fail in the ways its vendor is known for.",
    )
    .addHelpText(
      "after",
      `
Examples:
  postern lab status
  postern lab fault mandrill suspended --variant account-suspended
  postern lab fault sendgrid webhooks --variant forged
  postern lab fault harbour hanging
  postern lab release mandrill
  postern lab insider mandrill export-recipients`,
    );
  for (const add of [addLabStatus, addFault, addInsider]) add(lab, act);
}
