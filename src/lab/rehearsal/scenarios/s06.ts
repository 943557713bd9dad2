import { MINUTE_MS, SECOND_MS } from "../../../kernel/index.ts";
import { copiesOver, refusedByDoor, reissuesWanted } from "../measure.ts";
import { PLAIN, faultTimes } from "../model/index.ts";
import { type Observed, type Scenario, seconds } from "../scenario.ts";
import type { World } from "../world.ts";

const PER_MINUTE = 10;
const USUAL_MS = 2 * MINUTE_MS;
/** What is not alarmed by then counts as never. */
const PATIENCE_MS = { 30: 30 * MINUTE_MS, 10: 60 * MINUTE_MS };
const AFTERWARDS_MS = 5 * MINUTE_MS;
/** What nothing is heard of for a minute goes another way within the next. */
const MENDING_MS = 3 * MINUTE_MS;
/** Through the judge alone, of each share, for each seed. */
const STUDIED = 25;
const STUDY_PATIENCE_S = 14_400;

type Percent = keyof typeof PATIENCE_MS;
const percentOf = (seed: number): Percent => (seed % 2 === 0 ? 30 : 10);

/** A part of all mail is dropped, by chance, and nothing tells of it. */
export const s06: Scenario = {
  name: "S06",
  title: "A part of the mail is lost",
  shows:
    "The provider that carries the mail drops 30 % of it (even seeds) or 10 % (odd ones) by chance: how soon that is found, and that secrets and notices then go elsewhere while routine mail stays, and what was lost of notices and critical mail arrives another way. Hundreds more of each through the judge alone.",
  async run(world) {
    const { application, clock, primary, seed, standings } = world;
    const percent = percentOf(seed);
    application.start(PER_MINUTE);
    await world.pass(USUAL_MS * (1 + world.random.fraction()));
    await world.ledger.check();
    const faultAt = clock.now();
    world.weather().loseShare(percent / 100);
    await world.passUntil(async () => (await alarmedAt(world, faultAt)) !== null, PATIENCE_MS[percent]);
    const foundAt = await alarmedAt(world, faultAt);
    const verdictAt = foundAt ?? clock.now();
    await world.pass(AFTERWARDS_MS);
    const after = await handedOff(world, verdictAt + SECOND_MS);
    const through = (classes: readonly number[]): { all: number; primary: number } => {
      const some = after.filter((one) => classes.includes(one.class));
      return { all: some.length, primary: some.filter(({ provider }) => provider === primary).length };
    };
    const failovers = (await standings.failovers()).length;
    application.stop();
    await world.pass(MENDING_MS);
    await world.end();
    await world.ledger.check();
    const lost = application.sent.filter(
      ({ at, recipient }) => at >= faultAt && world.receivers.copiesOf(recipient).length === 0,
    );
    const wanted = await reissuesWanted(world, faultAt);
    return {
      [`alarm${percent}S`]: foundAt === null ? [Number.POSITIVE_INFINITY] : [seconds(foundAt - faultAt)],
      movedAfter: [through([0, 1]).all],
      movedThroughIt: [through([0, 1]).primary],
      routineAfter: [through([3]).all],
      routineThroughIt: [through([3]).primary],
      failovers: [failovers],
      [`messages${percent}`]: [application.sent.filter(({ at }) => at >= faultAt).length],
      lostC0: [lost.filter((one) => one.class === "C0").length],
      lostC0NotWantedAnew: [lost.filter((one) => one.class === "C0" && !wanted.has(one.id ?? "")).length],
      redriven: [await redriven(world)],
      lostC1C2: [lost.filter((one) => one.class === "C1" || one.class === "C2").length],
      lostC3: [lost.filter((one) => one.class === "C3").length],
      refusedByDoor: [refusedByDoor(world)],
      messages: [application.sent.length],
      secondCopies: [copiesOver(world, 1)],
      thirdCopies: [copiesOver(world, 2)],
    };
  },
  async study({ seeds, firstSeed }) {
    const times = (loss: number): number[] => {
      const options = { runs: STUDIED * seeds, patienceS: STUDY_PATIENCE_S, seed: firstSeed };
      return faultTimes(PLAIN, { loss }, options).suspects.map((one) => one ?? Number.POSITIVE_INFINITY);
    };
    return { studied30S: times(0.3), studied10S: times(0.1) };
  },
  thresholds: [
    { name: "30 % found, 95 % within s", value: (all) => all.p95("alarm30S"), limit: 300 },
    { name: "10 % found, 95 % within s", value: (all) => all.p95("alarm10S"), limit: 1_200 },
    { name: "30 % through the judge alone, 95 % within s", value: (all) => all.p95("studied30S"), limit: 300 },
    { name: "10 % through the judge alone, 95 % within s", value: (all) => all.p95("studied10S"), limit: 1_200 },
    { name: "C0 and C1 through it after the verdict", value: (all) => all.sum("movedThroughIt"), limit: 0 },
    { name: "C3 that stays, share", value: (all) => staying(all), limit: 0.9, atLeast: true },
    { name: "C1 and C2 that never arrived", value: (all) => all.sum("lostC1C2"), limit: 0 },
    { name: "failovers", value: (all) => all.sum("failovers"), limit: 0 },
    { name: "third copies", value: (all) => all.sum("thirdCopies"), limit: 0 },
    { name: "errors the application saw", value: (all) => all.sum("refusedByDoor"), limit: 0 },
  ],
  chart: { measurement: "studied10S", unit: "s" },
};

/** A twentieth goes through standbys at any time. */
const staying = (all: Observed): number => all.sum("routineThroughIt") / all.sum("routineAfter");

/** When it was called a loss of a part. */
async function alarmedAt({ primary, standings }: World, sinceAt: number): Promise<number | null> {
  const found = (await standings.changes(primary)).find(
    ({ scope, to, because, at }) =>
      scope === "" && to === "SUSPECT" && because.kind === "partial-loss" && at >= sinceAt,
  );
  return found?.at ?? null;
}

/** First tries of customers' mail. */
const handedOff = ({ database }: World, afterAt: number): Promise<{ class: number; provider: string }[]> =>
  database.query(
    `SELECT m.class, a.provider FROM attempts a JOIN messages m USING (spool_id)
     WHERE a.intent_at > $1 AND a.n = 1 AND m.tenant <> '~canary'`,
    [new Date(afterAt)],
  );

async function redriven({ database }: World): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    "SELECT count(DISTINCT spool_id)::int AS n FROM redrive_items WHERE result = 'resent'",
  );
  return row!.n;
}
