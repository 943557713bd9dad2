import type { DrillOrder, DrillPlan } from "../../drill/index.ts";
import { table } from "../table.ts";
import { span } from "../when.ts";
import type { RecentMail } from "./recent-mail.ts";

type View = { recent: RecentMail; begins: boolean; columns: number };

/** What would move, or moves. */
export function planText(order: DrillOrder, plan: DrillPlan, { recent, begins, columns }: View): string {
  const share = order.share === 1 ? "" : ` ${Math.round(order.share * 100)} % of`;
  return [
    `For ${span(order.forMs)}${share} the mail of ${order.provider} ${begins ? "goes" : "would go"} elsewhere:`,
    "",
    table(
      [
        { title: "CLASS" },
        { title: "STREAM", least: 12 },
        { title: "LAST HOUR", align: "right" },
        { title: begins ? "GOES TO" : "WOULD GO TO" },
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
