import assert from "node:assert/strict";
import { test } from "node:test";
import type { RouteSettings, TenantSettings } from "../config/index.ts";
import { tenantsOf, ttlMs } from "./tenants.ts";

const route = (prefer: string): RouteSettings => ({
  prefer: [prefer],
  standby: [],
  standbyShare: 0,
  weights: null,
  avoidOwnerGroups: [],
});
const ACME: TenantSettings = {
  name: "acme",
  domains: ["account.acme.test", "acme.example"],
  credentials: [
    { name: "app", username: null, password: null, apiKey: null, aws: null, networks: [], stream: "alerts" },
    { name: "web", username: null, password: null, apiKey: null, aws: null, networks: [], stream: null },
  ],
  streams: [
    { name: "security", class: "C0", ttlMs: null },
    { name: "alerts", class: "C2", ttlMs: 60_000 },
  ],
  defaultStream: "security",
  routes: { default: route("harbour"), alerts: route("beacon") },
  webhooks: [],
  suppress: [],
};
const acme = tenantsOf([ACME]).find("acme")!;

test("a tenant owns its domains and those below them, and no other", () => {
  for (const domain of ["acme.example", "mail.acme.example", "a.b.acme.example", "account.acme.test"])
    assert.equal(acme.owns(domain), true, domain);
  for (const domain of [
    "acme.test",
    "evil-acme.example",
    "xacme.example",
    "acme.example.evil.test",
    "example",
    "",
    ".",
    "acme.example.",
  ])
    assert.equal(acme.owns(domain), false, domain);
});

test("a stream is found by name, or the default one; what is named and unknown is not", () => {
  assert.equal(acme.stream(undefined)?.name, "security");
  assert.equal(acme.stream("alerts")?.class, "C2");
  assert.equal(acme.stream("nothing"), undefined);
  assert.equal(acme.credentialStream("app"), "alerts");
  assert.equal(acme.credentialStream("web"), null);
});

test("a stream goes the route of its name, or else the default one, whatever it is called", () => {
  assert.deepEqual(acme.routeOf("alerts").prefer, ["beacon"]);
  for (const stream of ["security", "constructor", "__proto__", "toString"])
    assert.deepEqual(acme.routeOf(stream).prefer, ["harbour"], stream);
});

test("events are wanted where a webhook asks for that kind, or for all", () => {
  const webhook = (events: string[] | null) => ({
    name: "w",
    url: "https://a.test",
    format: "postern" as const,
    secret: null as never,
    events,
  });
  const wants = (...lists: (string[] | null)[]) =>
    tenantsOf([{ ...ACME, webhooks: lists.map(webhook) }])
      .find("acme")!
      .wantsEvent("message.held");
  assert.equal(wants(), false);
  assert.equal(wants(["message.expired"]), false);
  assert.equal(wants(["message.expired"], ["message.held"]), true);
  assert.equal(wants(null), true);
});

test("an event that a webhook's format has no word for is not wanted on its behalf", () => {
  const webhook = {
    name: "w",
    url: "https://a.test",
    format: "postmark" as const,
    secret: null as never,
    events: null,
  };
  const { wantsEvent } = tenantsOf([{ ...ACME, webhooks: [webhook] }]).find("acme")!;
  assert.deepEqual(
    ["message.held", "message.deferred", "message.delivered"].map((kind) => wantsEvent(kind)),
    [false, false, true],
  );
});

test("an unknown tenant is none", () => {
  assert.equal(tenantsOf([ACME]).find("other"), undefined);
});

test("a message lives as long as its class says, unless its stream says otherwise; bulk until it is done", () => {
  const hours = (ms: number | null) => (ms === null ? null : ms / 3_600_000);
  assert.deepEqual(
    (["C0", "C1", "C2", "C3", "C4"] as const).map((one) => hours(ttlMs(one, null))),
    [0.25, 72, 24, 72, null],
  );
  assert.equal(ttlMs("C4", 5), 5);
});
