import type { Settings } from "../../../config/index.ts";
import { MINUTE_MS, type Random, seededRandom } from "../../../kernel/index.ts";
import type { Fault } from "../../twins/index.ts";
import { refusedByDoor, waiting } from "../measure.ts";
import { type Sample, type Scenario, seconds } from "../scenario.ts";
import { STREAMS, type TwinName } from "../settings.ts";
import type { World } from "../world.ts";

const PER_MINUTE = 100;
/** Ten seeds make ten thousand messages. */
const SENDING_MS = 10.5 * MINUTE_MS;
/** Of all answers. */
const UNCLEAR_SHARE = 0.2;
/** Routine mail may wait a quarter of an hour for an answer. */
const PATIENCE_MS = 20 * MINUTE_MS;

/** Those with a log that can be asked; SES has none. Each carries a fifth of the mail. */
const CARRIERS: readonly TwinName[] = ["mandrill", "sendgrid", "mailgun", "resend", "postmark"];
/** Every one of them took the message, and delivers it. */
const UNCLEAR: readonly Fault[] = [
  { mode: "time-out", taken: true },
  { mode: "closed", taken: true, reset: true },
  { mode: "5xx", taken: true },
  { mode: "truncated" },
];

/** Of the one half of them, which changes with the seed, there are no notices at all: then only the log can tell. */
const isByLogAlone = (provider: string, seed: number): boolean =>
  (CARRIERS.findIndex((name) => name === provider) + seed) % 2 === 0;

/** It takes the message, and the answer says nothing of the kind. */
export const s33: Scenario = {
  name: "S33",
  title: "Taken, and no clear answer",
  shows:
    "Every fifth send is taken, and then there is no answer, a reset connection, a 5xx, or JSON that breaks off, at each API that has a log: how many of them the log clears up, half of them without any notices, and how many recipients get two copies or none.",
  plan: {
    providers: CARRIERS,
    streams: [...STREAMS, { name: "news", class: "C4", ttlMs: null, share: 0.2 }],
    settings: sideBySide,
  },
  async run(world) {
    const { application, seed } = world;
    const random = seededRandom(seed + 33_000_003);
    for (const name of CARRIERS) {
      world.twin(name).setFault(() => faultByChance(random));
      if (isByLogAlone(name, seed)) world.twin(name).switchTo("webhooks", "silent");
    }
    application.start(PER_MINUTE);
    await world.pass(SENDING_MS);
    await world.ledger.check();
    application.stop();
    await world.passUntil(async () => (await waiting(world)) === 0, PATIENCE_MS);
    await world.end();
    await world.ledger.check();
    const accepted = application.sent.filter(({ status }) => status === 202);
    const copies = (recipient: string): number => world.receivers.copiesOf(recipient).length;
    const twice = accepted.filter(({ recipient }) => copies(recipient) > 1);
    return {
      messages: [accepted.length],
      ...(await clearedUp(world)),
      secondCopies: [twice.length],
      secretsTwice: [twice.filter((one) => one.class === "C0").length],
      bulkTwice: [twice.filter((one) => one.class === "C4").length],
      lost: [accepted.filter(({ recipient }) => copies(recipient) === 0).length],
      leftWaiting: [await waiting(world)],
      failovers: [(await world.standings.failovers()).length],
      refusedByDoor: [refusedByDoor(world)],
    };
  },
  thresholds: [
    {
      name: "unclear ends that are cleared up, share",
      value: (all) => all.sum("cleared") / all.sum("unclear"),
      limit: 0.99,
      atLeast: true,
    },
    {
      name: "and by the log alone, share",
      value: (all) => all.sum("clearedByLogAlone") / all.sum("unclearForLogAlone"),
      limit: 0.99,
      atLeast: true,
    },
    {
      name: "and at the API that clears up least, share",
      value: (all) => Math.min(...CARRIERS.map((name) => all.sum(`cleared ${name}`) / all.sum(`unclear ${name}`))),
      limit: 0.99,
      atLeast: true,
    },
    { name: "second copies, share", value: (all) => all.sum("secondCopies") / all.sum("messages"), limit: 0.001 },
    { name: "secrets twice", value: (all) => all.sum("secretsTwice"), limit: 0 },
    { name: "bulk twice", value: (all) => all.sum("bulkTwice"), limit: 0 },
    { name: "messages that never arrived", value: (all) => all.sum("lost"), limit: 0 },
    { name: "errors the application saw", value: (all) => all.sum("refusedByDoor"), limit: 0 },
  ],
  chart: { measurement: "clearedS", unit: "s" },
};

/** All carry mail at the same time in equal shares, none stands by. */
function sideBySide(settings: Settings): Settings {
  const prefer = { prefer: [...CARRIERS], standby: [], standbyShare: 0, weights: {} };
  const tenants = settings.tenants.map((tenant) => {
    const routes = Object.entries(tenant.routes).map(([name, route]) => [name, { ...route, ...prefer }] as const);
    return { ...tenant, routes: Object.fromEntries(routes) };
  });
  return { ...settings, tenants };
}

const faultByChance = (random: Random): Fault => {
  const isUnclear = random.fraction() < UNCLEAR_SHARE;
  const kind = Math.floor(random.fraction() * UNCLEAR.length);
  return isUnclear ? UNCLEAR[kind]! : { mode: "ok" };
};

/** Customers' tries without a clear answer; cleared: it was learned, by the log or by a notice, that they were taken. */
async function clearedUp({ database, seed }: World): Promise<Sample> {
  const rows = await database.query<{
    provider: string;
    resolved: string | null;
    unclearAt: number;
    endedAt: number | null;
  }>(
    `SELECT a.provider, a.resolved, a.settled_at AS "unclearAt", m.ended_at AS "endedAt"
     FROM attempts a JOIN messages m USING (spool_id)
     WHERE a.outcome = 'indeterminate' AND m.tenant <> '~canary'`,
  );
  const cleared = rows.filter(({ resolved }) => resolved === "taken");
  const logAlone = rows.filter(({ provider }) => isByLogAlone(provider, seed));
  const byProvider = CARRIERS.flatMap((name) => {
    const of = (all: typeof rows): number => all.filter(({ provider }) => provider === name).length;
    return [
      [`unclear ${name}`, [of(rows)]],
      [`cleared ${name}`, [of(cleared)]],
    ] as const;
  });
  return {
    unclear: [rows.length],
    cleared: [cleared.length],
    sentAgainUnknown: [rows.filter(({ resolved }) => resolved === "resent").length],
    thoughtUntaken: [rows.filter(({ resolved }) => resolved === "not-taken").length],
    // The message has one recipient: what is learned of it is its end.
    clearedS: cleared.flatMap(({ unclearAt, endedAt }) => (endedAt === null ? [] : [seconds(endedAt - unclearAt)])),
    unclearForLogAlone: [logAlone.length],
    clearedByLogAlone: [logAlone.filter((one) => cleared.includes(one)).length],
    ...Object.fromEntries(byProvider),
  };
}
