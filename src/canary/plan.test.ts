import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Secret } from "../kernel/index.ts";
import type { State } from "../judge/index.ts";
import { canarySettings, mxSettings, route, tenantSettings } from "./canary-for-tests.ts";
import { type Order, Plan, type PlanParts, activeProviders, subjectsOf } from "./plan.ts";
import { canaryTenant } from "./tenant.ts";

const S = 1_000;
const states = new Map<string, State>();
const planOf = (but: Partial<PlanParts> = {}): Plan =>
  new Plan({
    settings: canarySettings(),
    tenants: [tenantSettings()],
    providers: ["harbour", "lantern"],
    standing: (name) => states.get(name) ?? "HEALTHY",
    ...but,
  });
/** What is due within `forS` seconds, looked for once a second. */
function ordersOf(plan: Plan, forS: number, fromS = 0): (Order & { at: number })[] {
  const found: (Order & { at: number })[] = [];
  for (let at = fromS; at < fromS + forS; at += 1) found.push(...plan.due(at * S).map((order) => ({ ...order, at })));
  return found;
}
const of = <One extends Order>(orders: One[], provider: string): One[] =>
  orders.filter((one) => one.provider === provider);

describe("the plan of canaries", () => {
  test("sends four a minute through a provider that carries mail and one through a standby", () => {
    const orders = ordersOf(planOf(), 600);
    assert.equal(of(orders, "harbour").length, 40);
    assert.ok(Math.abs(of(orders, "lantern").length - 10) <= 1, String(of(orders, "lantern").length));
  });

  test("has a secret at least every 30 s, and each stream of the first three classes in turn", () => {
    const orders = of(ordersOf(planOf(), 600), "harbour");
    const secrets = orders.filter(({ subject }) => subject.class === "C0").map(({ at }) => at);
    for (const [n, at] of secrets.entries()) if (n > 0) assert.ok(at - secrets[n - 1]! <= 30, `${at}`);
    const streams = new Set(orders.map(({ subject }) => subject.stream));
    assert.deepEqual([...streams].toSorted(), ["alerts", "confirmations", "notices", "resets"]);
  });

  test("goes to each server of ours in turn, with each stream", () => {
    for (const names of [
      ["east", "west"],
      ["east", "west", "north"],
    ]) {
      const plan = planOf({ settings: canarySettings({ receivers: names.map((name) => mxSettings(name)) }) });
      const orders = of(ordersOf(plan, 1_200), "harbour");
      for (const stream of ["alerts", "confirmations", "notices", "resets"]) {
        const came = orders.filter(({ subject }) => subject.stream === stream).map(({ receiver }) => receiver.name);
        assert.deepEqual(new Set(came.slice(0, names.length)), new Set(names), stream);
        assert.ok(came.every((name, n) => n === 0 || name !== came[n - 1]));
      }
    }
  });

  test("a stream in doubt has the next one now, and the one that was due then is not sent", () => {
    const plan = planOf();
    const usual = of(ordersOf(planOf(), 120), "harbour").map(({ subject }) => subject.stream);
    const before = of(ordersOf(plan, 60), "harbour").length;
    assert.equal(plan.next("harbour", "acme/notices")?.subject.stream, "notices");
    assert.equal(plan.next("harbour", "acme/resets"), null, "one at a time");
    assert.equal(plan.next("harbour", "acme/nothing"), null);
    const after = of(ordersOf(plan, 60, 60), "harbour");
    assert.equal(after.length, 3);
    assert.deepEqual(
      after.map(({ subject }) => subject.stream),
      usual.slice(before, before + 3),
      "the rotation is kept",
    );
    assert.equal(plan.next("harbour", "acme/resets")?.subject.stream, "resets");
  });

  test("sends to mailboxes of others slowly, besides", () => {
    const seed = {
      kind: "imap" as const,
      name: "seed",
      host: "imap.test",
      port: 993,
      tls: "implicit" as const,
      username: "u",
      password: new Secret("p"),
      address: "seed@mail.test",
      mailbox: "INBOX",
    };
    const orders = ordersOf(planOf({ settings: canarySettings({ receivers: [mxSettings(), seed] }) }), 900);
    assert.equal(orders.filter(({ receiver }) => receiver.name === "seed").length, 3);
    assert.equal(of(orders, "harbour").filter(({ receiver }) => receiver.name === "own").length, 60);
  });

  test("follows the standings: a standby that carries mail has four a minute, one that is on its way back too", () => {
    states.set("harbour", "DOWN");
    const orders = ordersOf(planOf(), 600);
    states.clear();
    assert.ok([40, 41].includes(of(orders, "lantern").length));
    assert.equal(of(orders, "harbour").length, 40);
    states.set("harbour", "QUARANTINED");
    assert.ok(of(ordersOf(planOf(), 600), "harbour").length <= 11);
    states.clear();
  });

  test("keeps another pace where it was asked to", () => {
    const plan = planOf();
    plan.cadence("lantern", 10 * S);
    assert.equal(of(ordersOf(plan, 100), "lantern").length >= 9, true);
    plan.cadence("lantern", null);
    assert.ok(of(ordersOf(plan, 100, 200), "lantern").length <= 2);
  });

  test("a burst of one stream stands for that stream alone, one of a provider for all", () => {
    const plan = planOf();
    const streams = plan.burst("harbour", "acme/notices", 5).map(({ subject }) => subject.stream);
    assert.deepEqual(streams, Array(5).fill("notices"));
    assert.ok(new Set(plan.burst("harbour", "", 5).map(({ subject }) => subject.class)).size > 1);
    assert.deepEqual(plan.burst("nobody", "", 5), []);
  });
});

