import type { Command } from "commander";
import { acknowledge, titleOf } from "../../alerts/index.ts";
import { jsonText } from "../json.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { printable } from "../text.ts";
import { EXIT, print } from "../world.ts";
import { alertOf } from "./find.ts";
import { withOperator } from "./operator.ts";
import { stateOf } from "./state-of.ts";

export function addAlertsAck(parent: Command, act: Act): void {
  const command = withOperator(
    parent
      .command("ack")
      .summary("take an alert on")
      .description(
        "Says that somebody has it: it is told again no more, and who was told that it began hears who has it. It stays open until it is over.",
      )
      .argument("<alert...>", "its number; several at once"),
  ).option("--json", "print JSON: [{ id, done, state, acknowledgedBy }]");
  act(command, (run, { operator, json }: { operator: string; json?: boolean }, words) =>
    withQueue(run, async (database) => {
      const { out, clock } = run.world;
      const answers = [];
      for (const { id } of await Promise.all(words.map((word) => alertOf(database, word)))) {
        const done = await acknowledge(database, id, operator, clock.now());
        const alert = await alertOf(database, String(id));
        answers.push({ id, done, state: stateOf(alert), acknowledgedBy: alert.acknowledgedBy, title: titleOf(alert) });
      }
      if (json) print(out, jsonText(answers));
      else
        for (const { id, done, state, acknowledgedBy, title } of answers)
          print(
            out,
            printable(
              done
                ? `${acknowledgedBy} has it now: ${title} (${id}). It is told again no more.`
                : `${id} (${title}) is ${state === "over" ? "over already" : `taken on already, by ${acknowledgedBy}`}.`,
            ),
          );
      return answers.every(({ done }) => done) ? EXIT.fine : EXIT.failed;
    }),
  );
}
