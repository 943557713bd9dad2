import { HOUR_MS, MINUTE_MS, SECOND_MS, seededRandom } from "../../../kernel/index.ts";
import { DOMAINS, type Submitted } from "../application.ts";
import { refusedByDoor } from "../measure.ts";
import { Observed, type Sample, type Scenario, seconds } from "../scenario.ts";
import { askedFor, usableAfterMs } from "../secrets.ts";
import type { StreamPlan } from "../settings.ts";
import { Throttle } from "../throttle.ts";
import type { World } from "../world.ts";

const PER_MINUTE = 20;
const STANDBY_SHARE = 0.07;
/** Most of it is routine, as with everybody whose customers pay: critical mail is less than a standby's usual. */
const STREAMS: readonly StreamPlan[] = [
  { name: "resets", class: "C0", ttlMs: 15 * MINUTE_MS, share: 0.03 },
  { name: "notices", class: "C1", ttlMs: null, share: 0.02 },
  { name: "alerts", class: "C2", ttlMs: null, share: 0.03 },
  { name: "receipts", class: "C3", ttlMs: null, share: 0.92 },
];
const ROUTINE = STREAMS[3]!;
const BACKLOG = 20_000;
const AT_ONCE = 20;
const USUAL_MS = 2 * MINUTE_MS;
const PATIENCE_MS = 26 * HOUR_MS;
/** What is seen of the control run. */
const CONTROL_MS = HOUR_MS;
const GROWTH = 2;
const HISTORY_HOURS = 7 * 24;
/** Of customers' mail, to see it signed and checked. */
const CHECKED = 0.02;
const EVERYTHING_AT_ONCE = 1_000_000;

/** A standby that knew 7 % of the mail gets all of it, with a night's worth of receipts on top. */
export const s37: Scenario = {
  name: "S37",
  title: "A standby that is new to receivers",
  shows:
    "The provider that carries the mail is suspended, 20,000 receipts wait, and the standby knew 7 % of the mail. Receivers put off whoever more than doubles within an hour. Every other seed is the control: the same without a pace.",
  plan: (seed) => ({
    providers: seed % 4 < 2 ? ["mandrill", "sendgrid"] : ["sendgrid", "mailgun"],
    streams: STREAMS,
    standbyShare: STANDBY_SHARE,
    // A quicker world than the usual one, whose 12 s at 95 % leave nothing of the ten that are to be shown.
    weather: { latency: { family: "log-normal", medianMs: 1_500, p95Ms: 5_000 }, toldAfterMs: 200, neverTold: 0.005 },
    checked: isControl(seed) ? false : CHECKED,
  }),
  async run(world) {
    const { application, clock, primary, standings, settings } = world;
    const standby = settings.providers[1]!.name;
    const usual = await knownFrom(world, standby);
    const throttle = new Throttle({
      growth: GROWTH,
      usualPerHour: (provider) => (provider === standby ? usual : usual / STANDBY_SHARE),
      receivers: DOMAINS,
      random: seededRandom(world.seed * 64 + 61),
    });
    for (const name of [primary, standby]) world.weather(name).putsOff = throttle.of(name);
    const dmarc = watchDmarc(world);
    application.start(PER_MINUTE);
    application.reissueEvery(2 * SECOND_MS);
    await world.pass(USUAL_MS);
    await world.ledger.check();
    const faultAt = clock.now();
    world.twin().setFault({ mode: "suspended" });
    await world.passUntil(async () => (await standings.state(primary)) === "DOWN", 5 * MINUTE_MS);
    const downAt = clock.now();
    if (isControl(world.seed)) await withoutPace(world, standby);
    const backlog: Submitted[] = [];
    for (let n = 0; n < BACKLOG; n += AT_ONCE) {
      backlog.push(...(await application.sendMany(ROUTINE, AT_ONCE)));
      await world.pass(SECOND_MS / 20);
    }
    const arrived = () => backlog.filter(({ recipient }) => world.receivers.copiesOf(recipient).length > 0);
    const until = downAt + (isControl(world.seed) ? CONTROL_MS : PATIENCE_MS);
    while (clock.now() < until && arrived().length < BACKLOG) await world.pass(MINUTE_MS);
    const doneAt = clock.now();
    application.stop();
    await world.end();
    await world.ledger.check();
    const answers = throttle.answers.filter(({ at, provider }) => at >= downAt && provider === standby);
    const putOff = answers.filter((one) => one.putOff).length / answers.length;
    if (isControl(world.seed)) return { putOffAtOnce: [putOff], arrivedAtOnce: [arrived().length] };
    dmarc.stop();
    return {
      putOff: [putOff],
      putOffWorstHour: [
        Math.max(...hourly(answers, downAt).map((all) => all.filter((one) => one.putOff).length / all.length)),
      ],
      tries: [answers.length],
      ...critical(world, faultAt),
      backlogH: [arrived().length < BACKLOG ? Number.MAX_SAFE_INTEGER : (doneAt - downAt) / HOUR_MS],
      backlogArrived: [arrived().length],
      checkedMessages: [dmarc.checked.size],
      dmarcPass: [[...dmarc.checked.values()].filter((result) => result === "pass").length],
      refusedByDoor: [refusedByDoor(world)],
      messages: [application.sent.length],
    };
  },
  thresholds: [
    { name: "C0 and C1 at their inbox, 95 % within s", value: (all) => all.p95("criticalS"), limit: 10 },
    { name: "and in the worst hour of any seed, s", value: (all) => all.most("criticalHourS"), limit: 10 },
    { name: "tries that receivers put off, share", value: (all) => all.most("putOff"), limit: 0.05 },
    {
      name: "DMARC passes, share of what was checked",
      value: (all) => all.sum("dmarcPass") / all.sum("checkedMessages"),
      limit: 1,
      atLeast: true,
    },
    { name: "the backlog is done within h", value: (all) => all.most("backlogH"), limit: 24 },
    {
      name: "control, all at once: tries put off, share",
      value: (all) => all.least("putOffAtOnce"),
      limit: 0.3,
      atLeast: true,
    },
    { name: "errors the application saw", value: (all) => all.sum("refusedByDoor"), limit: 0 },
  ],
};

