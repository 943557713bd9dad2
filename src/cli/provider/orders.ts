import { type Command, InvalidArgumentError } from "commander";
import { type Clock, SECOND_MS, delay } from "../../kernel/index.ts";
import { type Order, type OrderKind, answerOf, openOrders, personOf, placeOrder } from "../../respond/index.ts";
import type { Database } from "../../store/index.ts";
import { jsonText } from "../json.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { EXIT, print } from "../world.ts";
import { checkName } from "./show.ts";

/** The node that leads looks once a second. */
const WAIT_MS = 5 * SECOND_MS;
const POLL_MS = 200;
const REASON = 500;

type Options = { operator: string; reason: string; keysRotated?: number; json?: boolean };

const ORDERS: Record<"pin" | "unpin" | "release", { kind: OrderKind; summary: string; description: string }> = {
  pin: {
    kind: "pin-off",
    summary: "take a provider out of use",
    description: "Hands nothing to the provider any more, until somebody takes it back into use with unpin.",
  },
  unpin: {
    kind: "unpin",
    summary: "take a pinned provider back into use",
    description:
      "Ends a pin, of a person or of one that swung too often: the provider is tried with a growing share of routine mail.",
  },
  release: {
    kind: "release-quarantine",
    summary: "release a provider from quarantine (two people)",
    description:
      "Ends a quarantine once two people have ordered it, each with a command of their own within 24 hours, after the account's keys were changed. Canaries have to prove the provider before mail goes there again.",
  },
};

export function addOrders(provider: Command, act: Act): void {
  for (const [name, { kind, summary, description }] of Object.entries(ORDERS)) {
    const command = provider
      .command(name)
      .summary(summary)
      .description(description)
      .argument("<provider>", "its name in the configuration")
      .requiredOption("--operator <name>", "who orders it; kept with the order and in the ledger", textOf)
      .requiredOption("--reason <text>", "why, for those who read it later", textOf);
    if (kind === "release-quarantine")
      command.requiredOption(
        "--keys-rotated <instant>",
        "when the account's keys were changed, such as 2026-03-01T09:30:00Z",
        instantOf,
      );
    command.option("--json", "print JSON: { order, answer }");
    act(command, (run, options: Options, [target = ""]) =>
      withQueue(run, async (database, settings) => {
        checkName(target, settings);
        const { out, clock } = run.world;
        const order = await placeOrder(database, {
          provider: target,
          kind,
          operator: options.operator,
          why: options.reason,
          keysRotatedAt: options.keysRotated ?? null,
          orderedAt: clock.now(),
        });
        const answer = await answered(database, order, kind, clock);
        print(out, options.json ? jsonText({ order, answer }) : answerText(kind, target, answer));
        return answer === "no-change" ? EXIT.failed : EXIT.fine;
      }),
    );
  }
}

async function answered(database: Database, order: number, kind: OrderKind, clock: Clock): Promise<string | null> {
  if (kind === "release-quarantine" && (await isFirst(database, order))) return null;
  for (const deadline = clock.monotonicMs() + WAIT_MS; ; await delay(clock, POLL_MS)) {
    const answer = await answerOf(database, order);
    if (answer !== null || clock.monotonicMs() >= deadline) return answer;
  }
}

/** The first of two people need not wait here for the second. */
async function isFirst(database: Database, order: number): Promise<boolean> {
  const open = await openOrders(database);
  const own = open.find((one) => one.orderId === order);
  const isOther = (one: Order): boolean =>
    one.kind === own?.kind && one.provider === own.provider && personOf(one) !== personOf(own);
  return own !== undefined && !open.some(isOther);
}

function answerText(kind: OrderKind, provider: string, answer: string | null): string {
  switch (answer) {
    case "done":
      return DONE[kind](provider);
    case "no-change":
      return `${provider} stands so that this changes nothing (postern provider show ${provider}).`;
    case null:
      return kind === "release-quarantine"
        ? `Ordered. It counts once a second person orders it too, within 24 hours.`
        : `Ordered. It counts once a Postern runs on this data.`;
    default:
      return `${provider}: ${answer}.`;
  }
}

const DONE: Record<OrderKind, (provider: string) => string> = {
  "pin-off": (provider) => `${provider} is out of use: nothing is handed to it until postern provider unpin.`,
  unpin: (provider) => `${provider} is tried with a growing share of mail from now on.`,
  "release-quarantine": (provider) => `${provider} is released; it is used again once canaries have proved it.`,
};

function textOf(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") throw new InvalidArgumentError("It must not be empty.");
  if (trimmed.length > REASON) throw new InvalidArgumentError(`It may have ${REASON} characters at most.`);
  return trimmed;
}

function instantOf(text: string): number {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(at))
    throw new InvalidArgumentError("It must be an instant with its time zone, such as 2026-03-01T09:30:00Z.");
  return at;
}
