import { MINUTE_MS } from "../../../kernel/index.ts";
import { copiesOver, refusedByDoor, waiting } from "../measure.ts";
import { type Scenario, seconds } from "../scenario.ts";

const PER_MINUTE = 10;
const USUAL_MS = 3 * MINUTE_MS;
const CUT_MS = 10 * MINUTE_MS;
const DRAIN_PATIENCE_MS = 15 * MINUTE_MS;

/** Our own way out is cut, so that every provider seems to be gone. */
export const s10: Scenario = {
  name: "S10",
  title: "Our own network is out",
  shows:
    "For ten minutes no provider can be reached from here: it is told as an outage of our own, no provider is convicted, nothing is lost, and what waited is gone soon after.",
  async run(world) {
    const { application, clock, log, network, standings } = world;
    application.start(PER_MINUTE);
    await world.pass(USUAL_MS * (1 + world.random.fraction()));
    await world.ledger.check();
    const cutAt = clock.now();
    network.isCut = true;
    await world.pass(CUT_MS);
    network.isCut = false;
    const backAt = clock.now();
    const backlog = await waiting(world);
    const isDrained = await world.passUntil(async () => (await waiting(world)) === 0, DRAIN_PATIENCE_MS);
    const drainedAt = clock.now();
    await world.end();
    await world.ledger.check();
    const told = log.lines.find(({ event, at }) => event === "respond.local-outage" && at >= cutAt);
    const failovers = await standings.failovers();
    return {
      outageS: told ? [seconds(told.at - cutAt)] : [],
      foundOutage: [told ? 1 : 0],
      verdicts: [failovers.filter(({ at }) => at >= cutAt).length],
      backlog: [backlog],
      drainedS: isDrained ? [seconds(drainedAt - backAt)] : [],
      foundDrained: [isDrained ? 1 : 0],
      lost: [application.sent.filter(({ recipient }) => world.receivers.copiesOf(recipient).length === 0).length],
      secondCopies: [copiesOver(world, 1)],
      refusedByDoor: [refusedByDoor(world)],
      messages: [application.sent.length],
    };
  },
  thresholds: [
    { name: "every outage of ours is found", value: (all) => all.least("foundOutage"), limit: 1, atLeast: true },
    { name: "LOCAL_OUTAGE, at most s", value: (all) => all.most("outageS"), limit: 30 },
    { name: "verdicts on providers", value: (all) => all.sum("verdicts"), limit: 0 },
    { name: "messages that never arrived", value: (all) => all.sum("lost"), limit: 0 },
    { name: "every backlog is drained", value: (all) => all.least("foundDrained"), limit: 1, atLeast: true },
    { name: "backlog drained, at most s", value: (all) => all.most("drainedS"), limit: 300 },
    { name: "errors the application saw", value: (all) => all.sum("refusedByDoor"), limit: 0 },
  ],
  chart: { measurement: "drainedS", unit: "s" },
};
