import { MINUTE_MS, SECOND_MS } from "../../../kernel/index.ts";
import { type Scenario, seconds } from "../scenario.ts";
import { copiesOver, refusedByDoor, secretsAt } from "../measure.ts";

const PER_MINUTE = 10;
const USUAL_MS = 2 * MINUTE_MS;
const AFTERWARDS_MS = 2 * MINUTE_MS;

/** An account is suspended, and every send is answered 200 and queued. */
export const s03: Scenario = {
  name: "S03",
  title: "Suspended, and it answers 200",
  shows:
    "The provider that carries the mail suspends the account and goes on to answer 200: it is DOWN within seconds, what it holds goes another way, and the application sees no error.",
  async run(world) {
    const { application, clock, primary } = world;
    application.start(PER_MINUTE);
    await world.pass(USUAL_MS + world.random.fraction() * MINUTE_MS);
    await world.ledger.check();
    world.twin().setFault({ mode: "suspended", variant: "account-suspended" });
    const before = application.sent.length;
    // The clock begins with the first message it answers so: before that nobody can know.
    await world.passUntil(async () => (await firstHeldAt(world)) !== null, 5 * MINUTE_MS);
    const suspendedAt = (await firstHeldAt(world)) ?? clock.now();
    await world.passUntil(async () => (await world.standings.state(primary)) === "DOWN", MINUTE_MS);
    const downAt = await world.standings.firstAt(primary, "DOWN", suspendedAt);
    await world.pass(AFTERWARDS_MS);
    await world.end();
    await world.ledger.check();
    return {
      downS: downAt === null ? [] : [seconds(downAt - suspendedAt)],
      foundDown: [downAt === null ? 0 : 1],
      elsewhereS: await elsewhereS(world),
      secretsAfterVerdict: [downAt === null ? 0 : await secretsAt(world, primary, downAt + SECOND_MS)],
      refusedByDoor: [refusedByDoor(world)],
      thirdCopies: [copiesOver(world, 2)],
      messages: [application.sent.length - before],
    };
  },
  thresholds: [
    { name: "every suspension is found", value: (all) => all.least("foundDown"), limit: 1, atLeast: true },
    { name: "DOWN after the first answer, s", value: (all) => all.most("downS"), limit: 5 },
    { name: "what it held was handed off elsewhere, s", value: (all) => all.most("elsewhereS"), limit: 15 },
    { name: "secrets handed to it after the verdict", value: (all) => all.sum("secretsAfterVerdict"), limit: 0 },
    { name: "errors the application saw", value: (all) => all.sum("refusedByDoor"), limit: 0 },
  ],
  chart: { measurement: "downS", unit: "s" },
};

type Named = Parameters<Scenario["run"]>[0];

async function firstHeldAt({ database, primary }: Named): Promise<number | null> {
  const [row] = await database.query<{ at: number | null }>(
    "SELECT min(settled_at) AS at FROM attempts WHERE provider = $1 AND outcome = 'held'",
    [primary],
  );
  return row?.at ?? null;
}

/** Of each message it held: from then until another provider took it; those nobody took count as for ever. */
async function elsewhereS({ database, primary }: Named): Promise<number[]> {
  const rows = await database.query<{ heldAt: number; takenAt: number | null }>(
    `SELECT held.settled_at AS "heldAt", min(taken.settled_at) AS "takenAt"
     FROM attempts held JOIN messages m USING (spool_id)
     LEFT JOIN attempts taken ON taken.spool_id = held.spool_id AND taken.outcome = 'accepted' AND taken.provider <> held.provider
     WHERE held.provider = $1 AND held.outcome = 'held' AND m.tenant <> '~canary' GROUP BY held.spool_id, held.settled_at`,
    [primary],
  );
  return rows.map(({ heldAt, takenAt }) => (takenAt === null ? Number.MAX_SAFE_INTEGER : seconds(takenAt - heldAt)));
}
