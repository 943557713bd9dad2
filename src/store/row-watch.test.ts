import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../../test/support/virtual-clock.ts";
import { silentLog } from "../kernel/index.ts";
import type { Database } from "./database.ts";
import { RowWatch } from "./row-watch.ts";

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("one statement asks for all; rows are read at the start, when they changed, and again after a look that failed", async () => {
  const clock = virtualClock(0);
  const asked: string[] = [];
  const versions: Record<string, string | null> = { v0: "1", v1: null };
  const database = {
    isUp: true,
    query: async (text: string) => {
      asked.push(text);
      return [{ ...versions }];
    },
  } as unknown as Database;
  const told: string[] = [];
  const watch = new RowWatch({ database, clock, log: { ...silentLog, warn: (event) => told.push(event) } });
  const looks = { first: 0, second: 0 };
  let fails = false;
  watch.add({
    version: "SELECT 1",
    event: "first.not-read",
    look: async () => {
      looks.first += 1;
      if (fails) throw new Error("no");
    },
  });
  watch.add({ version: "SELECT 2", event: "second.not-read", look: async () => void (looks.second += 1) });
  const turn = async () => {
    await clock.advance(500);
    await settled();
  };
  await watch.start();
  assert.deepEqual(
    [asked, looks],
    [["SELECT (SELECT 1)::text AS v0, (SELECT 2)::text AS v1"], { first: 1, second: 1 }],
  );
  await turn();
  assert.deepEqual([asked.length, looks], [2, { first: 1, second: 1 }], "nothing changed");
  versions["v1"] = "drill 3";
  fails = true;
  versions["v0"] = "2";
  await turn();
  assert.deepEqual([looks, told], [{ first: 2, second: 2 }, ["first.not-read"]]);
  fails = false;
  await turn();
  assert.deepEqual(looks, { first: 3, second: 2 }, "what failed is tried again");
  versions["v1"] = null;
  await turn();
  assert.deepEqual(looks, { first: 3, second: 3 }, "rows that went are a change");
  await watch.stop();
});
