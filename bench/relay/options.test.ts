import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageMistake, relayOptions } from "./options.ts";

test("without words it is the load that figures are compared by", () => {
  const { messages, sessions, octets, runs, families, generator, harakaHome } = relayOptions([], {});
  assert.deepEqual(
    { messages, sessions, octets, runs, families, generator, harakaHome },
    {
      messages: 20_000,
      sessions: 50,
      octets: 5_120,
      runs: 3,
      families: ["postern", "postfix", "haraka"],
      generator: "own",
      harakaHome: null,
    },
  );
});

test("Haraka is found by the option, else by the environment", () => {
  assert.equal(relayOptions([], { HARAKA_HOME: "/a" }).harakaHome, "/a");
  assert.equal(relayOptions(["--haraka", "/b"], { HARAKA_HOME: "/a" }).harakaHome, "/b");
});

for (const [words, said] of [
  [["--systems", "postern,exim"], /--systems knows postern, postfix, haraka; it says exim/],
  [["--messages", "many"], /--messages must be a whole number of at least 100; it says many/],
  [["--runs", "0"], /--runs must be a whole number of at least 1/],
  [["--load", "ab"], /--load must be own or smtp-source/],
  [["--what"], /Unknown option '--what'/],
] as const) {
  test(`${words.join(" ")} is a mistake that is told`, () => {
    assert.throws(
      () => relayOptions(words, {}),
      (error) => error instanceof UsageMistake && said.test(error.message),
    );
  });
}
