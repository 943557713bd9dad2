import { MINUTE_MS, SECOND_MS } from "../../../kernel/index.ts";
import { copiesOver, givenSince, handedTo, reissuesWanted, refusedByDoor } from "../measure.ts";
import { type Scenario, seconds } from "../scenario.ts";
import { carriersOf } from "./carriers.ts";
import type { World } from "../world.ts";

const PER_MINUTE = 10;
const USUAL_MS = MINUTE_MS;
const PATIENCE_MS = 5 * MINUTE_MS;
const INBOX_PATIENCE_MS = 2 * MINUTE_MS;
/** Routine mail waits for what a log may still say; that long a wait is rehearsed once through each carrier. */
const ROUTINE_PATIENCE_MS = 18 * MINUTE_MS;
const ROUTINE_EVERY = 4;

/** It drops everything and says, with its signature, that all was delivered. */
export const s09: Scenario = {
  name: "S09",
  title: "A liar",
  shows:
    "The provider drops all mail and says of all of it, signed as ever, that it was delivered: canaries that never came convict it, somebody is called, nothing more goes through it, and what it swallowed arrives another way.",
  plan: carriersOf,
  async run(world) {
    const { application, clock, primary, standings } = world;
    application.start(PER_MINUTE);
    await world.pass(USUAL_MS * (1 + world.random.fraction()));
    await world.ledger.check();
    const before = (await standings.failovers()).length;
    const faultAt = clock.now();
    world.weather().blackhole();
    world.weather().lies = true;
    await world.passUntil(async () => (await standings.state(primary)) === "QUARANTINED", PATIENCE_MS);
    const foundAt = await standings.firstAt(primary, "QUARANTINED", faultAt);
    const downAt = await standings.firstAt(primary, "DOWN", faultAt);
    const verdictAt = foundAt ?? clock.now();
    const swallowed = (classes: readonly string[]) =>
      givenSince(world, faultAt, (message) => classes.includes(message.class));
    const haveArrived = (classes: readonly string[]) => async (): Promise<boolean> =>
      (await swallowed(classes)).every(({ at }) => at !== null);
    await world.passUntil(haveArrived(CRITICAL), INBOX_PATIENCE_MS);
    await world.pass(MINUTE_MS);
    application.stop();
    const isPatient = world.seed % ROUTINE_EVERY === 0;
    if (isPatient) await world.passUntil(haveArrived(["C3"]), ROUTINE_PATIENCE_MS);
    await world.end();
    await world.ledger.check();
    const critical = await swallowed(CRITICAL);
    const routine = isPatient ? await swallowed(["C3"]) : [];
    const secrets = await swallowed(["C0"]);
    const wanted = await reissuesWanted(world, faultAt);
    const paged = await pagedAt(world, faultAt);
    return {
      quarantinedS: foundAt === null ? [] : [seconds(foundAt - faultAt)],
      foundLie: [foundAt === null ? 0 : 1],
      downFirst: [downAt === null ? 0 : 1],
      withdrawnS: foundAt === null ? [] : [seconds(Math.min(foundAt, downAt ?? foundAt) - faultAt)],
      falseBefore: [before],
      pageS: paged === null ? [] : [seconds(paged - verdictAt)],
      paged: [paged === null ? 0 : 1],
      handedAfterVerdict: [(await handedTo(world, primary, verdictAt + SECOND_MS)).length],
      criticalSwallowed: [critical.length],
      inboxS: critical.flatMap(({ at }) => (at === null ? [] : [seconds(Math.max(0, at - verdictAt))])),
      criticalLost: [critical.filter(({ at }) => at === null).length],
      routineSwallowed: [routine.length],
      routineLost: [routine.filter(({ at }) => at === null).length],
      secretsSwallowed: [secrets.length],
      secretsNotWantedAnew: [secrets.filter(({ id }) => !wanted.has(id)).length],
      secondCopies: [copiesOver(world, 1)],
      thirdCopies: [copiesOver(world, 2)],
      refusedByDoor: [refusedByDoor(world)],
      messages: [application.sent.length],
    };
  },
  thresholds: [
    { name: "every lie is found", value: (all) => all.least("foundLie"), limit: 1, atLeast: true },
    { name: "QUARANTINED, at most s", value: (all) => all.most("quarantinedS"), limit: 60 },
    { name: "somebody is called", value: (all) => all.least("paged"), limit: 1, atLeast: true },
    { name: "customers' mail handed to it after the verdict", value: (all) => all.sum("handedAfterVerdict"), limit: 0 },
    { name: "C1 and C2 that never arrived", value: (all) => all.sum("criticalLost"), limit: 0 },
    { name: "C1 and C2 at their inbox after the verdict, s", value: (all) => all.most("inboxS"), limit: 90 },
    { name: "C3 that never arrived", value: (all) => all.sum("routineLost"), limit: 0 },
    {
      name: "swallowed secrets of which no new one is wanted",
      value: (all) => all.sum("secretsNotWantedAnew"),
      limit: 0,
    },
    { name: "third copies", value: (all) => all.sum("thirdCopies"), limit: 0 },
    { name: "errors the application saw", value: (all) => all.sum("refusedByDoor"), limit: 0 },
  ],
  chart: { measurement: "quarantinedS", unit: "s" },
};

const CRITICAL = ["C1", "C2"];

async function pagedAt({ database, primary }: World, sinceAt: number): Promise<number | null> {
  const [row] = await database.query<{ at: number | null }>(
    `SELECT min(raised_at) AS at FROM alerts
     WHERE provider = $1 AND kind = 'quarantined' AND severity = 'page' AND raised_at >= $2`,
    [primary, new Date(sinceAt)],
  );
  return row?.at ?? null;
}
