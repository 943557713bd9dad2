import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { MESSAGE_CLASSES, type MessageClass } from "../mail/index.ts";
import { type Candidate, type RouteChoice, type RoutePolicy, type RoutedMessage, chooseRoute } from "./route.ts";

const candidate = (name: string, but: Partial<Candidate> = {}): Candidate => ({
  name,
  ownerGroup: name,
  usable: true,
  verdict: () => ({ use: "yes" }),
  healthy: true,
  pinned: false,
  reason: "",
  free: true,
  ...but,
});
const OPEN = { usable: false, healthy: false, reason: "open: 5 failures in a row" };
const ON_TRIAL = { healthy: false, reason: "half-open: on trial" };
const PINNED = { usable: false, healthy: false, pinned: true, reason: "opened 3 times within an hour" };

const MESSAGE: RoutedMessage = { class: "C2", tenant: "acme", stream: "resets" };
const OF = { tenant: "acme", stream: "resets" };
const POLICY: RoutePolicy = {
  prefer: ["harbour", "beacon"],
  standby: ["lantern"],
  standbyShare: 0.05,
  weights: null,
  avoidOwnerGroups: [],
};

function choose({
  policy = {},
  given = {},
  messageClass = "C2",
  tried = [],
  share = 0.9,
  weight = 0,
  trial = 0,
}: {
  policy?: Partial<RoutePolicy>;
  given?: Record<string, Partial<Candidate>>;
  messageClass?: MessageClass;
  tried?: string[];
  share?: number;
  weight?: number;
  trial?: number;
}): RouteChoice {
  const candidates = new Map(
    ["harbour", "beacon", "lantern"].map((name) => [name, candidate(name, given[name])] as const),
  );
  return chooseRoute(
    { ...POLICY, ...policy },
    candidates,
    { class: messageClass, ...OF, tried: new Set(tried) },
    { share, weight, trial },
  );
}

test("the first preferred provider carries it; the reason says so", () => {
  assert.deepEqual(choose({}), { kind: "provider", name: "harbour", reason: "preferred" });
});

test("the next one takes over, with the reason why not the one before", () => {
  assert.deepEqual(choose({ given: { harbour: OPEN } }), {
    kind: "provider",
    name: "beacon",
    reason: "preferred; not harbour: open: 5 failures in a row",
  });
  assert.deepEqual(choose({ given: { harbour: { free: false }, beacon: OPEN } }), {
    kind: "provider",
    name: "lantern",
    reason: "standby; not harbour: all slots taken; not beacon: open: 5 failures in a row",
  });
});

test("a provider that was tried for the message is not tried again in the same round", () => {
  assert.deepEqual(choose({ tried: ["harbour"] }), {
    kind: "provider",
    name: "beacon",
    reason: "preferred; after harbour",
  });
  assert.deepEqual(choose({ tried: ["harbour", "beacon", "lantern"] }), {
    kind: "none",
    reason: "every provider of the route was tried",
  });
});

test("an avoided owner group carries nothing, not even as the last resort", () => {
  const avoidOwnerGroups = ["harbour", "lantern"];
  assert.equal((choose({ policy: { avoidOwnerGroups } }) as { name: string }).name, "beacon");
  assert.equal(choose({ policy: { avoidOwnerGroups }, given: { beacon: OPEN, harbour: PINNED } }).kind, "none");
});

test("the standby's share goes to the standby, exactly below it", () => {
  const name = (share: number, more: Parameters<typeof choose>[0] = {}) =>
    (choose({ share, ...more }) as { name: string }).name;
  assert.deepEqual(choose({ share: 0.049 }), { kind: "provider", name: "lantern", reason: "standby share 5 %" });
  assert.equal(name(0.05), "harbour");
  assert.equal(name(0, { policy: { standbyShare: 0 } }), "harbour");
  assert.equal(name(0, { given: { lantern: { free: false } } }), "harbour", "a full standby is not waited for");
  assert.equal(name(0, { tried: ["harbour"] }), "beacon", "the share is of first tries");
  assert.equal(name(0, { messageClass: "C0", given: { lantern: ON_TRIAL } }), "harbour");
});

