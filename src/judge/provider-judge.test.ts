import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { seededRandom } from "../../test/support/seeded-random.ts";
import type { Cell } from "./detectors/matrix.ts";
import { parametersFor } from "./parameters.ts";
import { type Ask, type Control, ProviderJudge, type ReceiverSays } from "./provider-judge.ts";

const SECOND = 1_000;

/** A provider to which mail is handed every six seconds and a canary every fifteen; what arrives is up to the test. */
class Life {
  now = 1_000_000;
  readonly judge: ProviderJudge;
  readonly asked: Ask[] = [];
  mailArrives = true;
  eventsTell = true;
  canariesArrive = true;
  /** So many canaries of bursts arrive all the same, late in their time. */
  spared = 0;
  groups = ["gmail", "microsoft"];
  readonly #receivers: boolean;
  readonly #due: { at: number; run: () => void }[] = [];
  constructor(
    options: {
      receivers?: boolean;
      others?: () => Cell[];
      control?: () => Control;
      receiverSays?: () => ReceiverSays;
    } = {},
  ) {
    this.#receivers = options.receivers ?? true;
    this.judge = new ProviderJudge({
      provider: "p",
      parameters: parametersFor(14),
      hasReceivers: this.#receivers,
      at: this.now,
      ...(options.others ? { others: options.others } : {}),
      ...(options.control ? { control: options.control } : {}),
      ...(options.receiverSays ? { receiverSays: options.receiverSays } : {}),
    });
  }
  pass(seconds: number): this {
    for (let s = 0; s < seconds; s += 1) {
      this.now += SECOND;
      const n = this.now / SECOND;
      for (const one of this.#due.filter(({ at }) => at <= this.now)) one.run();
      this.#due.splice(0, this.#due.length, ...this.#due.filter(({ at }) => at > this.now));
      if (n % 6 === 0) this.mail();
      if (this.#receivers && n % 15 === 0) this.canary(`mx${n % 2}`, false);
      for (const { ask, scope } of this.judge.tick(this.now)) {
        if (scope !== "") continue;
        this.asked.push(ask);
        if (ask === "canary-burst") for (let c = 0; c < 5; c += 1) this.canary(`mx${c % 2}`, true, c * 200);
      }
    }
    return this;
  }
  mail(): void {
    const handedOffAt = this.now;
    const group = this.groups[(handedOffAt / SECOND / 6) % this.groups.length]!;
    this.judge.see({ kind: "handed-off", at: handedOffAt, group, stream: "mail" });
    if (!this.mailArrives || !this.eventsTell) return;
    const at = handedOffAt + 3 * SECOND;
    const told = { kind: "confirmed", at, group, stream: "mail", handedOffAt, by: "event" } as const;
    this.#due.push({ at, run: () => this.judge.see(told) });
  }
  canary(receiver: string, burst: boolean, afterMs = 0): void {
    const sentAt = this.now + afterMs;
    this.judge.see({ kind: "canary-sent", at: sentAt, receiver, stream: "mail", burst });
    const isSpared = burst && !this.canariesArrive && this.spared-- > 0;
    const at = sentAt + (this.canariesArrive ? 3 : isSpared ? 12 : burst ? 15 : 30) * SECOND;
    const kind = this.canariesArrive || isSpared ? "canary-arrived" : "canary-missed";
    this.#due.push({ at, run: () => this.judge.see({ kind, at, receiver, stream: "mail", sentAt, burst }) });
  }
  blackhole(): this {
    this.mailArrives = false;
    this.canariesArrive = false;
    return this;
  }
  until(state: string, mostSeconds: number): this {
    for (let s = 0; s < mostSeconds && this.state !== state; s += 1) this.pass(1);
    assert.equal(this.state, state);
    return this;
  }
  get state() {
    return this.judge.standing.state;
  }
}

test("while all is well nothing is suspected and nothing is asked", () => {
  const life = new Life().pass(3_600);
  assert.equal(life.state, "HEALTHY");
  assert.deepEqual(life.asked, []);
});

test("a blackhole is suspected, a burst asked for, and its silence convicts with the numbers in the sentence", () => {
  const life = new Life().pass(600).blackhole().until("SUSPECT", 60);
  assert.match(life.judge.standing.because.sentence, /messages were handed off within \d+ s and nothing newer/);
  assert.ok(Number(life.judge.standing.because.numbers["nats"]) >= 9);
  assert.deepEqual(life.asked, ["canary-burst"]);
  life.until("DOWN", 20);
  assert.match(life.judge.standing.because.sentence, /^[45] of 5 canaries did not arrive/);
});

test("of a burst that was asked for at a doubt every canary has to be missing, though they make it a suspicion", () => {
  const life = new Life().pass(600).blackhole();
  life.spared = 1;
  for (let s = 0; s < 60 && life.asked.length === 0; s += 1) life.pass(1);
  assert.equal(life.state, "HEALTHY");
  life.pass(11);
  assert.equal(life.state, "SUSPECT", "its own canaries are late by now");
  life.mailArrives = true;
  life.canariesArrive = true;
  for (let s = 0; s < 60; s += 1) assert.notEqual(life.pass(1).state, "DOWN");
});

test("misses at receivers that other providers miss too are asked about twice, and what others reach is no excuse", () => {
  for (const [says, bursts] of [["doubted", 2] as const, ["takes", 1] as const]) {
    const life = new Life({ control: () => "through", receiverSays: () => says }).pass(600).blackhole();
    life.until("DOWN", 120);
    assert.equal(life.asked.filter((ask) => ask === "canary-burst").length, bursts);
  }
});

test("when mail flows again it comes back through all steps, and is not thrown back by what was lost", () => {
  const life = new Life().pass(600).blackhole().until("DOWN", 100).pass(120);
  life.mailArrives = true;
  life.canariesArrive = true;
  life.until("PROBING", 620).until("HEALTHY", 1_210).pass(600);
  assert.equal(life.state, "HEALTHY");
});

test("who cannot be reached now and then has no twenty canaries in a row, though all that are handed off arrive", () => {
  const life = new Life().pass(600).blackhole().until("DOWN", 100);
  life.mailArrives = true;
  life.canariesArrive = true;
  for (let s = 0; s < 3_600; s += 1) {
    life.pass(1);
    if (s % 180 === 90) life.judge.see({ kind: "unreachable", at: life.now });
    assert.equal(life.state, "DOWN");
  }
  life.until("PROBING", 400);
});

test("webhooks that fall silent while canaries arrive are no failover, and heal when they speak", () => {
  const life = new Life().pass(600);
  life.eventsTell = false;
  life.until("EVENTS_DARK", 120).pass(7_200);
  assert.equal(life.state, "EVENTS_DARK");
  life.eventsTell = true;
  life.until("HEALTHY", 20).pass(600);
  assert.equal(life.state, "HEALTHY");
});

test("one group of receivers that takes nothing is no verdict on the provider", () => {
  const life = new Life({ receivers: false }).pass(600);
  life.groups = ["gmail"];
  life.mailArrives = false;
  life.pass(120);
  assert.notEqual(life.state, "DOWN");
  assert.notEqual(life.judge.standing.because.kind, "silence");
});

test("without receivers of ours two silent groups convict, later", () => {
  const life = new Life({ receivers: false }).pass(600).blackhole().until("DOWN", 200);
  assert.equal(life.judge.standing.because.kind, "silence-certain");
});

test("two providers that fall silent at once are both exonerated", () => {
  const others = (): Cell[] => [{ provider: "q", receiver: "mx0", arrived: 0, missed: 3, missedSinceAt: 1_640_000 }];
  const life = new Life({ others }).pass(600).blackhole();
  for (let s = 0; s < 600; s += 1) {
    life.pass(1);
    assert.notEqual(life.state, "DOWN");
  }
  assert.ok(life.asked.includes("canary-burst"));
});

const claim = (life: Life) => life.judge.see({ kind: "webhook-seen", at: life.now, ofMissingCanary: true });

test("who calls canaries delivered that nobody saw, in events and log, is quarantined", () => {
  const life = new Life({ control: () => "through" }).pass(600);
  const toldAt = life.now;
  life.blackhole().pass(20);
  claim(life);
  life.pass(1);
  assert.deepEqual(life.asked.toSorted(), ["canary-burst", "log-call"], "its log is asked, and a burst");
  claim(life);
  claim(life);
  life.judge.see({ kind: "log-answer", at: life.now, says: "delivered" });
  life.pass(1);
  assert.equal(life.state, "QUARANTINED");
  const since = life.judge.standing.because.numbers["sinceAt"] as number;
  assert.ok(
    since <= toldAt && since > toldAt - 16 * SECOND,
    "nothing it said of what came after the last canary is believed",
  );
  assert.equal(life.judge.standing.because.numbers["claimed"], 3);
});

test("whose log denies what its events say is down, not quarantined: they may be forged", () => {
  const life = new Life({ control: () => "through" }).pass(600).blackhole();
  life.pass(20);
  for (let n = 0; n < 3; n += 1) claim(life);
  life.judge.see({ kind: "log-answer", at: life.now, says: "none" });
  life.until("DOWN", 60);
});

test("where nobody shows that our receivers work, who seems to lie is down and not quarantined", () => {
  for (const control of ["none", "waiting"] as const) {
    const life = new Life({ control: () => control }).pass(600).blackhole();
    life.pass(20);
    for (let n = 0; n < 3; n += 1) claim(life);
    life.judge.see({ kind: "log-answer", at: life.now, says: "delivered" });
    life.until("DOWN", 120);
  }
});

test("claims of one canary that was lost do not add up while others arrive", () => {
  const life = new Life({ control: () => "through" }).pass(600);
  for (let n = 0; n < 10; n += 1) {
    claim(life);
    life.judge.see({ kind: "log-answer", at: life.now, says: "delivered" });
    life.pass(60);
    assert.notEqual(life.state, "QUARANTINED");
  }
});

test("a burst that misses while nothing arrives through others either is no verdict", () => {
  const life = new Life({ control: () => "silent" }).pass(600).blackhole();
  for (let s = 0; s < 600; s += 1) assert.notEqual(life.pass(1).state, "DOWN");
});

test("an account that is refused asks its status page; suspended and keyless are down at once", () => {
  const life = new Life();
  life.judge.see({ kind: "refused-for-account", at: life.now, cause: "account-suspended" });
  assert.deepEqual([life.state, life.judge.tick(life.now)], ["SUSPECT", [{ ask: "status-call", scope: "" }]]);
  life.pass(5);
  assert.equal(life.state, "DOWN");
  for (const answer of ["suspended", "unauthorised"] as const) {
    const other = new Life();
    other.judge.see({ kind: "status-poll", at: other.now, answer });
    assert.equal(other.state, "DOWN");
  }
});

test("after a restart it stands and expects as before", () => {
  const life = new Life().pass(600).blackhole().until("DOWN", 100);
  const kept = JSON.parse(JSON.stringify([life.judge.standing, life.judge.traffic.latencies(life.now)])) as [
    typeof life.judge.standing,
    ReturnType<typeof life.judge.traffic.latencies>,
  ];
  const again = new ProviderJudge({
    provider: "p",
    parameters: parametersFor(14),
    hasReceivers: true,
    at: life.now,
    standing: kept[0],
  });
  again.traffic.restore(kept[1]);
  assert.deepEqual(again.standing, life.judge.standing);
  assert.deepEqual(again.traffic.latencies(life.now), kept[1]);
  assert.deepEqual(Object.keys(kept[1]).toSorted(), ["gmail", "microsoft", "own"]);
});

test("it learns latencies only while healthy", () => {
  const life = new Life().pass(600);
  const seen = life.judge.traffic.model("gmail", life.now).seen(life.now);
  assert.ok(seen > 40);
  life.judge.input({ kind: "silence", at: life.now, numbers: {} });
  const handedOffAt = life.now - 60_000;
  life.judge.see({
    kind: "confirmed",
    at: life.now,
    group: "gmail",
    stream: "mail",
    handedOffAt,
    by: "event",
  });
  assert.ok(life.judge.traffic.model("gmail", life.now).seen(life.now) <= seen);
});

test("a provider whose every message is confirmed within ten seconds is never suspected, at any rate", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, gapS) => {
      const random = seededRandom(seed);
      const judge = new ProviderJudge({
        provider: "p",
        parameters: parametersFor(60 / gapS),
        hasReceivers: false,
        at: 0,
      });
      const due: { at: number; handedOffAt: number }[] = [];
      for (let at = 0; at < 600 * SECOND; at += SECOND) {
        while (due[0] && due[0].at <= at)
          judge.see({ kind: "confirmed", ...due.shift()!, group: "gmail", stream: "mail", by: "event" });
        if (random.fraction() < 1 / gapS) {
          judge.see({ kind: "handed-off", at, group: "gmail", stream: "mail" });
          due.push({ at: at + random.fraction() * 10 * SECOND, handedOffAt: at });
          due.sort((a, b) => a.at - b.at);
        }
        assert.deepEqual(judge.tick(at), []);
        assert.equal(judge.standing.state, "HEALTHY");
      }
    }),
    { numRuns: fuzzRuns(0.1) },
  );
});
