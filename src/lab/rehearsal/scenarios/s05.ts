import { MINUTE_MS } from "../../../kernel/index.ts";
import { refusedByDoor } from "../measure.ts";
import { TROUBLED, poissonAtMost, soakAll } from "../model/index.ts";
import { exponential } from "../model/latencies.ts";
import type { Observed, Scenario } from "../scenario.ts";

const PER_MINUTE = 10;
const DAYS_PER_YEAR = 365;
const CONFIDENCE = 0.95;
/** Of the whole program: enough that mail of all classes meets each kind of trouble. */
const CALM_MS = 20 * MINUTE_MS;
const STALL_MS = 5 * MINUTE_MS;

/**
 * Nothing is wrong, and much looks as if it were. A year in which nothing happens is what no program can
 * live through here: the judge alone does (model/), one year for each seed; a few runs of the program beside it show
 * that the rest is as calm.
 */
export const s05: Scenario = {
  name: "S05",
  title: "False alarms in calm years",
  shows:
    "All mail arrives, but webhooks come late in company, stand still and come in batches, receivers answer 4xx for hours, mailboxes are slow: how often a provider is convicted all the same. A year for each seed, through the judge alone.",
  runsAtMost: 4,
  async run(world) {
    const { application, random, standings } = world;
    const weather = world.weather();
    const stallFrom = world.clock.now() + 8 * MINUTE_MS;
    // Webhooks stand still once and come all at once; one group of receivers defers for as long as the rehearsal lasts.
    weather.extraToldMs = (_message, now) =>
      now > stallFrom && now < stallFrom + STALL_MS ? stallFrom + STALL_MS - now : 0;
    weather.extraMs = ({ recipients }) =>
      recipients[0]?.endsWith("@gmail.com") ? exponential(10 * MINUTE_MS, random) : 0;
    application.start(PER_MINUTE);
    await world.pass(CALM_MS);
    await world.ledger.check();
    await world.end();
    return {
      failoversOfProgram: [(await standings.failovers()).length],
      refusedByDoor: [refusedByDoor(world)],
      minutesOfProgram: [CALM_MS / MINUTE_MS],
    };
  },
  async study({ seeds, firstSeed }) {
    const soaked = await soakAll(
      Array.from({ length: seeds }, (_, n) => ({ seed: firstSeed + n, days: DAYS_PER_YEAR, plan: TROUBLED })),
    );
    return {
      providerYears: soaked.map(({ days }) => days / DAYS_PER_YEAR),
      failovers: soaked.map((one) => one.failovers + one.streamFailovers),
      suspicions: soaked.map(({ suspicions }) => suspicions),
      messages: soaked.map(({ messages }) => messages),
      extraCanaries: soaked.map(({ extraCanaries }) => extraCanaries),
    };
  },
  thresholds: [
    { name: "provider-years", value: (all) => all.sum("providerYears"), limit: 12, atLeast: true },
    { name: "false failovers a provider-year", value: (all) => perYear(all, "failovers"), limit: 1 },
    {
      name: "and with 95 % confidence no more than (Poisson)",
      value: (all) => poissonAtMost(all.sum("failovers"), 1 - CONFIDENCE) / all.sum("providerYears"),
      limit: 1,
    },
    { name: "suspicions a provider-year", value: (all) => perYear(all, "suspicions"), limit: 1_000 },
    {
      name: "canaries that only suspicions sent, share of traffic",
      value: (all) => all.sum("extraCanaries") / all.sum("messages"),
      limit: 0.02,
    },
    { name: "false failovers of the whole program", value: (all) => all.sum("failoversOfProgram"), limit: 0 },
    { name: "errors the application saw", value: (all) => all.sum("refusedByDoor"), limit: 0 },
  ],
};

const perYear = (all: Observed, name: string): number => all.sum(name) / all.sum("providerYears");
