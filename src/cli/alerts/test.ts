import type { Command } from "commander";
import { type ShownAlert, findAlert, placeTest } from "../../alerts/index.ts";
import type { AlertTargetSettings, Settings } from "../../config/index.ts";
import { type Clock, Problem, SECOND_MS, delay } from "../../kernel/index.ts";
import type { Database } from "../../store/index.ts";
import { jsonText } from "../json.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { EXIT, print } from "../world.ts";
import { withOperator } from "./operator.ts";

/** A call may take 15 s, and mail is followed every ten. */
const WAIT_MS = 40 * SECOND_MS;
const POLL_MS = 200;

type Told = ShownAlert["told"][number];

export function addAlertsTest(parent: Command, act: Act): void {
  const command = withOperator(
    parent
      .command("test")
      .summary("tell a target something, and see whether it takes it")
      .description(
        "Tells one target of an alert that says it is a test, and at once that it is over. The Postern that runs on this data tells it, by the way it would tell a real one; waits for the answer.",
      )
      .argument("<target>", "its name below alerts.targets"),
  ).option("--json", "print JSON: { alert, target, state, tries, answer, error }");
  act(command, (run, { operator, json }: { operator: string; json?: boolean }, [name = ""]) =>
    withQueue(run, async (database, settings) => {
      const { out, clock } = run.world;
      const target = targetOf(name, settings);
      const id = await placeTest(database, target, operator, clock.now());
      if (id === null)
        throw new Problem("alerts-full", "So many alerts are open that no test was written: postern alerts list.");
      const told = await answered(database, id, clock);
      if (json) print(out, jsonText({ alert: id, target: name, ...told }));
      else print(out, answerText(target, told, id));
      return told?.state === "delivered" ? EXIT.fine : EXIT.failed;
    }),
  );
}

/** @throws Problem `alert-target-unknown` */
function targetOf(name: string, { alerts: { targets } }: Settings): AlertTargetSettings {
  const target = targets.find((one) => one.name === name);
  if (target) return target;
  const known = targets.length === 0 ? "it has none" : `it has ${targets.map((one) => one.name).join(", ")}`;
  throw new Problem("alert-target-unknown", `The configuration has no target of alerts named ${name}; ${known}.`);
}

/** What the target said, or what stands when no more is waited for. A first failure is an answer too. */
async function answered(database: Database, id: number, clock: Clock): Promise<Told | null> {
  for (const deadline = clock.monotonicMs() + WAIT_MS; ; await delay(clock, POLL_MS)) {
    const told = (await findAlert(database, id))?.told.find(({ telling }) => telling === "raised") ?? null;
    const isKnown = told !== null && (["delivered", "gave-up"].includes(told.state) || told.error !== null);
    if (isKnown || clock.monotonicMs() >= deadline) return told;
  }
}

function answerText({ name, kind }: AlertTargetSettings, told: Told | null, id: number): string {
  const who = `${name} (${kind})`;
  if (told?.state === "delivered") return `${who} was told: ${told.answer ?? "taken"}. Look whether it arrived.`;
  if (told?.state === "mailed")
    return `${who}: the mail is accepted and has not left yet. postern alerts show ${id} says what becomes of it.`;
  if (told !== null && told.error !== null)
    return `${who} could not be told: ${told.error}. Compare alerts.targets in the configuration; docs/alerts.md names what answers mean.`;
  return `${who} was not tried: no Postern runs on this data, or it runs with a configuration that has no ${name}.`;
}
