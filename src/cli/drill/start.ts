import { existsSync } from "node:fs";
import type { Command } from "commander";
import { type Settings, openBodyKey } from "../../config/index.ts";
import { DRILL_BOUNDS, type DrillOrder, checkOrder, planOf, refuseSecond, startDrill } from "../../drill/index.ts";
import { Problem, type Random, durationMs } from "../../kernel/index.ts";
import { LeafMaker } from "../../ledger/index.ts";
import type { State } from "../../judge/index.ts";
import { loadStandings } from "../../standing/index.ts";
import type { Database } from "../../store/index.ts";
import { jsonText } from "../json.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { span } from "../when.ts";
import { EXIT, print } from "../world.ts";
import { planText } from "./plan-text.ts";
import { recentMail } from "./recent-mail.ts";

type Options = {
  provider: string;
  reason: string;
  for?: string;
  streams?: string;
  share?: string;
  operator?: string;
  dryRun?: boolean;
  json?: boolean;
};

export function addDrillStart(parent: Command, act: Act): void {
  const command = parent
    .command("start")
    .summary("withdraw a provider for a while")
    .description(
      "Says what moves and where to, then begins. It ends by itself: at its time, when a stand-in is in doubt or fails, when critical mail waits, when more than a tenth is put off or refused, or when an error budget burns. Where a stand-in fails, mail goes through the withdrawn provider at once.",
    )
    .requiredOption("--provider <name>", "the one to withdraw; it must be HEALTHY")
    .requiredOption("--reason <text>", "why; kept with the drill and in the ledger")
    .option("--for <time>", "how long, such as 90s, 10m or 1h", "10m")
    .option("--streams <list>", "only these, such as acme/receipts,acme/alerts")
    .option("--share <number>", "how much of its mail, above 0 and at most 1", "1")
    .option("--operator <name>", "who you are", "cli")
    .option("--dry-run", "say what would move, and do nothing")
    .option("--json", "print JSON: { plan, refusal, drill }");
  act(command, (run, options: Options) =>
    withQueue(run, async (database, settings) => {
      const { out, clock, random } = run.world;
      const order = orderOf(options);
      checkOrder(order);
      await refuseSecond(database);
      const { plan, refusal } = planOf(order, await factsOf(database, settings));
      const recent = await recentMail(database, order.provider, clock.now());
      const begins = !options.dryRun && !refusal;
      // Of a provider that is in doubt no plan is worth reading; who has no stand-in is shown beside the others.
      const isShown = plan.moves.length > 0 && (!refusal || refusal.code === "drill-nobody-stands-in");
      if (!options.json && isShown) print(out, planText(order, plan, { recent, begins, columns: out.columns }));
      if (options.dryRun || refusal) {
        if (options.json) print(out, jsonText({ plan, refusal, recent, drill: null }));
        if (refusal && !options.json) throw new Problem(refusal.code, refusal.sentence);
        if (!options.json) print(out, "\nNothing was done (--dry-run).");
        return refusal ? EXIT.failed : EXIT.fine;
      }
      const leaves = leavesOf(settings, random);
      const drill = await startDrill({ database, clock, leaves }, order, plan);
      if (options.json) print(out, jsonText({ plan, refusal, recent, drill }));
      else
        print(
          out,
          `\nDrill ${drill.drillId} has begun; it ends by itself in ${span(order.forMs)}.\n` +
            `  postern drill show ${drill.drillId}   what moved so far\n  postern drill stop     end it now`,
        );
      return EXIT.fine;
    }),
  );
}

function orderOf(options: Options): DrillOrder {
  const forMs = durationMs(options.for ?? "") ?? Number.NaN;
  const streams = options.streams?.split(",").map((one) => one.trim()) ?? null;
  return {
    provider: options.provider,
    reason: options.reason,
    operator: options.operator ?? "cli",
    forMs: options.for === undefined ? DRILL_BOUNDS.usualMs : forMs,
    share: Number(options.share ?? "1"),
    streams,
  };
}

async function factsOf(database: Database, settings: Settings) {
  const states = new Map<string, State>(
    (await loadStandings(database)).map(({ provider, scope, standing }) => [`${provider} ${scope}`, standing.state]),
  );
  return {
    tenants: settings.tenants,
    providers: settings.providers,
    stateOf: (provider: string, scope: string): State => states.get(`${provider} ${scope}`) ?? "HEALTHY",
  };
}

export function leavesOf({ bodyKey }: Settings, random: Random): LeafMaker {
  if ("file" in bodyKey && !existsSync(bodyKey.file)) {
    throw new Problem(
      "body-key-unreadable",
      `The body key file ${bodyKey.file} is missing. Put it back from its backup.`,
    );
  }
  return new LeafMaker(openBodyKey(bodyKey, random));
}
