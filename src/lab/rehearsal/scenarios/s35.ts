import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../kernel/index.ts";
import type { MessageClass } from "../../../mail/index.ts";
import type { KeptChange } from "../../../standing/index.ts";
import { PLAIN, flapping, relapsing } from "../model/index.ts";
import { copiesOver, refusedByDoor, waiting } from "../measure.ts";
import { type Scenario, seconds } from "../scenario.ts";
import { askedFor, usableAfterMs } from "../secrets.ts";
import type { World } from "../world.ts";

const PER_MINUTE = 10;
/** For each seed. */
const STUDIED = 5;
const USUAL_MS = 2 * MINUTE_MS;
const UP_MS = 90 * SECOND_MS;
const DOWN_MS = 90 * SECOND_MS;
const FLAPS_MS = 6 * HOUR_MS;
const ASKS_MS = 2 * SECOND_MS;
/** What is wanted at the very end has its time too. */
const LAST_MS = 3 * MINUTE_MS;

/** It works for ninety seconds and loses everything for ninety, for six hours. */
export const s35: Scenario = {
  name: "S35",
  title: "A provider that comes and goes",
  shows:
    "Ninety seconds it delivers, ninety seconds it swallows all (every other seed: cannot be reached), for six hours: mail is not swung to and fro, every secret that somebody waits for arrives, nearly nothing arrives twice.",
  async run(world) {
    const { application, clock, primary, standings } = world;
    application.start(PER_MINUTE);
    application.reissueEvery(ASKS_MS);
    await world.pass(USUAL_MS * (1 + world.random.fraction()));
    await world.ledger.check();
    const beganAt = clock.now();
    while (clock.now() < beganAt + FLAPS_MS) {
      setUp(world, true);
      await world.pass(UP_MS);
      setUp(world, false);
      await world.pass(DOWN_MS);
    }
    setUp(world, true);
    application.stop();
    await world.pass(LAST_MS);
    await world.end();
    await world.ledger.check();
    // A stand-in takes routine mail at its pace: some has a turn that is yet to come.
    const stillWaiting = await waiting(world);
    const changes = (await standings.changes(primary)).filter(({ at }) => at >= beganAt);
    const secrets = askedFor(world).filter(({ secret }) => secret !== null);
    const times = usableAfterMs(world, secrets);
    const ttlMs = 15 * MINUTE_MS;
    return {
      switchesOfAnHour: [mostInAnHour(changes.filter(isSwitch).map(({ at }) => at))],
      switches: [changes.filter(isSwitch).length],
      pinned: [changes.filter(({ to, from }) => to === "PINNED_OFF" && from !== to).length],
      foundS: changes
        .filter(isSwitch)
        .slice(0, 1)
        .map(({ at }) => seconds(at - beganAt)),
      secrets: [secrets.length],
      secretsInTime: [times.filter((ms) => ms !== null && ms <= ttlMs).length],
      secretsReissued: [application.sent.filter(({ insteadOf }) => insteadOf !== null).length],
      secretS: times.flatMap((ms) => (ms === null ? [] : [seconds(ms)])),
      secondCopies: [copiesOver(world, 1)],
      thirdCopies: [copiesOver(world, 2)],
      lost: [lost(world, ["C1", "C2"])],
      routineLost: [Math.max(0, lost(world, ["C3"]) - stillWaiting)],
      routineWaiting: [stillWaiting],
      refusedByDoor: [refusedByDoor(world)],
      messages: [application.sent.length],
    };
  },
  // By the judge alone: many more of the same, and the worst there is, which comes back only to fail again.
  async study({ seeds, firstSeed }) {
    const plan = { ...PLAIN, standby: true };
    const all = Array.from({ length: STUDIED * seeds }, (_, n) => firstSeed * STUDIED + n);
    const flaps = all.map((seed) => flapping(plan, { badS: 90, goodS: 90, hours: 6 }, seed));
    const relapses = all.map((seed) => relapsing(plan, { hours: 2 }, seed));
    return {
      switchesOfJudge: flaps.map(({ mostInAnHour }) => mostInAnHour),
      // The one that pins it moves nothing: it was off already.
      relapseSwitches: relapses.map(({ downs, pinnedAfterS }) => downs - (pinnedAfterS === null ? 0 : 1)),
      relapsePinnedS: relapses.map(({ pinnedAfterS }) => pinnedAfterS ?? Number.MAX_SAFE_INTEGER),
    };
  },
  thresholds: [
    { name: "switches within an hour", value: (all) => all.most("switchesOfAnHour"), limit: 2 },
    { name: "and by the judge alone", value: (all) => all.most("switchesOfJudge"), limit: 2 },
    {
      name: "falls of one that comes back only to fail, before it is pinned",
      value: (all) => all.most("relapseSwitches"),
      limit: 2,
    },
    { name: "and it is PINNED_OFF within s", value: (all) => all.most("relapsePinnedS"), limit: 3_600 },
    {
      name: "secrets usable at their inbox within their 15 minutes, share",
      value: (all) => all.sum("secretsInTime") / all.sum("secrets"),
      limit: 0.995,
      atLeast: true,
    },
    { name: "second copies, share", value: (all) => all.sum("secondCopies") / all.sum("messages"), limit: 0.001 },
    { name: "third copies", value: (all) => all.sum("thirdCopies"), limit: 0 },
    { name: "C1 and C2 that never arrived", value: (all) => all.sum("lost"), limit: 0 },
    { name: "C3 that neither arrived nor waits for a turn", value: (all) => all.sum("routineLost"), limit: 0 },
    { name: "errors the application saw", value: (all) => all.sum("refusedByDoor"), limit: 0 },
  ],
  chart: { measurement: "secretS", unit: "s" },
};

function setUp(world: World, isUp: boolean): void {
  if (world.seed % 2 === 0) world.network.cutTo(world.primary, !isUp);
  else if (isUp) world.weather().clear();
  else world.weather().blackhole();
}

const CARRIES: ReadonlySet<string> = new Set(["HEALTHY", "SUSPECT", "EVENTS_DARK"]);
/** Mail is moved off it, or the first of it goes back. */
const isSwitch = ({ from, to }: KeptChange): boolean =>
  from !== to &&
  ((CARRIES.has(from) && !CARRIES.has(to)) || (from === "PROBING" && !CARRIES.has(to)) || to === "PROBING");

const mostInAnHour = (instants: readonly number[]): number =>
  Math.max(0, ...instants.map((at) => instants.filter((one) => one <= at && one > at - HOUR_MS).length));

const lost = ({ application, receivers }: World, classes: readonly MessageClass[]): number =>
  application.sent.filter((one) => classes.includes(one.class) && receivers.copiesOf(one.recipient).length === 0)
    .length;
