import type { Command } from "commander";
import { jsonText } from "../json.ts";
import type { Act } from "../run.ts";
import { table } from "../table.ts";
import { EXIT, print } from "../world.ts";
import { type LabProviderRow, labApi } from "./lab-api.ts";

export const SERVER_OPTION = ["--server <url>", "the lab's address, such as http://127.0.0.1:8025"] as const;

export function addLabStatus(lab: Command, act: Act): void {
  const command = lab
    .command("status")
    .summary("say what each provider of the lab does now")
    .description("Lists the lab's providers in the order of its route, with their mode and what became of their mail.")
    .option(...SERVER_OPTION)
    .option("--json", "print JSON: [{ name, kind, mode, variant, webhooks, counters }]");
  act(command, async (run, { server, json }: { server?: string; json?: boolean }) => {
    const rows = await labApi(run, server).providers();
    print(run.world.out, json ? jsonText(rows) : statusText(rows, run.world.out.columns));
    return EXIT.fine;
  });
}

function statusText(rows: readonly LabProviderRow[], columns: number): string {
  return table(
    [
      { title: "PROVIDER" },
      { title: "SPEAKS" },
      { title: "AT", least: 10 },
      { title: "MODE", least: 12 },
      { title: "WEBHOOKS" },
      { title: "DELIVERED", align: "right" },
      { title: "REFUSED", align: "right" },
      { title: "NOT DELIVERED", align: "right" },
    ],
    rows.map((row) => [
      row.name,
      row.kind,
      row.url?.replace("http://", "") ?? `${row.host}:${row.port}`,
      modeText(row),
      row.webhooks ?? "",
      ...figuresOf(row),
    ]),
    columns,
  );
}

export const modeText = ({ mode, variant }: Pick<LabProviderRow, "mode" | "variant">): string =>
  variant ? `${mode}: ${variant}` : mode;

/** As the lab's pages count. What was taken and thrown away is the mail to worry about; what is held can be released. */
export function figuresOf({ kind, counters }: Pick<LabProviderRow, "kind" | "counters">): string[] {
  const sum = (...names: string[]): number => names.reduce((total, name) => total + (counters[name] ?? 0), 0);
  const text = (figure: number): string => figure.toLocaleString("en");
  const lost = kind === "smtp" ? sum("withheld", "vanished", "untaken") : sum("notDelivered");
  const held = sum("held");
  return [
    text(sum("delivered")),
    text(sum("refused", "deferred")),
    held === 0 ? text(lost) : `${text(lost)} (${text(held)} held)`,
  ];
}
