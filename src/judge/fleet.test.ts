import assert from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "./fleet.ts";

const SECOND = 1_000;

/** Two providers with mail every six seconds through `a` and canaries every fifteen through both; which are missing is up to the test. */
class TwoOf {
  now = 0;
  readonly downs: string[] = [];
  readonly bursts: string[] = [];
  /** @param burst how many bursts this provider had before, of a canary of one; null: it is of none */
  isMissing: (provider: string, receiver: string, burst: number | null) => boolean = () => false;
  readonly fleet = new Fleet({
    providers: [
      { name: "a", hasReceivers: true },
      { name: "b", hasReceivers: true },
    ],
    at: 0,
  });
  readonly #due: { at: number; run: () => void }[] = [];
  #turn = 0;

  pass(seconds: number): this {
    for (let s = 0; s < seconds; s += 1) {
      this.now += SECOND;
      const n = this.now / SECOND;
      for (const { run } of this.#due.filter(({ at }) => at <= this.now)) run();
      this.#due.splice(0, this.#due.length, ...this.#due.filter(({ at }) => at > this.now));
      if (n % 6 === 0) this.#mail();
      if (n % 15 === 0) for (const provider of ["a", "b"]) this.#canary(provider, null);
      const { asks, changes } = this.fleet.tick(this.now);
      for (const { provider, ask, scope } of asks) {
        if (ask !== "canary-burst" || scope !== "") continue;
        this.bursts.push(provider);
        const burst = this.bursts.filter((name) => name === provider).length;
        for (let c = 0; c < 5; c += 1) this.#canary(provider, burst);
      }
      for (const { provider, standing } of changes) if (standing.state === "DOWN") this.downs.push(provider);
    }
    return this;
  }

  #mail(): void {
    const about = { group: "gmail", stream: "acme/receipts" };
    const handedOffAt = this.now;
    this.fleet.see("a", { kind: "handed-off", at: handedOffAt, ...about });
    if (this.isMissing("a", "inbox", null)) return;
    const at = handedOffAt + 3 * SECOND;
    const run = () => this.fleet.see("a", { kind: "confirmed", at, ...about, handedOffAt, by: "event" });
    this.#due.push({ at, run });
  }

  #canary(provider: string, burst: number | null): void {
    const sentAt = this.now;
    const receiver = (this.#turn++ >> 1) % 2 === 0 ? "mx1" : "mx2";
    const about = { receiver, stream: "acme/resets", burst: burst !== null };
    this.fleet.see(provider, { kind: "canary-sent", at: sentAt, ...about });
    const isMissing = this.isMissing(provider, receiver, burst);
    const at = sentAt + (!isMissing ? 3 : burst === null ? 30 : 15) * SECOND;
    const kind = isMissing ? "canary-missed" : "canary-arrived";
    this.#due.push({ at, run: () => this.fleet.see(provider, { kind, at, sentAt, ...about }) });
  }
}

test("of two providers the one that loses all is down, and at once where the other one reaches our receivers", () => {
  const two = new TwoOf().pass(600);
  two.isMissing = (provider) => provider === "a";
  two.pass(60);
  assert.deepEqual(two.downs, ["a"]);
  assert.equal(two.bursts.filter((name) => name === "a").length, 1, "no second burst was needed");
});

test("a receiver of ours that is away, and a burst that is late at the other one, convict nobody", () => {
  const two = new TwoOf().pass(600);
  two.isMissing = (_, receiver) => receiver === "mx1";
  two.pass(75);
  two.isMissing = (provider, receiver) => receiver === "mx1" || receiver === "inbox" || provider === "a";
  for (let s = 0; s < 60 && !two.bursts.includes("a"); s += 1) two.pass(1);
  assert.ok(two.bursts.includes("a"));
  // Until the burst is over; then the receiver that is there has all again.
  two.pass(14);
  two.isMissing = (_, receiver) => receiver === "mx1";
  two.pass(120);
  assert.deepEqual(two.downs, []);
});

test("one that is down already is nobody to compare with: the next one that fails is down too", () => {
  const two = new TwoOf().pass(600);
  two.fleet.see("b", { kind: "status-poll", at: two.now, answer: "suspended" });
  two.isMissing = (provider) => provider === "b";
  two.pass(900);
  two.isMissing = () => true;
  two.pass(300);
  assert.deepEqual(two.downs, ["b", "a"]);
});

test("changes are told once, and what was found before a restart stands", () => {
  const fleet = new Fleet({
    providers: [
      { name: "a", hasReceivers: true },
      { name: "b", hasReceivers: true },
    ],
    at: 0,
  });
  fleet.see("a", { kind: "status-poll", at: SECOND, answer: "suspended" });
  const { changes } = fleet.tick(SECOND);
  assert.deepEqual(
    changes.map(({ provider, scope, from, standing }) => [provider, scope, from, standing.state]),
    [["a", "", "HEALTHY", "DOWN"]],
  );
  assert.deepEqual(fleet.tick(2 * SECOND).changes, []);
  const standings = [{ provider: "a", scope: "", standing: fleet.standing("a") }];
  const again = new Fleet({ providers: [{ name: "a", hasReceivers: true }], at: 3 * SECOND, restore: { standings } });
  assert.equal(again.standing("a").state, "DOWN");
  assert.deepEqual(again.tick(4 * SECOND).changes, []);
});

test("a provider that nobody configured is healthy and hears nothing", () => {
  const fleet = new Fleet({ providers: [], at: 0 });
  fleet.see("gone", { kind: "status-poll", at: 0, answer: "suspended" });
  assert.equal(fleet.standing("gone").state, "HEALTHY");
  assert.deepEqual(fleet.tick(SECOND), { asks: [], changes: [] });
});

test("after an outage of our own nobody is down for what could not be reached during it, and later failures count anew", () => {
  const fleet = new Fleet({
    providers: [
      { name: "a", hasReceivers: true },
      { name: "b", hasReceivers: true },
    ],
    at: 0,
  });
  const down: string[] = [];
  let now = 0;
  const pass = (seconds: number, unreachable: readonly string[]): void => {
    for (let s = 0; s < seconds; s += 1) {
      now += SECOND;
      if (s % 10 === 0) for (const name of unreachable) fleet.see(name, { kind: "unreachable", at: now });
      for (const { provider, standing } of fleet.tick(now).changes) down.push(`${provider} ${standing.state}`);
    }
  };
  pass(600, ["a", "b"]);
  assert.ok(fleet.localOutage);
  fleet.see("a", { kind: "handed-off", at: now, group: "gmail", stream: "acme/resets" });
  pass(60, []);
  assert.equal(fleet.localOutage, null);
  assert.deepEqual(down, [], "b was not tried since");
  fleet.see("a", { kind: "handed-off", at: now + 30 * SECOND, group: "gmail", stream: "acme/resets" });
  pass(120, ["b"]);
  assert.deepEqual(down, ["b DOWN"]);
});