test("weights share the traffic among the preferred as they say", () => {
  const counts = { harbour: 0, beacon: 0 } as Record<string, number>;
  for (let n = 0; n < 1_000; n += 1) {
    const choice = choose({ policy: { weights: { harbour: 3, beacon: 1 } }, weight: n / 1_000 }) as { name: string };
    counts[choice.name]! += 1;
  }
  assert.deepEqual(counts, { harbour: 750, beacon: 250 });
});

test("with weights too, the others stand in for the one that was drawn", () => {
  const policy = { weights: { harbour: 3, beacon: 1 } };
  assert.equal((choose({ policy, weight: 0.9, given: { beacon: OPEN } }) as { name: string }).name, "harbour");
});

test("where it could go but every slot is taken, it waits", () => {
  const full = { free: false };
  assert.deepEqual(choose({ given: { harbour: full, beacon: full, lantern: full } }), { kind: "busy" });
});

test("where it can go nowhere, the reason names each provider's", () => {
  assert.deepEqual(choose({ given: { harbour: OPEN, beacon: OPEN, lantern: OPEN } }), {
    kind: "none",
    reason: ["harbour", "beacon", "lantern"].map((name) => `${name}: open: 5 failures in a row`).join("; "),
  });
});

test("a secret (C0) goes to a healthy provider as long as there is one, even if it must wait for its slot", () => {
  const given = { harbour: ON_TRIAL, beacon: { free: false }, lantern: OPEN };
  assert.deepEqual(choose({ messageClass: "C0", given }), { kind: "busy" });
  assert.equal((choose({ messageClass: "C1", given }) as { name: string }).name, "harbour");
});

test("a provider that a verdict withdrew carries nothing, not even as the last resort", () => {
  const withdrawn = { verdict: () => ({ use: "no", why: "DOWN" }) as const };
  assert.deepEqual(choose({ given: { harbour: withdrawn } }), {
    kind: "provider",
    name: "beacon",
    reason: "preferred; not harbour: DOWN",
  });
  const given = { harbour: { ...withdrawn, ...PINNED }, beacon: withdrawn, lantern: withdrawn };
  assert.deepEqual(choose({ given }), { kind: "none", reason: "harbour: DOWN; beacon: DOWN; lantern: DOWN" });
  assert.equal(choose({ given, share: 0 }).kind, "none", "nor for the standby's share");
});

test("a provider that a verdict advises against carries what nobody else can", () => {
  const doubted = { verdict: () => ({ use: "avoid", why: "SUSPECT" }) as const };
  assert.equal((choose({ given: { harbour: doubted } }) as { name: string }).name, "beacon");
  assert.deepEqual(choose({ messageClass: "C0", given: { harbour: doubted, beacon: OPEN, lantern: ON_TRIAL } }), {
    kind: "provider",
    name: "harbour",
    reason: "last resort: SUSPECT",
  });
  assert.equal(
    choose({ given: { harbour: doubted, beacon: { free: false }, lantern: { free: false } } }).kind,
    "busy",
    "a slot of a better one is waited for",
  );
});

test("a provider on trial carries its share, and the rest only where nobody else can", () => {
  const trial = { verdict: () => ({ use: "share", share: 0.1, why: "PROBING" }) as const };
  const name = (draw: number, more = {}) =>
    (choose({ trial: draw, given: { harbour: trial, ...more } }) as { name: string }).name;
  assert.equal(name(0.099), "harbour");
  assert.equal(name(0.1), "beacon");
  assert.equal(name(0.1, { beacon: OPEN, lantern: OPEN }), "harbour");
});

test("a canary goes to the provider it asks about, whatever is known of that one, and to no other", () => {
  const policy = { prefer: ["harbour"], standby: [], probe: true as const };
  const harbour = { ...OPEN, verdict: () => ({ use: "no", why: "DOWN" }) as const };
  assert.deepEqual(choose({ policy, given: { harbour } }), { kind: "provider", name: "harbour", reason: "canary" });
  assert.equal(choose({ policy, given: { harbour: { ...harbour, free: false } } }).kind, "busy");
  assert.equal(choose({ policy, tried: ["harbour"] }).kind, "none");
});

