import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { describe, test } from "node:test";
import { Progress } from "../show/progress.ts";
import { type Plant, plantedRelay } from "./planted-relay.ts";
import { startSink } from "./sink-process.ts";
import { type LoadPlan, type Turn, takeTurn } from "./turn.ts";
import { Undo } from "./undo.ts";

const PLAN: LoadPlan = {
  messages: 120,
  sessions: 4,
  octets: 5_120,
  warmUp: 20,
  generator: "own",
  patienceMs: 1_200,
};

/** One turn of a relay with planted faults. Its messages: 20 + 120 + 120. */
async function turnOf(plant: Plant): Promise<Turn> {
  const undo = new Undo();
  try {
    const sink = await startSink(undo);
    const parts = { label: "test", folder: tmpdir(), sink, undo, progress: new Progress() };
    return await takeTurn(plantedRelay(plant), PLAN, parts);
  } finally {
    await undo.all();
  }
}

const honest = turnOf({});
const every = (turn: Turn, n: number): number => Math.floor(turn.sent / n);

test("an honest relay loses nothing, doubles nothing and leaves no doubt", async () => {
  const turn = await honest;
  assert.deepEqual(
    { lost: turn.lost, duplicates: turn.duplicates, doubts: turn.doubts },
    { lost: 0, duplicates: 0, doubts: [] },
  );
  assert.ok(turn.sent >= PLAN.warmUp + PLAN.messages);
  assert.ok(turn.peakMemoryMb! > 10, "this process has more than 10 MB");
});

test("a slow 250 shows in the latency at full and at half load and in the rate, CPU in the cost of a message", async () => {
  const turn = await turnOf({ answerAfterMs: 20, burnMs: 4 });
  assert.ok(turn.acceptP50Ms! >= 20, `p50 ${turn.acceptP50Ms} ms`);
  assert.ok(turn.acceptAtHalfLoad.p50! >= 20, `p50 at half load ${turn.acceptAtHalfLoad.p50} ms`);
  assert.ok(turn.messagesPerSecond <= (PLAN.sessions * 1_000) / 20, `${turn.messagesPerSecond}/s`);
  const moreMs = turn.cpuMsPerMessage - (await honest).cpuMsPerMessage;
  assert.ok(moreMs > 2 && moreMs < 10, `${moreMs} ms more`);
});

// Both wait for messages that never come; CPU is not what they look at.
describe("what goes wrong", { concurrency: true }, () => {
  test("messages that were accepted and forgotten are counted as lost, those that came twice as duplicates", async () => {
    const turn = await turnOf({ loseEvery: 50, doubleEvery: 7 });
    assert.equal(turn.lost, every(turn, 50));
    assert.equal(turn.duplicates, every(turn, 7) - every(turn, 350));
  });

  test("what makes counting impossible is told: messages without their Message-ID, answers of 4xx", async () => {
    const turn = await turnOf({ unnameEvery: 70, deferEvery: 60 });
    assert.match(turn.doubts.join("\n"), /came without their Message-ID/);
    assert.match(turn.doubts.join("\n"), /put off with a 4xx/);
  });
});
