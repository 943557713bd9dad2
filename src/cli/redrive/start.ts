import { type Command, InvalidArgumentError } from "commander";
import type { Settings } from "../../config/index.ts";
import { type Clock, DAY_MS, Problem, durationMs } from "../../kernel/index.ts";
import { classFromNumber } from "../../mail/index.ts";
import { placeRedrive } from "../../respond/index.ts";
import { type NewRedriveOrder, previewRedrive } from "../../spool/index.ts";
import { commandLog } from "../command-log.ts";
import { leavesOf } from "../drill/start.ts";
import { checkName } from "../provider/show.ts";
import { jsonText } from "../json.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { table } from "../table.ts";
import { instant } from "../when.ts";
import { EXIT, print } from "../world.ts";

type Options = {
  provider: string;
  since: string;
  reason: string;
  stream?: string;
  operator?: string;
  disbelieve?: boolean;
  dryRun?: boolean;
  json?: boolean;
};

/** Texts are kept no longer than this by any setting (RETENTION_BOUNDS). */
const FURTHEST_MS = 30 * DAY_MS;
const REASON = 500;

const BECOMES: Record<string, string> = {
  C0: "the application is asked for new ones",
  C1: "sent once more",
  C2: "sent once more",
  C3: "sent once more",
  C4: "sent once more",
};

export function addRedriveStart(parent: Command, act: Act): void {
  const command = parent
    .command("start")
    .summary("send mail once more that a provider took")
    .description(
      "Says how many messages of each class were handed to the provider and of how many nothing was heard since, then orders them to be sent once more by another way; of secrets (C0) new ones are asked for. What the provider's log says is delivered stays. No message goes out more than twice, whoever orders it.",
    )
    .requiredOption("--provider <name>", "whose mail")
    .requiredOption("--since <instant>", "handed off from here on: 2026-03-01T09:30:00Z, or a time ago such as 20m")
    .requiredOption("--reason <text>", "why; kept with the order and in the ledger", textOf)
    .option("--stream <tenant/stream>", "of this stream only")
    .option("--operator <name>", "who you are", "cli")
    .option("--disbelieve", "the provider says “delivered” of what did not arrive: ask it nothing, believe it nothing")
    .option("--dry-run", "say what it would be about, and do nothing")
    .option("--json", "print JSON: { counts, order }");
  act(command, (run, options: Options) =>
    withQueue(run, async (database, settings) => {
      const { out, clock, random } = run.world;
      const order = orderOf(options, settings, clock);
      const counts = (await previewRedrive(database, order)).map(({ class: n, messages }) => ({
        class: classFromNumber(n),
        messages,
      }));
      if (!options.json) print(out, previewText(order, counts, out.columns));
      const orderId =
        options.dryRun || counts.length === 0
          ? null
          : await placeRedrive(order, {
              database,
              leaves: leavesOf(settings, random),
              clock,
              log: commandLog(run.world),
            });
      if (options.json) print(out, jsonText({ counts, order: orderId }));
      else if (options.dryRun) print(out, "\nNothing was done (--dry-run).");
      else if (orderId !== null)
        print(
          out,
          `\nOrder ${orderId} is given; the node that leads begins within a second.\n  postern redrive show ${orderId}`,
        );
      return EXIT.fine;
    }),
  );
}

function orderOf(options: Options, settings: Settings, clock: Clock): NewRedriveOrder {
  const now = clock.now();
  const { provider, stream } = options;
  checkName(provider, settings);
  const isKnown = settings.tenants.some(({ name, streams }) => streams.some((one) => `${name}/${one.name}` === stream));
  if (stream !== undefined && !isKnown)
    throw new Problem(
      "stream-unknown",
      `There is no stream ${JSON.stringify(stream)}. Name it as tenant/stream, such as acme/receipts.`,
    );
  const ago = durationMs(options.since);
  const sinceAt = ago === undefined ? instantOf(options.since) : now - ago;
  if (Number.isNaN(sinceAt) || sinceAt > now || now - sinceAt > FURTHEST_MS)
    throw new Problem(
      "redrive-since",
      "--since must be an instant such as 2026-03-01T09:30:00Z or a time ago such as 20m, within the last 30 days.",
    );
  return {
    provider,
    scope: stream ?? "",
    sinceAt,
    verdictAt: now,
    reason: options.reason,
    lying: options.disbelieve ?? false,
    operator: options.operator ?? "cli",
  };
}

const instantOf = (text: string): number =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;

function previewText(
  order: NewRedriveOrder,
  counts: readonly { class: string; messages: number }[],
  columns: number,
): string {
  const whose = order.scope === "" ? order.provider : `${order.provider} (${order.scope})`;
  if (counts.length === 0) return `Nothing that was handed to ${whose} since ${instant(order.sinceAt)} is in doubt.`;
  const rows = counts.map((one) => [one.class, String(one.messages), BECOMES[one.class]!]);
  const titles = [
    { title: "CLASS" },
    { title: "MESSAGES", align: "right" as const },
    { title: "WHAT WOULD BECOME OF THEM" },
  ];
  return `Handed to ${whose} since ${instant(order.sinceAt)} and not heard of since:\n\n${table(titles, rows, columns)}`;
}

function textOf(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") throw new InvalidArgumentError("It must not be empty.");
  if (trimmed.length > REASON) throw new InvalidArgumentError(`It may have ${REASON} characters at most.`);
  return trimmed;
}
