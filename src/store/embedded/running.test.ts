import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { silentLog, systemClock, systemRandom } from "../../kernel/index.ts";
import { clusterOf, connectDatabase, embeddedTarget, startEmbedded } from "../index.ts";

const dataFolder = mkdtempSync(path.join(tmpdir(), "postern-running-"));
chmodSync(dataFolder, 0o755); // started by root, the server runs as another user
after(() => rmSync(dataFolder, { recursive: true, force: true }));

describe("the server another Postern runs", () => {
  test("is found while it runs, by its files alone, and not before or after", async () => {
    assert.equal(embeddedTarget(dataFolder), null);
    const server = await startEmbedded({ dataFolder, clock: systemClock, random: systemRandom, log: silentLog });
    const target = embeddedTarget(dataFolder);
    assert.deepEqual(target, server.target);
    const database = connectDatabase({ target: target!, clock: systemClock, log: silentLog });
    assert.deepEqual(await database.query("SELECT 1 AS one"), [{ one: 1 }]);
    await database.close();
    await server.stop();
    assert.equal(embeddedTarget(dataFolder), null);
  });

  test("its cluster is found again where it is", () => {
    assert.equal(clusterOf(dataFolder), path.join(dataFolder, "postgres"));
  });
});
