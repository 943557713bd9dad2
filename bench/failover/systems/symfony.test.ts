import assert from "node:assert/strict";
import { test } from "node:test";
import { Failover, RoundRobin } from "./symfony.ts";

const LETTER = { from: "a@bench.test", to: "b@example.net", subject: "bench 1", text: "x" };

/** Two transports whose answers the test gives, and the clock it moves. */
function two(Policy: typeof RoundRobin) {
  const calls: string[] = [];
  const answers = { first: 200, second: 202 };
  let now = 0;
  const call = (name: "first" | "second") => async () => {
    calls.push(name);
    return { status: answers[name] };
  };
  const policy = new Policy(
    [
      { call: call("first"), fine: 200 },
      { call: call("second"), fine: 202 },
    ],
    () => now,
  );
  return {
    calls,
    answers,
    policy,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

test("failover moves the message that failed, and stays with the standby when the first is well again", async () => {
  const { calls, answers, policy, wait } = two(Failover);
  assert.equal(await policy.send(LETTER), "accepted");
  answers.first = 500;
  assert.equal(await policy.send(LETTER), "accepted");
  answers.first = 200;
  wait(61_000);
  await policy.send(LETTER);
  assert.deepEqual(calls, ["first", "first", "second", "second"]);
});

test("roundrobin takes turns, leaves out who failed, and tries it again after a minute", async () => {
  const { calls, answers, policy, wait } = two(RoundRobin);
  await policy.send(LETTER);
  await policy.send(LETTER);
  answers.first = 500;
  await policy.send(LETTER);
  await policy.send(LETTER);
  wait(60_001);
  await policy.send(LETTER);
  assert.deepEqual(calls, ["first", "second", "first", "second", "second", "first", "second"]);
});

test("where all have failed the application sees an error, and no call is made until the minute is over", async () => {
  const { calls, answers, policy } = two(Failover);
  Object.assign(answers, { first: 500, second: 500 });
  assert.equal(await policy.send(LETTER), "refused");
  assert.equal(await policy.send(LETTER), "refused");
  assert.deepEqual(calls, ["first", "second"]);
});
