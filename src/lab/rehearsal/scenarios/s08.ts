import { HOUR_MS, MINUTE_MS } from "../../../kernel/index.ts";
import { copiesOver, refusedByDoor } from "../measure.ts";
import { type Scenario, seconds } from "../scenario.ts";
import type { World } from "../world.ts";

const PER_MINUTE = 10;
const USUAL_MS = 5 * MINUTE_MS;
const DARK_MS = 2 * HOUR_MS;
/** What was sent before the end of the dark may still be asked for. */
const ASKED_MS = 10 * MINUTE_MS;

/** Webhooks stop, mail goes on. */
export const s08: Scenario = {
  name: "S08",
  title: "Webhooks dead, mail fine",
  shows:
    "The provider delivers all and tells of nothing for two hours: its events are dark, nothing is failed over, its log is asked instead, and nobody gets a second copy.",
  plan: { providers: ["mailgun", "ses", "postmark"] },
  async run(world) {
    const { application, clock, primary, standings } = world;
    application.start(PER_MINUTE);
    await world.pass(USUAL_MS);
    await world.ledger.check();
    const darkAt = clock.now();
    world.twin().switchTo("webhooks", "silent");
    await world.pass(DARK_MS);
    const lightAt = clock.now();
    await world.end();
    await world.ledger.check();
    const foundAt = await standings.firstAt(primary, "EVENTS_DARK", darkAt);
    const confirmed = await confirmations(world, darkAt, lightAt - ASKED_MS);
    return {
      darkS: foundAt === null ? [] : [seconds(foundAt - darkAt)],
      foundDark: [foundAt === null ? 0 : 1],
      failovers: [(await standings.failovers()).length],
      handedOff: [confirmed.handedOff],
      confirmed: [confirmed.confirmed],
      secondCopies: [copiesOver(world, 1)],
      refusedByDoor: [refusedByDoor(world)],
      messages: [application.sent.length],
    };
  },
  thresholds: [
    { name: "dark events are found", value: (all) => all.least("foundDark"), limit: 1, atLeast: true },
    { name: "EVENTS_DARK, at most s", value: (all) => all.most("darkS"), limit: 120 },
    { name: "failovers", value: (all) => all.sum("failovers"), limit: 0 },
    {
      name: "C0 to C2 confirmed by the provider's log, share",
      value: (all) => all.sum("confirmed") / all.sum("handedOff"),
      limit: 0.99,
      atLeast: true,
    },
    { name: "second copies", value: (all) => all.sum("secondCopies"), limit: 0 },
    { name: "errors the application saw", value: (all) => all.sum("refusedByDoor"), limit: 0 },
  ],
  chart: { measurement: "darkS", unit: "s" },
};

async function confirmations(
  { database, primary }: World,
  fromAt: number,
  toAt: number,
): Promise<{ handedOff: number; confirmed: number }> {
  const [row] = await database.query<{ handedOff: number; confirmed: number }>(
    `SELECT count(*)::int AS "handedOff", (count(*) FILTER (WHERE r.state = 'delivered'))::int AS confirmed
     FROM attempts a JOIN messages m USING (spool_id) JOIN recipients r USING (spool_id)
     WHERE a.provider = $1 AND a.outcome = 'accepted' AND m.tenant <> '~canary' AND m.class <= 2 AND a.intent_at BETWEEN $2 AND $3`,
    [primary, new Date(fromAt), new Date(toAt)],
  );
  return row!;
}
