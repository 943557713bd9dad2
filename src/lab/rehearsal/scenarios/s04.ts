import { MINUTE_MS, SECOND_MS } from "../../../kernel/index.ts";
import type { Submitted } from "../application.ts";
import { copiesOver, givenSince, refusedByDoor, secretsAt } from "../measure.ts";
import { type Scenario, seconds } from "../scenario.ts";
import { carriersOf } from "./carriers.ts";

const PER_MINUTE = 10;
/** Mail flows for so long, and by chance up to as long again, so that faults fall at every moment of every rhythm. */
const USUAL_MS = MINUTE_MS;
const PATIENCE_MS = 4 * MINUTE_MS;
const INBOX_PATIENCE_MS = 2 * MINUTE_MS;

/** It answers as always and drops everything. */
export const s04: Scenario = {
  name: "S04",
  title: "A silent black hole",
  shows:
    "The provider that carries the mail answers as always and drops all of it, at ten messages a minute with the default canaries: how soon it is DOWN, and how soon what it swallowed is at its inbox.",
  plan: carriersOf,
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
      async () => (await givenSince(world, faultAt, isCritical)).every(({ at }) => at !== null),
      INBOX_PATIENCE_MS,
    );
    await world.end();
    await world.ledger.check();
    const affected = await givenSince(world, faultAt, isCritical);
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

/** What goes once more by itself. */
const isCritical = ({ class: messageClass }: Submitted): boolean => messageClass === "C1" || messageClass === "C2";
