import type { Command } from "commander";
import { migrate, readMigrations } from "../store/index.ts";
import { commandLog } from "./command-log.ts";
import { withStore } from "./open-store.ts";
import type { Act } from "./run.ts";
import { plural } from "./when.ts";
import { EXIT, print } from "./world.ts";

export function addMigrate(program: Command, act: Act): void {
  const command = program
    .command("migrate")
    .summary("bring the database up to date")
    .description(
      "Applies the migrations the database does not have yet, all of them or none. `serve` does the same at its start; run this before it where several nodes share one database. Safe to run again.",
    )
    .option("--json", "print the result as JSON");
  act(command, async ({ world, settings }, options: { json?: boolean }) => {
    const log = commandLog(world);
    const applied = await withStore({ ...world, settings: settings(), log }, (database) => migrate(database, log));
    const known = readMigrations().length;
    if (options.json) print(world.out, JSON.stringify({ applied, known }, null, 2));
    else if (applied.length === 0) print(world.out, `Nothing to do: ${plural(known, "migration")} applied before.`);
    else print(world.out, ["Applied:", ...applied.map((name) => `  ${name}`)].join("\n"));
    return EXIT.fine;
  });
}
