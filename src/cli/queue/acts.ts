import { existsSync } from "node:fs";
import { text as readText } from "node:stream/consumers";
import type { Command } from "commander";
import { type Settings, openBodyKey } from "../../config/index.ts";
import { type Clock, Problem, type Random, type SpoolId, delay } from "../../kernel/index.ts";
import { LeafMaker } from "../../ledger/index.ts";
import { type ActAnswer, type QueueActs, queueActs } from "../../spool/index.ts";
import type { Database } from "../../store/index.ts";
import { tenantsOf } from "../../tenancy/index.ts";
import { jsonText } from "../json.ts";
import type { Act } from "../run.ts";
import { EXIT, type World, print } from "../world.ts";
import { withQueue } from "./open-queue.ts";
import { notFound } from "./show.ts";

/** Kept with the event and in the ledger. */
const ACTOR = "operator:cli";
/** A hand-off takes seconds at most as a rule; an operator waits that long rather than typing again. */
const IN_FLIGHT_WAIT_MS = 5_000;
const POLL_MS = 200;

type ActName = Exclude<keyof QueueActs, "reschedule">;
const ACTS: Record<ActName, { summary: string; description: string; done: string; notApplicable: string }> = {
  hold: {
    summary: "keep messages back until they are released",
    description: "Keeps messages back. They stay until they are released, cancelled, or their time is over.",
    done: "is held",
    notApplicable: "is held already",
  },
  release: {
    summary: "let held messages go on",
    description: "Lets held messages go on: they are due at once, or at the time they are scheduled for.",
    done: "is queued again",
    notApplicable: "is not held, so there is nothing to release",
  },
  retry: {
    summary: "try queued messages now",
    description: "Makes queued and scheduled messages due at once instead of at their next time.",
    done: "is due now",
    notApplicable: "is held: release it instead",
  },
  expire: {
    summary: "end messages as expired",
    description: "Ends messages as if their time were over. Their text is deleted; this cannot be undone.",
    done: "ended as expired",
    notApplicable: "cannot be ended now",
  },
  cancel: {
    summary: "end messages as cancelled",
    description: "Ends messages without sending them. Their text is deleted; this cannot be undone.",
    done: "ended as cancelled",
    notApplicable: "cannot be ended now",
  },
};

export function addActs(queue: Command, act: Act): void {
  for (const [name, { summary, description }] of Object.entries(ACTS) as [ActName, (typeof ACTS)[ActName]][]) {
    const command = queue
      .command(name)
      .summary(summary)
      .description(description)
      .argument("<id...>", "the messages; - reads ids from standard input, one on a line")
      .option("--json", "print JSON: [{ id, answer }]");
    act(command, async (run, options: { json?: boolean }, words) => {
      const { world } = run;
      // Before the database is asked for: who writes to our pipe may be a command that keeps it running until then.
      const ids = await idsOf(words, world);
      return withQueue(run, async (database, settings) => {
        const acts = actsOn(database, settings, world);
        const results: { id: string; answer: ActAnswer }[] = [];
        for (const id of ids) {
          const answer = await patiently(() => acts[name](null, id as SpoolId, ACTOR), world.clock);
          results.push({ id, answer });
          if (!options.json) print(answer === "done" ? world.out : world.err, answerText(name, id, answer));
        }
        if (options.json) print(world.out, jsonText(results));
        return results.every((one) => one.answer === "done") ? EXIT.fine : EXIT.failed;
      });
    });
  }
}

function actsOn(
  database: Database,
  settings: Settings,
  { clock, random }: { clock: Clock; random: Random },
): QueueActs {
  const { bodyKey } = settings;
  if ("file" in bodyKey && !existsSync(bodyKey.file)) {
    // Whoever took these messages had a key; a new one made here would hide that it is lost.
    throw new Problem(
      "body-key-unreadable",
      `The body key file ${bodyKey.file} is missing. Put it back from its backup.`,
    );
  }
  const leaves = new LeafMaker(openBodyKey(bodyKey, random));
  const tenants = tenantsOf(settings.tenants);
  return queueActs({
    database,
    clock,
    scheduleAheadMs: settings.limits.scheduleAheadMs,
    leafOf: (fact) => leaves.act(fact),
    wantsEvent: (tenant, kind) => tenants.find(tenant)?.wantsEvent(kind) ?? false,
  });
}

async function idsOf(words: readonly string[], { input }: World): Promise<string[]> {
  const read = words.includes("-") ? (await readText(input)).split(/\s+/) : [];
  return [
    ...new Set([...words, ...read].filter((word) => word !== "-" && word !== "").map((word) => word.toLowerCase())),
  ];
}

/** Asks again while a node is at work on the message. */
async function patiently(ask: () => Promise<ActAnswer>, clock: Clock): Promise<ActAnswer> {
  for (const deadline = clock.monotonicMs() + IN_FLIGHT_WAIT_MS; ; await delay(clock, POLL_MS)) {
    const answer = await ask();
    if (answer !== "in-flight" || clock.monotonicMs() >= deadline) return answer;
  }
}

function answerText(name: ActName, id: string, answer: ActAnswer): string {
  switch (answer) {
    case "done":
      return `${id} ${ACTS[name].done}.`;
    case "not-found":
      return notFound(id);
    case "in-flight":
      return `${id} is being handed off at this moment; ask again in a few seconds.`;
    case "ended":
      return `${id} has ended already (postern queue show ${id}).`;
    case "not-applicable":
      return `${id} ${ACTS[name].notApplicable}.`;
  }
}
