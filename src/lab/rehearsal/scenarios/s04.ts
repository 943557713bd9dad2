import { MINUTE_MS, SECOND_MS } from "../../../kernel/index.ts";
import { copiesOver, refusedByDoor, secretsAt } from "../measure.ts";
import { type Scenario, seconds } from "../scenario.ts";
import type { TwinName } from "../settings.ts";
import type { World } from "../world.ts";

const PER_MINUTE = 10;
/** Mail flows for so long, and by chance up to as long again, so that faults fall at every moment of every rhythm. */
const USUAL_MS = MINUTE_MS;
const PATIENCE_MS = 4 * MINUTE_MS;
const INBOX_PATIENCE_MS = 2 * MINUTE_MS;

const CARRIERS: readonly TwinName[] = ["mandrill", "ses", "sendgrid", "mailgun", "resend"];

/** It answers as always and drops everything. */
export const s04: Scenario = {
  name: "S04",
  title: "A silent black hole",
  shows:
    "The provider that carries the mail answers as always and drops all of it, at ten messages a minute with the default canaries: how soon it is DOWN, and how soon what it swallowed is at its inbox.",
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
    await world.passUntil(async () => (await standings.state(primary)) === "DOWN", PATIENCE_MS);
    const downAt = await standings.firstAt(primary, "DOWN", faultAt);
    const suspectAt = await standings.firstAt(primary, "SUSPECT", faultAt);
    const verdictAt = downAt ?? clock.now();
    await world.passUntil(
      async () => (await swallowed(world, faultAt)).every(({ at }) => at !== null),
      INBOX_PATIENCE_MS,
    );
    await world.end();
    await world.ledger.check();
    const affected = await swallowed(world, faultAt);
    return {
      suspectS: suspectAt === null ? [] : [seconds(suspectAt - faultAt)],
      downS: downAt === null ? [] : [seconds(downAt - faultAt)],
      foundDown: [downAt === null ? 0 : 1],
      falseBefore: [before],
      inboxS: affected.flatMap(({ at }) => (at === null ? [] : [seconds(Math.max(0, at - verdictAt))])),
      lost: [affected.filter(({ at }) => at === null).length],
      secretsAfterVerdict: [downAt === null ? 0 : await secretsAt(world, primary, downAt + SECOND_MS)],
      refusedByDoor: [refusedByDoor(world)],
      messages: [application.sent.length],
      secondCopies: [copiesOver(world, 1)],
      thirdCopies: [copiesOver(world, 2)],
    };
  },
  thresholds: [
    { name: "every black hole is found", value: (all) => all.least("foundDown"), limit: 1, atLeast: true },
    { name: "DOWN, mean s", value: (all) => all.mean("downS"), limit: 40 },
    { name: "DOWN, 95 % within s", value: (all) => all.p95("downS"), limit: 60 },
    { name: "DOWN, at most s", value: (all) => all.most("downS"), limit: 100 },
    { name: "C1 and C2 at their inbox after the verdict, s", value: (all) => all.most("inboxS"), limit: 90 },
    { name: "C1 and C2 that never arrived", value: (all) => all.sum("lost"), limit: 0 },
    { name: "second copies, share", value: (all) => all.sum("secondCopies") / all.sum("messages"), limit: 0.001 },
    { name: "third copies", value: (all) => all.sum("thirdCopies"), limit: 0 },
    { name: "errors the application saw", value: (all) => all.sum("refusedByDoor"), limit: 0 },
  ],
  chart: { measurement: "downS", unit: "s" },
};

/** Notices and critical mail that were handed to the provider once it dropped all; `at`: when a copy arrived all the same. */
async function swallowed(
  { database, application, receivers, primary }: World,
  faultAt: number,
): Promise<{ at: number | null }[]> {
  const rows = await database.query<{ id: string }>(
    `SELECT DISTINCT a.spool_id AS id FROM attempts a JOIN messages m USING (spool_id)
     WHERE a.provider = $1 AND a.intent_at >= $2 AND m.class IN (1, 2) AND m.tenant <> '~canary'`,
    [primary, new Date(faultAt)],
  );
  const ids = new Set(rows.map(({ id }) => id));
  return application.sent
    .filter(({ id }) => id !== null && ids.has(id))
    .map(({ recipient }) => ({ at: receivers.copiesOf(recipient)[0]?.at ?? null }));
}
