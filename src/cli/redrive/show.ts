import type { Command } from "commander";
import { Problem } from "../../kernel/index.ts";
import { findRedriveOrder, redriveCounts } from "../../spool/index.ts";
import { jsonText } from "../json.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { printable } from "../text.ts";
import { instant } from "../when.ts";
import { EXIT, print } from "../world.ts";
import { countsText } from "./counts-text.ts";

const UNDER_WAY = "under way: the node that leads looks at it each second";

export function addRedriveShow(parent: Command, act: Act): void {
  const command = parent
    .command("show")
    .summary("show what became of an order's messages")
    .description(
      "Shows one order: by class, how many messages ended how, and how many copies that were given up arrived late.",
    )
    .argument("<order>", "its number")
    .option("--json", "print JSON");
  act(command, (run, { json }: { json?: boolean }, [word = ""]) =>
    withQueue(run, async (database) => {
      const { out } = run.world;
      const order = /^\d{1,15}$/.test(word) ? await findRedriveOrder(database, Number(word)) : null;
      if (order === null)
        throw new Problem(
          "redrive-not-found",
          `There is no order ${JSON.stringify(word)}. postern redrive list shows them.`,
        );
      const counts = await redriveCounts(database, order.orderId);
      if (json) {
        print(out, jsonText({ ...order, counts }));
        return EXIT.fine;
      }
      const late = counts.reduce((all, one) => all + one.late, 0);
      const asked = counts.reduce((all, one) => all + one.asked, 0);
      const whose = order.scope === "" ? order.provider : `${order.provider}, ${order.scope} only`;
      print(
        out,
        `Order ${order.orderId}: mail handed to ${whose} from ${instant(order.sinceAt)} on` +
          `\n${order.operator === null ? "by verdict" : `by ${printable(order.operator)}`}: ${printable(order.reason)}${order.lying ? " (it says “delivered” of what did not arrive)" : ""}` +
          `\n${order.doneAt === null ? UNDER_WAY : `done ${instant(order.doneAt)}`}` +
          `\nits log was asked about ${asked}; ${late} of the copies given up arrived late\n\n${counts.length === 0 && order.doneAt === null ? "Nothing is noted yet." : countsText(counts, out.columns)}`,
      );
      return EXIT.fine;
    }),
  );
}