test("a pinned provider is the last resort of every class", () => {
  const given = { harbour: PINNED, beacon: OPEN, lantern: OPEN };
  for (const messageClass of MESSAGE_CLASSES) {
    const choice = choose({ messageClass, given });
    assert.deepEqual(choice, {
      kind: "provider",
      name: "harbour",
      reason: "last resort: opened 3 times within an hour",
    });
  }
  assert.deepEqual(choose({ given: { ...given, harbour: { ...PINNED, free: false } } }), { kind: "busy" });
});

test("a name the configuration does not know is passed over", () => {
  const choice = choose({ policy: { prefer: ["nobody", "harbour"] } });
  assert.deepEqual(choice, { kind: "provider", name: "harbour", reason: "preferred" });
});

const NAMES = ["a", "b", "c", "d", "e"];
const anyCandidate = (name: string) =>
  fc
    .record({
      ownerGroup: fc.constantFrom("x", "y", "z"),
      state: fc.constantFrom("healthy", "trial", "open", "pinned"),
      free: fc.boolean(),
      use: fc.constantFrom("yes", "yes", "avoid", "no"),
    })
    .map(({ ownerGroup, state, free, use }) =>
      candidate(name, {
        ownerGroup,
        verdict: () => (use === "yes" ? { use } : { use, why: use }),
        free,
        usable: state === "healthy" || state === "trial",
        healthy: state === "healthy",
        pinned: state === "pinned",
        reason: state === "healthy" ? "" : state,
      }),
    );
const anyCase = fc.record({
  candidates: fc.tuple(...NAMES.map(anyCandidate)),
  prefer: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 }),
  standby: fc.uniqueArray(fc.constantFrom("d", "e")),
  standbyShare: fc.double({ min: 0, max: 0.5, noNaN: true }),
  weights: fc.option(fc.dictionary(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 9 }))),
  avoidOwnerGroups: fc.uniqueArray(fc.constantFrom<string>("x", "y", "z"), { maxLength: 2 }),
  tried: fc.uniqueArray(fc.constantFrom(...NAMES)),
  messageClass: fc.constantFrom(...MESSAGE_CLASSES),
  share: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  weight: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  trial: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

test("whatever the route and the state of the world, the invariants of a choice hold", () => {
  fc.assert(
    fc.property(anyCase, (given) => {
      const candidates = new Map(given.candidates.map((one) => [one.name, one]));
      const tried = new Set(given.tried);
      const decide = () =>
        chooseRoute(
          given,
          candidates,
          { class: given.messageClass, ...OF, tried },
          { share: given.share, weight: given.weight, trial: given.trial },
        );
      const choice = decide();
      assert.deepEqual(decide(), choice, "the same facts give the same choice");

      const open = [...given.prefer, ...given.standby]
        .map((name) => candidates.get(name)!)
        .filter((one) => !tried.has(one.name) && !given.avoidOwnerGroups.includes(one.ownerGroup))
        .filter((one) => one.verdict(MESSAGE).use !== "no");
      const works = open.filter((one) => one.usable && (given.messageClass !== "C0" || one.healthy));
      const fit = works.filter((one) => one.verdict(MESSAGE).use === "yes");
      const resort = open.filter((one) => one.usable || one.pinned);
      if (choice.kind === "provider") {
        const chosen = candidates.get(choice.name)!;
        assert.ok(
          open.includes(chosen),
          "never tried before, of an avoided owner group or withdrawn, always of the route",
        );
        assert.ok(chosen.free, "never above its bounds");
        assert.ok(chosen.usable || chosen.pinned, "never one whose breaker is open");
        if (fit.length > 0) assert.ok(fit.includes(chosen), "a last resort only for want of a better one");
        assert.notEqual(choice.reason, "");
      } else {
        const possible = fit.length > 0 ? fit : resort;
        assert.ok(
          possible.every((one) => !one.free),
          "nobody free was passed over",
        );
        assert.equal(choice.kind, possible.length > 0 ? "busy" : "none");
      }
    }),
    { numRuns: fuzzRuns(5) },
  );
});
