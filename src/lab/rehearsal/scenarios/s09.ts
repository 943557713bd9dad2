import { MINUTE_MS, SECOND_MS } from "../../../kernel/index.ts";
import { copiesOver, reissuesWanted, refusedByDoor } from "../measure.ts";
import { type Scenario, seconds } from "../scenario.ts";
import type { TwinName } from "../settings.ts";
import type { World } from "../world.ts";

const PER_MINUTE = 10;
const USUAL_MS = MINUTE_MS;
const PATIENCE_MS = 5 * MINUTE_MS;
const INBOX_PATIENCE_MS = 2 * MINUTE_MS;
/** Routine mail waits for what a log may still say; that long a wait is rehearsed once through each carrier. */
const ROUTINE_PATIENCE_MS = 18 * MINUTE_MS;
const ROUTINE_EVERY = 4;

const CARRIERS: readonly TwinName[] = ["mandrill", "ses", "sendgrid", "mailgun", "resend"];

/** It drops everything and says, with its signature, that all was delivered. */
export const s09: Scenario = {
  name: "S09",
  title: "A liar",
  shows:
    "The provider drops all mail and says of all of it, signed as ever, that it was delivered: canaries that never came convict it, somebody is called, nothing more goes through it, and what it swallowed arrives another way.",
  plan: (seed) => {
    const first = seed % CARRIERS.length;
    return { providers: [CARRIERS[first]!, CARRIERS[(first + 1) % CARRIERS.length]!, "postmark"] };
  },
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
    const haveArrived = (classes: readonly string[]) => async (): Promise<boolean> =>
      (await swallowed(world, faultAt, classes)).every(({ at }) => at !== null);
    await world.passUntil(haveArrived(CRITICAL), INBOX_PATIENCE_MS);
    await world.pass(MINUTE_MS);
    application.stop();
    const isPatient = world.seed % ROUTINE_EVERY === 0;
    if (isPatient) await world.passUntil(haveArrived(["C3"]), ROUTINE_PATIENCE_MS);
    await world.end();
    await world.ledger.check();
    const critical = await swallowed(world, faultAt, CRITICAL);
    const routine = isPatient ? await swallowed(world, faultAt, ["C3"]) : [];
    const secrets = await swallowed(world, faultAt, ["C0"]);
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
      handedAfterVerdict: [await handedAfter(world, verdictAt + SECOND_MS)],
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

/** Customers' mail of these classes that it was given once it lied; `at`: when a copy arrived all the same. */
async function swallowed(
  { application, database, receivers, primary }: World,
  faultAt: number,
  classes: readonly string[],
): Promise<{ id: string; at: number | null }[]> {
  const rows = await database.query<{ id: string }>(
    "SELECT DISTINCT spool_id AS id FROM attempts WHERE provider = $1 AND intent_at >= $2",
    [primary, new Date(faultAt)],
  );
  const ids = new Set(rows.map(({ id }) => id));
  return application.sent.flatMap(({ id, recipient, class: messageClass }) =>
    id !== null && ids.has(id) && classes.includes(messageClass)
      ? [{ id, at: receivers.copiesOf(recipient)[0]?.at ?? null }]
      : [],
  );
}

async function handedAfter({ database, primary }: World, afterAt: number): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM attempts a JOIN messages m USING (spool_id)
     WHERE a.provider = $1 AND a.intent_at > $2 AND m.tenant <> '~canary'`,
    [primary, new Date(afterAt)],
  );
  return row!.n;
}

async function pagedAt({ database, primary }: World, sinceAt: number): Promise<number | null> {
  const [row] = await database.query<{ at: number | null }>(
    `SELECT min(raised_at) AS at FROM alerts
     WHERE provider = $1 AND kind = 'quarantined' AND severity = 'page' AND raised_at >= $2`,
    [primary, new Date(sinceAt)],
  );
  return row?.at ?? null;
}
