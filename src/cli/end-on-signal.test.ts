import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { virtualClock } from "../../test/support/virtual-clock.ts";
import { endOnSignal } from "./end-on-signal.ts";
import type { EndSignal } from "./world.ts";

function setUp() {
  const clock = virtualClock();
  const exits: number[] = [];
  let words = 0;
  let send: (signal: EndSignal) => void = () => {};
  const ending = endOnSignal(
    {
      clock,
      onSignal: (handler) => (send = handler),
      exitNow: (code) => exits.push(code) as never,
    },
    () => (words += 1),
  );
  return { clock, ending, exits, words: () => words, send: (signal: EndSignal) => send(signal) };
}

describe("ending on a signal", () => {
  test("the first signal asks for a calm end", async () => {
    const { ending, exits, send } = setUp();
    assert.equal(ending.asked, false);
    send("SIGTERM");
    assert.equal(await ending.signal, "SIGTERM");
    assert.equal(ending.asked, true);
    assert.deepEqual(exits, []);
  });

  test("a second one ends the process at once, as a shell reports it, after the last words", async () => {
    const { clock, exits, send, words } = setUp();
    send("SIGTERM");
    await clock.advance(2_000);
    send("SIGINT");
    assert.deepEqual(exits, [130]);
    assert.equal(words(), 1);
  });

  test("one press of Ctrl-C that npm passes on again is one", async () => {
    const { clock, exits, send } = setUp();
    send("SIGINT");
    await clock.advance(3);
    send("SIGINT");
    assert.deepEqual(exits, []);
  });
});
