import type { Command } from "commander";
import { type BacklogRow, backlogOf } from "../../spool/index.ts";
import { jsonText } from "../json.ts";
import type { Act } from "../run.ts";
import { table } from "../table.ts";
import { plural, span, when } from "../when.ts";
import { EXIT, print } from "../world.ts";
import { withQueue } from "./open-queue.ts";
import { secondsOf } from "./summary-text.ts";

export function addStats(queue: Command, act: Act): void {
  const command = queue
    .command("stats")
    .summary("count what waits, by stream and state")
    .description(
      "Counts what has not ended, by tenant, stream and state, with the age of the oldest and the next time something is due.",
    )
    .option("--json", "print JSON: { messages, rows }");
  act(command, (run, options: { json?: boolean }) =>
    withQueue(run, async (database) => {
      const { out, clock } = run.world;
      const rows = await backlogOf(database, clock.now());
      const messages = rows.reduce((sum, row) => sum + row.messages, 0);
      print(out, options.json ? jsonText({ messages, rows }) : statsText(rows, clock.now(), out.columns));
      return EXIT.fine;
    }),
  );
}

function statsText(rows: readonly BacklogRow[], now: number, columns: number): string {
  if (rows.length === 0) return "The queue is empty.";
  const total = rows.reduce((sum, row) => sum + row.messages, 0);
  const text = table(
    [
      { title: "CLASS" },
      { title: "STREAM", least: 12 },
      { title: "STATE" },
      { title: "MESSAGES", align: "right" },
      { title: "OLDEST", align: "right" },
      { title: "NEXT" },
    ],
    rows.map((row) => [
      row.class,
      `${row.tenant}/${row.stream}`,
      row.state,
      row.messages.toLocaleString("en"),
      span(secondsOf(now - row.oldestAcceptedAt)),
      nextText(row, now),
    ]),
    columns,
  );
  return `${text}\n\n${plural(total, "message")} in the queue.`;
}

function nextText({ state, earliestDueAt }: BacklogRow, now: number): string {
  if (state === "in-flight") return "";
  if (state === "held") return `ends ${when(earliestDueAt, now)}`;
  return earliestDueAt <= now ? "due now" : when(earliestDueAt, now);
}