const isControl = (seed: number): boolean => seed % 2 === 0;

/** A week in which the standby had its share, as Postern keeps it by the hour. @returns its best hour */
async function knownFrom({ clock, database, seed }: World, standby: string): Promise<number> {
  const random = seededRandom(seed * 64 + 62);
  const hours = Array.from({ length: HISTORY_HOURS }, () =>
    Math.round(PER_MINUTE * 60 * STANDBY_SHARE * (0.8 + 0.4 * random.fraction())),
  );
  await database.query(
    `INSERT INTO slo_hours (hour, tenant, stream, class, provider, measure, accepted, handed_off, confirmed, failed, expired,
       handed_off_within, confirmed_within, leg_within)
     SELECT date_trunc('hour', $1::timestamptz) - n * interval '1 hour', 'lab', 'receipts', 3, $2, 'confirmed', sent, sent, sent, 0, 0, '{}', '{}', '{}'
     FROM unnest($3::int[]) WITH ORDINALITY AS t(sent, n)`,
    [new Date(clock.now()), standby, hours],
  );
  return Math.max(...hours);
}

/** The control: the stand-in's allowance is so large that it is none, and is left alone. */
async function withoutPace(world: World, standby: string): Promise<void> {
  const isThere = async (): Promise<boolean> =>
    (await world.database.query("SELECT 1 FROM provider_paces WHERE provider = $1", [standby])).length > 0;
  if (!(await world.passUntil(isThere, MINUTE_MS))) throw new Error("there is no pace that could be taken away");
  await world.database.query(
    "UPDATE provider_paces SET allowance_per_hour = $2, routine_per_hour = $2, counted_at = $3 WHERE provider = $1",
    [standby, EVERYTHING_AT_ONCE, new Date(world.clock.now() + PATIENCE_MS)],
  );
  await world.pass(SECOND_MS);
}

function hourly<One extends { at: number }>(all: readonly One[], fromAt: number): One[][] {
  const hours: One[][] = [];
  for (const one of all) (hours[Math.floor((one.at - fromAt) / HOUR_MS)] ??= []).push(one);
  return hours.filter((hour) => hour !== undefined);
}

/** From the suspension on; what never arrived took for ever. */
function critical(world: World, faultAt: number): Sample {
  const all = askedFor(world).filter((one) => one.at >= faultAt && (one.class === "C0" || one.class === "C1"));
  const times = usableAfterMs(world, all);
  const timed = all.map(({ at }, n) => ({ at, s: times[n] === null ? Number.MAX_SAFE_INTEGER : seconds(times[n]!) }));
  return {
    criticalS: timed.map(({ s }) => s),
    criticalHourS: hourly(timed, faultAt).map((hour) => new Observed({ s: hour.map(({ s }) => s) }).p95("s")),
  };
}

/** What the receiving server found of customers' mail; the inbox forgets, so it is looked at all along. */
function watchDmarc(world: World): { checked: Map<number, string>; stop(): void } {
  const checked = new Map<number, string>();
  const look = (): Promise<void> => {
    for (const { id, envelope, receipt } of world.inbox.newest()) {
      if (checked.has(id) || receipt === null || !envelope.recipients.some((one) => /^reader\d+@/.test(one.address)))
        continue;
      if (receipt.authentication === "waiting") continue;
      checked.set(id, receipt.authentication === "unchecked" ? "unchecked" : receipt.authentication.dmarc.result);
    }
    return Promise.resolve();
  };
  const { stop } = world.each(MINUTE_MS, look);
  return {
    checked,
    stop() {
      stop();
      void look();
    },
  };
}
