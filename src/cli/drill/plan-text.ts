import type { DrillOrder, DrillPlan } from "../../drill/index.ts";
import { table } from "../table.ts";
import { span } from "../when.ts";
import type { RecentMail } from "./recent-mail.ts";

/** What would move, as it is told before a drill begins. */
export function planText(order: DrillOrder, plan: DrillPlan, recent: RecentMail, columns: number): string {
  const share = order.share === 1 ? "" : ` ${Math.round(order.share * 100)} % of`;
  return [
    `For ${span(order.forMs)}${share} the mail of ${order.provider} goes elsewhere:`,
    "",
    table(
      [
        { title: "CLASS" },
        { title: "STREAM", least: 12 },
        { title: "LAST HOUR", align: "right" },
        { title: "GOES TO" },
        { title: "THEN", least: 8 },
      ],
      plan.moves.map((move) => {
        const scope = `${move.tenant}/${move.stream}`;
        return [
          move.class,
          scope,
          (recent[scope] ?? 0).toLocaleString("en"),
          move.to ?? "stays: nobody else",
          move.others.join(", "),
        ];
      }),
      columns,
    ),
  ].join("\n");
}
