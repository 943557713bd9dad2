import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../kernel/index.ts";
import { livingSecrets } from "../living-secrets.ts";
import { copiesOver, refusedByDoor } from "../measure.ts";
import { type Scenario, seconds } from "../scenario.ts";
import { STREAMS, type TwinName } from "../settings.ts";
import { FAIR } from "../weather.ts";
import type { World } from "../world.ts";

const PER_MINUTE = 10;
const USUAL_MS = MINUTE_MS;
/** So many at once, before anybody can know: what is missing in numbers is noticed in seconds. */
const HELD = 500;
const AT_ONCE = 100;
const BETWEEN_MS = 20;
const PATIENCE_MS = 4 * MINUTE_MS;
/** Mail goes on for a while after the verdict. */
const AFTERWARDS_MS = 5 * MINUTE_MS;
/** Routine mail follows after a quarter of an hour, at the stand-in's pace. */
const RESENT_MS = 30 * MINUTE_MS;
const HELD_FOR_MS = 26 * HOUR_MS;
const RELEASE_MS = 2 * HOUR_MS;
/** An application asks for its lost secrets this often. */
const REISSUES_EVERY_MS = 10 * SECOND_MS;

/** They carry the text as it was given, and with it the message's own Date. */
const CARRIERS: readonly TwinName[] = ["mandrill", "mailgun"];

/** What was given up for lost comes back a day later. */
export const s34: Scenario = {
  name: "S34",
  title: "Resurrection",
  shows:
    "The provider that carries the mail keeps back five hundred messages and says nothing of it (every second seed: until it says that the account is suspended). They go another way. After 26 hours it lets all of them go: which secrets among them still work, how many copies anyone has, and whether it is counted.",
  plan: (seed) => ({
    providers: [CARRIERS[seed % CARRIERS.length]!, "ses", "postmark"],
    // A day of canaries would cost more than all the rest and show nothing of it.
    canaries: false,
    // All is told: so what is counted must be what arrived.
    weather: { ...FAIR, neverTold: 0 },
  }),
  async run(world) {
    const { application, clock, primary, standings, receivers } = world;
    application.reissueEvery(REISSUES_EVERY_MS);
    application.start(PER_MINUTE);
    await world.pass(USUAL_MS * (1 + world.random.fraction()));
    await world.ledger.check();
    const heldFromAt = clock.now();
    const twin = world.twin();
    twin.setFault({ mode: "hold" });
    await rush(world);
    await world.passUntil(() => twin.figures.held >= HELD, PATIENCE_MS);
    if (primary === "mandrill") twin.setFault({ mode: "suspended", variant: "account-suspended" });
    await world.passUntil(async () => (await standings.state(primary)) === "DOWN", PATIENCE_MS);
    const downAt = await standings.firstAt(primary, "DOWN", heldFromAt);
    await world.pass(AFTERWARDS_MS);
    application.stop();
    await world.ledger.check();
    await world.pass(RESENT_MS);
    await world.passIdly(heldFromAt + HELD_FOR_MS - clock.now());

    const { held } = twin.figures;
    const releasedAt = clock.now();
    twin.setFault({ mode: "ok" });
    const release = twin.release();
    const late = (): ReturnType<typeof lateOf> => lateOf(world, releasedAt);
    await world.passUntil(() => late().length >= held, RELEASE_MS);
    await world.end();
    await release;
    await world.ledger.check();

    const isLiving = livingSecrets(world);
    const arrived = late();
    const counted = await lateCounted(world);
    const reissued = new Set(application.sent.flatMap(({ insteadOf }) => insteadOf ?? []));
    const secrets = arrived.filter(({ message }) => message.secret !== null);
    const living = (message: (typeof application.sent)[number]): number =>
      receivers.copiesOf(message.recipient).filter(({ at }) => isLiving(message, at)).length;
    return {
      downS: downAt === null ? [] : [seconds(downAt - heldFromAt)],
      held: [held],
      late: [arrived.length],
      lateSecrets: [secrets.length],
      workingSecrets: [secrets.filter(({ message, at }) => isLiving(message, at)).length],
      secretsInTwoPlaces: [application.sent.filter((message) => living(message) > 1).length],
      // Nobody is left without: a newer one was made, or the same one came by another way while it lived.
      secretsNeverHad: [secrets.filter(({ message }) => !reissued.has(message.id!) && living(message) === 0).length],
      lost: [application.sent.filter(({ recipient }) => receivers.copiesOf(recipient).length === 0).length],
      secondCopies: [copiesOver(world, 1)],
      thirdCopies: [copiesOver(world, 2)],
      lateCounted: [counted.leaves],
      lateOfOrders: [counted.items],
      miscounted: [Math.abs(counted.leaves - arrived.length)],
      withoutEventTime: [arrived.filter(({ message, dateAt }) => Math.abs(dateAt - message.at) > SECOND_MS).length],
      elsewhereS: redrivenS(world, arrived),
      refusedByDoor: [refusedByDoor(world)],
      messages: [application.sent.length],
    };
  },
  thresholds: [
    { name: "messages that were held", value: (all) => all.least("held"), limit: HELD, atLeast: true },
    { name: "secrets that work when they come late", value: (all) => all.sum("workingSecrets"), limit: 0 },
    { name: "secrets that lived in two places", value: (all) => all.sum("secretsInTwoPlaces"), limit: 0 },
    { name: "customers who never had a secret that works", value: (all) => all.sum("secretsNeverHad"), limit: 0 },
    { name: "messages that never arrived", value: (all) => all.sum("lost"), limit: 0 },
    { name: "third copies", value: (all) => all.sum("thirdCopies"), limit: 0 },
    { name: "late copies that were not counted, or counted twice", value: (all) => all.sum("miscounted"), limit: 0 },
    { name: "late copies without the time of their event", value: (all) => all.sum("withoutEventTime"), limit: 0 },
    { name: "errors the application saw", value: (all) => all.sum("refusedByDoor"), limit: 0 },
  ],
  chart: { measurement: "elsewhereS", unit: "s" },
};

