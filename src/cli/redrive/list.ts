import type { Command } from "commander";
import { type RedriveCount, type RedriveOrder, listRedriveOrders, redriveCounts } from "../../spool/index.ts";
import { jsonText } from "../json.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { table } from "../table.ts";
import { span, when } from "../when.ts";
import { EXIT, print } from "../world.ts";

const MOST = 20;

export function addRedriveList(parent: Command, act: Act): void {
  const command = parent
    .command("list")
    .summary("list orders, the latest first")
    .description(`Lists the last ${MOST} orders: whose mail was in doubt, since when, and what became of it.`)
    .option("--json", "print JSON");
  act(command, (run, { json }: { json?: boolean }) =>
    withQueue(run, async (database) => {
      const { out, clock } = run.world;
      const orders = await Promise.all(
        (await listRedriveOrders(database, MOST)).map(async (order) => ({
          ...order,
          counts: await redriveCounts(database, order.orderId),
        })),
      );
      print(out, json ? jsonText(orders) : listText(orders, clock.now(), out.columns));
      return EXIT.fine;
    }),
  );
}

const sum = (counts: readonly RedriveCount[], result: string | null): string =>
  String(counts.filter((one) => one.result === result).reduce((all, one) => all + one.messages, 0));

function listText(
  orders: readonly (RedriveOrder & { counts: RedriveCount[] })[],
  now: number,
  columns: number,
): string {
  if (orders.length === 0) return "No mail was ever in doubt.";
  return table(
    [
      { title: "ORDER", align: "right" },
      { title: "PROVIDER" },
      { title: "STREAM" },
      { title: "ORDERED" },
      { title: "MAIL OF", align: "right" },
      { title: "WAITS", align: "right" },
      { title: "RESENT", align: "right" },
      { title: "REISSUE", align: "right" },
      { title: "LATE", align: "right" },
      { title: "WHY", least: 10 },
    ],
    orders.map((one) => [
      String(one.orderId),
      one.provider,
      one.scope === "" ? "all" : one.scope,
      when(one.orderedAt, now),
      span(one.verdictAt - one.sinceAt),
      sum(one.counts, null),
      sum(one.counts, "resent"),
      sum(one.counts, "reissue-wanted"),
      String(one.counts.reduce((all, { late }) => all + late, 0)),
      one.operator === null ? one.reason : `${one.operator}: ${one.reason}`,
    ]),
    columns,
  );
}
