import assert from "node:assert/strict";
import { test } from "node:test";
import { TEST_TENANT } from "../../test/support/mail-path.ts";
import type { State } from "../judge/index.ts";
import { type DrillOrder, planOf, standInsOf } from "./plan.ts";

const route = (prefer: string[], standby: string[] = [], avoidOwnerGroups: string[] = []) => ({
  prefer,
  standby,
  standbyShare: 0,
  weights: null,
  avoidOwnerGroups,
});
const TENANT = {
  ...TEST_TENANT,
  name: "acme",
  streams: [
    { name: "resets", class: "C0" as const, ttlMs: null },
    { name: "receipts", class: "C3" as const, ttlMs: null },
    { name: "news", class: "C4" as const, ttlMs: null },
  ],
  defaultStream: "resets",
  routes: {
    default: route(["harbour"], ["lantern", "beacon"]),
    receipts: route(["harbour"], ["lantern"], ["sea"]),
    news: route(["beacon"]),
  },
};
const PROVIDERS = [
  { name: "harbour", ownerGroup: "land" },
  { name: "lantern", ownerGroup: "sea" },
  { name: "beacon", ownerGroup: "air" },
];
const ORDER: DrillOrder = {
  provider: "harbour",
  streams: null,
  share: 1,
  forMs: 600_000,
  operator: "ada",
  reason: "monthly",
};

function plan(order: Partial<DrillOrder> = {}, states: Record<string, State> = {}) {
  return planOf(
    { ...ORDER, ...order },
    {
      tenants: [TENANT],
      providers: PROVIDERS,
      stateOf: (provider, scope) => states[scope === "" ? provider : `${provider} ${scope}`] ?? "HEALTHY",
    },
  );
}
const code = (order: Partial<DrillOrder> = {}, states: Record<string, State> = {}) =>
  plan(order, states).refusal?.code ?? null;

test("each stream moves to the first of its route that is HEALTHY; what nobody critical waits for may have nobody", () => {
  const { plan: found, refusal } = plan({}, { lantern: "SUSPECT" });
  assert.equal(refusal, null);
  assert.deepEqual(
    found.moves.map(({ stream, to, others }) => [stream, to, others]),
    [
      ["resets", "beacon", []],
      ["receipts", null, []],
    ],
    "news does not have it in its route, and receipts avoid the owner of lantern",
  );
  assert.deepEqual(standInsOf(found), ["beacon"]);
});

test("a critical stream that nobody else would carry refuses it, also where only that stream is down elsewhere", () => {
  assert.equal(code({}, { lantern: "DOWN", beacon: "EVENTS_DARK" }), "drill-nobody-stands-in");
  assert.equal(code({}, { "lantern acme/resets": "DOWN", "beacon acme/resets": "SUSPECT" }), "drill-nobody-stands-in");
  assert.match(plan({}, { lantern: "DOWN", beacon: "DOWN" }).refusal!.sentence, /acme\/resets \(C0\)/);
  assert.equal(code({ streams: ["acme/receipts"] }, { lantern: "DOWN", beacon: "DOWN" }), null);
});

test("who is in doubt is no subject of a drill, and what does not exist is told with what does", () => {
  assert.equal(code({}, { harbour: "SUSPECT" }), "drill-not-healthy");
  assert.equal(code({ provider: "haven" }), "drill-unknown-provider");
  assert.match(plan({ provider: "haven" }).refusal!.sentence, /harbour, lantern, beacon/);
  assert.equal(code({ streams: ["acme/resets", "acme/none"] }), "drill-unknown-stream");
  assert.equal(code({ streams: ["acme/news"] }), "drill-moves-nothing");
});
