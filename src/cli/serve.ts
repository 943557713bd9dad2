import type { Command } from "commander";
import type { Act } from "./run.ts";

export function addServe(program: Command, act: Act): void {
  const command = program
    .command("serve")
    .summary("start Postern")
    .description(
      "Starts the doors (SMTP and HTTP), the hand-off to the providers and, unless database.url names a server, the database. Runs until SIGTERM or SIGINT, then ends what is on its way (at most 10 s). A second signal ends it at once; nothing that was accepted is lost by that.",
    )
    .addHelpText(
      "after",
      `
Examples:
  npm start                                       the lab, or ./postern.yaml
  postern serve --config /etc/postern.yaml
  POSTERN_SMTP_PORT=2526 POSTERN_HTTP_PORT=8026 POSTERN_LAB_PORTS=0,0 \\
    POSTERN_DATA=./other npm start                a second lab beside the first

Environment: POSTERN_CONFIG, POSTERN_LOG_LEVEL (debug, info, warn, error); in the lab also POSTERN_DATA,
POSTERN_SMTP_PORT, POSTERN_HTTP_PORT, POSTERN_LAB_PORTS, POSTERN_DATABASE_URL.`,
    );
  act(command, async ({ world, settings }) => {
    const { serve } = await import("./run-serve.ts"); // the whole program; the other commands start without it
    return serve(settings(), world);
  });
}