/** Of each class so many as its share is; twice as many in all, as what finds no free place goes to the standby. */
async function rush(world: World): Promise<void> {
  for (const stream of STREAMS) {
    const count = Math.ceil(HELD * 2 * stream.share);
    for (let sent = 0; sent < count; sent += AT_ONCE) {
      await world.application.sendMany(stream, Math.min(AT_ONCE, count - sent));
      await world.pass(BETWEEN_MS);
    }
  }
}

type Late = { message: World["application"]["sent"][number]; at: number; dateAt: number };

/** What the provider let go, as it arrived. */
const lateOf = ({ application, receivers, primary }: World, releasedAt: number): Late[] =>
  application.sent.flatMap((message) =>
    receivers
      .copiesOf(message.recipient)
      .filter(({ provider, at }) => provider === primary && at >= releasedAt)
      .map(({ at, dateAt }) => ({ message, at, dateAt: dateAt ?? Number.NaN })),
  );

/** Of notices and critical mail among it: when they had arrived by another way. */
const redrivenS = ({ receivers, primary }: World, late: readonly Late[]): number[] =>
  late.flatMap(({ message }) => {
    const other = receivers.copiesOf(message.recipient).find(({ provider }) => provider !== primary);
    return other && (message.class === "C1" || message.class === "C2") ? [seconds(other.at - message.at)] : [];
  });

/** As the program reports it: in the ledger, and for each order. */
async function lateCounted({ database }: World): Promise<{ leaves: number; items: number }> {
  const [leaves] = await database.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM ledger_leaves WHERE convert_from(leaf, 'UTF8') LIKE '%"kind":"late-copy"%'`,
  );
  const [items] = await database.query<{ n: number }>("SELECT count(late_at)::int AS n FROM redrive_items");
  return { leaves: leaves!.n, items: items!.n };
}
