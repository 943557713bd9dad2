import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import { freshDatabase } from "../../test/support/postgres.ts";
import { newNodeId, silentLog, systemClock, systemRandom } from "../kernel/index.ts";
import { silentMetrics } from "../metrics/index.ts";
import { sightings } from "../spool/index.ts";
import { connectDatabase } from "../store/index.ts";
import { startNodeLife } from "./node-life.ts";

test("a node shows that it lives although all of its other connections are busy", async () => {
  const fresh = await freshDatabase();
  const watching = connectDatabase({ target: fresh.target, clock: systemClock, log: silentLog });
  const node = newNodeId(systemClock, systemRandom);
  const { database } = fresh;
  const life = await startNodeLife({
    node,
    label: "busy",
    database,
    clock: systemClock,
    log: silentLog,
    metrics: silentMetrics,
  });
  const busy = Promise.allSettled(Array.from({ length: 40 }, () => database.query("SELECT pg_sleep(3.5)::text")));
  try {
    const mark = async () => (await sightings(watching))[0]!.mark;
    const marks = new Set<string>();
    await eventually(async () => marks.add(await mark()).size === 3, 3_400);
    assert.ok(life.mayAct(life.epoch));
  } finally {
    await busy;
    await life.stop();
    await watching.close();
    await fresh.drop();
  }
});
