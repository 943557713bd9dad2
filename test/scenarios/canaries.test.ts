import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type App, startApp } from "../../src/app.ts";
import { type Canary, canariesSince } from "../../src/canary/index.ts";
import { loadSettings } from "../../src/config/index.ts";
import { noFailpoint, silentLog, systemClock, systemRandom } from "../../src/kernel/index.ts";
import { eventually } from "../support/eventually.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";

describe("a Postern that nobody configured", () => {
  let place: FreshDatabase;
  let app: App;
  const folder = mkdtempSync(path.join(tmpdir(), "postern-canaries-"));
  before(async () => {
    place = await freshDatabase();
    const environment = { POSTERN_SMTP_PORT: "0", POSTERN_HTTP_PORT: "0", POSTERN_DATABASE_URL: place.url };
    const settings = loadSettings({ environment, cwd: folder, random: systemRandom });
    const log = process.env["VERBOSE"] ? { ...silentLog, warn: console.log, info: console.log } : silentLog;
    app = await startApp({ settings, clock: systemClock, random: systemRandom, log, failpoint: noFailpoint });
  });
  after(async () => {
    await app?.stop();
    await place?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("has a canary arrive unchanged and signed by each of its eight providers", { timeout: 60_000 }, async () => {
    const all = await eventually(async () => {
      const rows = await canariesSince(place.database, 0);
      const done = new Map<string | null, Canary>();
      for (const one of rows) if (one.arrivedAt !== null && one.legs.handOff !== undefined) done.set(one.provider, one);
      return done.size === 8 && [...done.values()];
    }, 40_000);
    for (const { provider, result, findings, legs, tenant, own } of all) {
      assert.deepEqual(
        { provider, result, findings, tenant, own },
        { provider, result: "arrived", findings: [], tenant: "lab", own: true },
      );
      assert.ok((legs.whole ?? Number.NaN) < 30_000 && (legs.handOff ?? Number.NaN) >= 0, JSON.stringify(legs));
    }
  });
});
