import assert from "node:assert/strict";
import { test } from "node:test";
import { INVARIANTS, type Invariant, checkInvariants } from "./check.ts";
import { type Facts, tryKey } from "./facts.ts";

const AT = 1_000_000;

/** A rehearsal in which all is well: one message, handed to mandrill, arrived once. */
const calm: Facts = {
  accepted: [{ id: "one", stream: "resets", copies: 1, livingSecrets: 1 }],
  rows: new Map([["one", { ended: true, recipientsLeft: 0, inQueue: false }]]),
  leaks: [],
  attempts: [{ tenant: "lab", stream: "resets", provider: "mandrill", at: AT, settled: true, id: "one", n: 1 }],
  groupOf: new Map([
    ["mandrill", "intuit"],
    ["postmark", "activecampaign"],
  ]),
  avoidedBy: new Map([["lab/resets", ["activecampaign"]]]),
  changes: [],
  checkpoints: [{ lastId: 3, count: 3, hash: "abc" }],
  beginnings: [{ lastId: 3, count: 3, hash: "abc" }],
  leaves: {
    accepted: new Set(["one"]),
    intents: new Set([tryKey("one", 1)]),
    outcomes: new Set([tryKey("one", 1)]),
  },
};
const tried = (more: Partial<Facts["attempts"][number]>): Facts => ({
  ...calm,
  attempts: [{ ...calm.attempts[0]!, ...more }],
});
const down = (at: number, scope = ""): Facts["changes"][number] => ({ provider: "mandrill", scope, to: "DOWN", at });

/** What is planted, and which invariant alone must find it. */
const PLANTED: readonly [what: string, Invariant, Facts][] = [
  ["a message that is gone", "I1", { ...calm, rows: new Map() }],
  [
    "one that has no end and waits nowhere",
    "I1",
    { ...calm, rows: new Map([["one", { ended: false, recipientsLeft: 1, inQueue: false }]]) },
  ],
  [
    "one that ended with a recipient left",
    "I1",
    { ...calm, rows: new Map([["one", { ended: true, recipientsLeft: 1, inQueue: false }]]) },
  ],
  [
    "two copies of a secret that lives",
    "I2",
    { ...calm, accepted: [{ ...calm.accepted[0]!, copies: 2, livingSecrets: 2 }] },
  ],
  ["three copies", "I2", { ...calm, accepted: [{ ...calm.accepted[0]!, copies: 3 }] }],
  ["a secret in a table", "I3", { ...calm, leaks: ["1 rows of message_events"] }],
  ["a try through a group that the stream avoids", "I4", tried({ provider: "postmark" })],
  ["leaves that were changed", "I5", { ...calm, beginnings: [{ lastId: 3, count: 3, hash: "abd" }] }],
  ["leaves that were taken away", "I5", { ...calm, beginnings: [{ lastId: 2, count: 2, hash: "ab" }] }],
  ["an accept without a leaf", "I5", { ...calm, leaves: { ...calm.leaves, accepted: new Set() } }],
  ["a try without a leaf", "I5", { ...calm, leaves: { ...calm.leaves, intents: new Set() } }],
  ["an answer without a leaf", "I5", { ...calm, leaves: { ...calm.leaves, outcomes: new Set() } }],
  ["a try after a verdict", "I6", { ...calm, changes: [down(AT - 1_001)] }],
  ["a try after a verdict on the stream", "I6", { ...calm, changes: [down(AT - 5_000, "lab/resets")] }],
];

test("a calm rehearsal has nothing against it", () => {
  for (const [name, found] of Object.entries(checkInvariants(calm))) assert.deepEqual(found, [], name);
});

for (const [what, invariant, facts] of PLANTED)
  test(`${invariant} finds ${what}, and no other does`, () => {
    const findings = checkInvariants(facts);
    for (const name of INVARIANTS)
      assert.equal(findings[name].length > 0, name === invariant, `${name}: ${findings[name]}`);
  });

test("what a verdict allows is no offence: the second it has, canaries, another stream, the time after it", () => {
  const back = { provider: "mandrill", scope: "", to: "PROBING", at: AT - 10 } as const;
  for (const fine of [
    { ...calm, changes: [down(AT - 1_000)] },
    { ...tried({ tenant: "~canary" }), changes: [down(AT - 60_000)] },
    { ...calm, changes: [down(AT - 60_000, "lab/alerts")] },
    { ...calm, changes: [down(AT - 60_000), back] },
    { ...calm, rows: new Map([["one", { ended: false, recipientsLeft: 1, inQueue: true }]]) },
    { ...calm, accepted: [{ ...calm.accepted[0]!, copies: 2, livingSecrets: 0 }] },
    { ...calm, accepted: [{ ...calm.accepted[0]!, copies: 2 }] }, // the second came when it was dead
  ])
    for (const [name, found] of Object.entries(checkInvariants(fine))) assert.deepEqual(found, [], name);
});