test("a provider's canaries stand only for mail that may come to it", () => {
  const tenants = [
    tenantSettings({ routes: { default: route(["harbour"]), resets: route(["beacon"], ["lantern"]) } }),
    tenantSettings({ name: "other", domains: ["other.test"], routes: { default: route(["beacon"]) } }),
  ];
  assert.deepEqual(
    subjectsOf(tenants, "lantern").map(({ tenant, stream }) => `${tenant}/${stream}`),
    ["acme/resets"],
  );
  assert.ok(subjectsOf(tenants, "harbour").every(({ tenant }) => tenant === "acme"));
  const routine = tenantSettings({
    streams: [{ name: "receipts", class: "C3", ttlMs: null }],
    defaultStream: "receipts",
  });
  assert.deepEqual(subjectsOf([routine], "harbour"), [{ tenant: "acme", stream: "receipts", class: "C2" }]);
});

test("who carries mail is the first of each route that may; all with a weight", () => {
  const tenants = [tenantSettings({ routes: { default: route(["a", "b"], ["c"]) } })];
  assert.deepEqual([...activeProviders(tenants, () => true)], ["a"]);
  assert.deepEqual([...activeProviders(tenants, (name) => name === "c")], ["c"]);
  const weighted = { ...route(["a", "b"]), weights: { a: 1, b: 2 } };
  assert.deepEqual([...activeProviders([tenantSettings({ routes: { default: weighted } })], () => true)], ["a", "b"]);
});

test("the built-in tenant has a stream for each provider and class, bound to that provider", () => {
  const provider = { kind: "mandrill", name: "harbour" } as Parameters<typeof canaryTenant>[1][number];
  const made = canaryTenant([tenantSettings()], [provider]);
  assert.deepEqual(
    made.streams.map(({ name, class: each, ttlMs }) => `${name} ${each} ${ttlMs}`),
    ["harbour/C0 C0 60000", "harbour/C1 C1 60000", "harbour/C2 C2 60000"],
  );
  assert.deepEqual(made.routes["harbour/C1"]?.prefer, ["harbour"]);
  assert.equal(made.routes["harbour/C1"]?.probe, true);
  assert.deepEqual([made.credentials, made.webhooks, made.suppress, made.domains], [[], [], [], ["acme.test"]]);
});
