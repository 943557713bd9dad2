import type { Command } from "commander";
import { Problem } from "../../kernel/index.ts";
import { type Report, readReport } from "../../mail/index.ts";
import type { Act } from "../run.ts";
import { EXIT, type World } from "../world.ts";
import { type Inspected, printInspected, readInput } from "./input-file.ts";

export function addInspectDsn(inspect: Command, act: Act): void {
  const command = inspect
    .command("dsn")
    .summary("bounces, delays, complaints, automatic answers")
    .description(
      "Reads messages that came back (RFC 3464, RFC 5965, RFC 3834, and the words of older mail systems). status is what happened: bounced, deferred, delivered, complained, autoresponded, or unknown; where recipients differ, the gravest.",
    )
    .argument("<file...>", "messages as RFC 5322 text; - is standard input")
    .addHelpText("after", "\nExit code: 0 all files were read (whatever they say), 1 not all.");
  act(command, async ({ world }, _options, files) => {
    let code: number = EXIT.fine;
    for (const file of files) {
      const line = await inspected(file, world);
      if (line.status === null) code = EXIT.failed;
      printInspected(world, line);
    }
    return code;
  });
}

async function inspected(file: string, world: World): Promise<Inspected> {
  try {
    const report = readReport(await readInput(file, world));
    return { file, status: statusOf(report), events: report.events, reason: report.reason };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { file, status: null, events: [], reason: error.publicMessage };
  }
}

const GRAVEST = ["complained", "bounced", "deferred", "delivered", "autoresponded"] as const;

const statusOf = ({ events }: Report): string =>
  GRAVEST.find((type) => events.some((event) => event.type === type)) ?? "unknown";
