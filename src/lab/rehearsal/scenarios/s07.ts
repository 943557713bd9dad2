import { MINUTE_MS, SECOND_MS } from "../../../kernel/index.ts";
import { copiesOver, givenSince, handedTo, reissuesWanted, refusedByDoor } from "../measure.ts";
import { type Scenario, seconds } from "../scenario.ts";
import { carriersOf } from "./carriers.ts";

const PER_MINUTE = 10;
const USUAL_MS = MINUTE_MS;
const PATIENCE_MS = 5 * MINUTE_MS;
const AFTERWARDS_MS = 2 * MINUTE_MS;

/** What a filter at the provider knows password resets by: the application's, and the canaries that are made of its template. */
const SUBJECT = "Reset your password";
const STREAM = "resets";
const TEMPLATE = { dialect: "handlebars", subject: SUBJECT, text: "Your link: {{url}}", labels: [STREAM] };

/** A filter swallows password resets and lets all else through. */
export const s07: Scenario = {
  name: "S07",
  title: "Only password resets are swallowed",
  shows:
    "The provider drops what has the subject of a password reset and nothing else; canaries made of other templates arrive. The stream of resets alone goes elsewhere, all else stays, and a new secret is wanted for each that was swallowed.",
  plan: carriersOf,
  async run(world) {
    const { application, clock, primary, settings, standings } = world;
    const scope = `${settings.tenants[0]!.name}/${STREAM}`;
    await world.passUntil(() => application.publish("password-reset", TEMPLATE), MINUTE_MS);
    application.start(PER_MINUTE);
    await world.pass(USUAL_MS * (1 + world.random.fraction()));
    await world.ledger.check();
    const faultAt = clock.now();
    world.weather().loses = ({ subject }) => subject.startsWith(SUBJECT);
    await world.passUntil(async () => (await standings.state(primary, scope)) === "DOWN", PATIENCE_MS);
    const downAt = await standings.firstAt(primary, "DOWN", faultAt, scope);
    const suspectAt = await standings.firstAt(primary, "SUSPECT", faultAt, scope);
    const verdictAt = downAt ?? clock.now();
    await world.pass(AFTERWARDS_MS);
    await world.end();
    await world.ledger.check();
    const after = await handedTo(world, primary, verdictAt + SECOND_MS);
    const given = await givenSince(world, faultAt, ({ stream }) => stream === STREAM);
    const swallowed = given.flatMap(({ id, at }) => (at === null ? [id] : []));
    const wanted = await reissuesWanted(world, faultAt);
    return {
      suspectS: suspectAt === null ? [] : [seconds(suspectAt - faultAt)],
      downS: downAt === null ? [] : [seconds(downAt - faultAt)],
      foundDown: [downAt === null ? 0 : 1],
      within60S: [downAt !== null && downAt - faultAt <= MINUTE_MS ? 1 : 0],
      otherFailovers: [(await standings.failovers()).filter((one) => one.scope !== scope).length],
      resetsAfter: [after.filter(({ stream }) => stream === STREAM).length],
      othersAfter: [after.filter(({ stream }) => stream !== STREAM).length],
      swallowed: [swallowed.length],
      notWantedAnew: [swallowed.filter((id) => !wanted.has(id)).length],
      wantedInVain: [[...wanted].filter((id) => !swallowed.includes(id)).length],
      refusedByDoor: [refusedByDoor(world)],
      secondCopies: [copiesOver(world, 1)],
      messages: [application.sent.length],
    };
  },
  thresholds: [
    { name: "every one is found", value: (all) => all.least("foundDown"), limit: 1, atLeast: true },
    { name: "DOWN for resets, 95 % within s", value: (all) => all.p95("downS"), limit: 60 },
    { name: "failovers of anything else", value: (all) => all.sum("otherFailovers"), limit: 0 },
    { name: "resets through it after the verdict", value: (all) => all.sum("resetsAfter"), limit: 0 },
    {
      name: "other mail through it after the verdict",
      value: (all) => all.sum("othersAfter"),
      limit: 1,
      atLeast: true,
    },
    { name: "swallowed resets of which no new one is wanted", value: (all) => all.sum("notWantedAnew"), limit: 0 },
    { name: "second copies", value: (all) => all.sum("secondCopies"), limit: 0 },
    { name: "errors the application saw", value: (all) => all.sum("refusedByDoor"), limit: 0 },
  ],
  chart: { measurement: "downS", unit: "s" },
};
