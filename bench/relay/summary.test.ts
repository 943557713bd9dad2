import assert from "node:assert/strict";
import { test } from "node:test";
import { relayText } from "./relay-text.ts";
import { compare } from "./summary.ts";
import type { Turn } from "./turn.ts";

const turn = (messagesPerSecond: number, change: Partial<Turn> = {}): Turn => ({
  version: "1",
  messagesPerSecond,
  acceptP50Ms: 1,
  acceptP99Ms: 4,
  cpuMsPerMessage: 0.5,
  peakMemoryMb: 100,
  lost: 0,
  duplicates: 0,
  sent: 1_000,
  processes: 1,
  acceptAtHalfLoad: { p50: 1, p99: 2, perSecond: messagesPerSecond / 2, late: 0 },
  loadCpuMsPerMessage: 0.1,
  sinkCpuMsPerMessage: 0.1,
  doubts: [],
  ...change,
});
const familyOf = (name: string) => (name.startsWith("haraka") ? "haraka" : (name as "postern" | "postfix"));

test("figures are medians, losses are sums, and ratios are Postern's rate by that of the better Haraka", () => {
  const { systems, ratios } = compare(
    new Map([
      ["postern", [turn(4_000), turn(1_000, { lost: 2 }), turn(3_000, { duplicates: 1, lost: 1 })]],
      ["postfix", [turn(600), turn(610), turn(10)]],
      ["haraka1", [turn(1_000)]],
      ["haraka2", [turn(1_500)]],
    ]),
    familyOf,
  );
  assert.equal(systems.postern?.messagesPerSecond, 3_000);
  assert.deepEqual([systems.postern.lost, systems.postern.duplicates, systems.postern.sent], [3, 1, 3_000]);
  assert.equal(systems.haraka?.messagesPerSecond, 1_500);
  assert.deepEqual(Object.keys(systems.haraka.variants), ["haraka1", "haraka2"]);
  assert.deepEqual(ratios, { postfix: 5, haraka: 2 });
});

test("a system that was not measured has no figures and no ratio", () => {
  const { systems, ratios } = compare(new Map([["postern", [turn(1_000)]]]), familyOf);
  assert.deepEqual([Object.keys(systems), ratios], [["postern"], { postfix: null, haraka: null }]);
});

test("people see which goal was missed, that mail was lost, and why a figure should be doubted", () => {
  const machine = { cpu: "c", cores: 2, memoryGb: 4, system: "s", node: "v24", fileSystem: "ext4", syncMs: 1 };
  const load = { messages: 1_000, sessions: 50, octets: 5_120, warmUp: 500, patienceMs: 1, runs: 1 };
  const text = relayText(
    {
      bench: "relay",
      machine: { ...machine, load: { ...load, generator: "own", sink: "own" }, absent: { haraka: "not installed" } },
      ...compare(
        new Map([
          ["postern", [turn(3_000, { lost: 2, doubts: ["something odd"] })]],
          ["postfix", [turn(1_000)]],
        ]),
        familyOf,
      ),
    },
    { postern: "Postern", postfix: "Postfix" },
  );
  assert.match(text, /✗ Postern is 3 × Postfix \(goal 5 ×\)/);
  assert.match(text, /– Haraka.*not installed/);
  assert.match(text, /✗ 2 of 1,000 lost/);
  assert.match(text, /! postern: something odd/);
});
