import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type App, startApp } from "../../src/app.ts";
import { type Settings, loadSettings } from "../../src/config/index.ts";
import { noFailpoint, silentLog, systemClock, systemRandom } from "../../src/kernel/index.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { eventually } from "../support/eventually.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";

describe("a drill in the lab, beside the running program", () => {
  let place: FreshDatabase;
  let app: App;
  let line: CommandLine;
  let settings: Settings;
  const folder = mkdtempSync(path.join(tmpdir(), "postern-drill-"));

  before(async () => {
    place = await freshDatabase();
    const environment = {
      POSTERN_SMTP_PORT: "0",
      POSTERN_HTTP_PORT: "0",
      POSTERN_DATABASE_URL: place.url,
      POSTERN_DATA: path.join(folder, "data"),
    };
    settings = loadSettings({ environment, cwd: folder, random: systemRandom });
    const log = process.env["VERBOSE"] ? { ...silentLog, warn: console.log, info: console.log } : silentLog;
    app = await startApp({
      settings,
      clock: systemClock,
      random: systemRandom,
      log,
      failpoint: noFailpoint,
    });
    line = commandLine(environment);
  });
  after(async () => {
    line?.close();
    await app?.stop();
    await place?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Sends a message and says who took it. */
  async function takenBy(stream = "security"): Promise<string> {
    const apiKey = settings.tenants[0]!.credentials[0]!.apiKey!.reveal();
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
    const base = `http://127.0.0.1:${app.http.port}/v1/messages`;
    const message = { from: "app@lab.test", to: ["bob@example.net"], subject: "Hello", text: "Hello", stream };
    const answer = await fetch(base, { method: "POST", headers, body: JSON.stringify(message) });
    const { id } = (await answer.json()) as { id: string };
    return eventually(async () => {
      const story = (await (await fetch(`${base}/${id}`, { headers })).json()) as {
        attempts: { provider: string; outcome: string | null }[];
      };
      return story.attempts.find(({ outcome }) => outcome === "accepted")?.provider ?? null;
    });
  }
  const start = (...words: string[]) =>
    line.run(["drill", "start", "--provider", "mandrill", "--reason", "monthly", ...words]);

  /** One message by harbour may be the standby's share; three in a row are the drill. */
  const untilMoved = () =>
    eventually(async () => {
      const three = [await takenBy(), await takenBy("receipts"), await takenBy("alerts")];
      return three.every((provider) => provider === "harbour");
    });

  test(
    "moves mail to the stand-in, brings it back at a word, and tells what it showed",
    { timeout: 60_000 },
    async () => {
      const preview = await start("--dry-run");
      assert.equal(preview.code, 0, preview.err);
      assert.match(preview.out, /C0 +lab\/security +\d+ +harbour/);
      assert.match((await line.run(["drill", "list"])).out, /^No drill yet/);

      const begun = await start("--for", "60s", "--operator", "ada");
      assert.match(begun.out, /Drill 1 has begun; it ends by itself in 1m/);
      const second = await start();
      assert.deepEqual([second.code, second.err.split("\n")[0]], [1, "drill-already-runs"]);
      await untilMoved();

      const stopped = await line.run(["drill", "stop", "--operator", "grace"]);
      assert.match(stopped.out, /^Drill 1 has ended/);
      await eventually(async () => (await takenBy()) === "mandrill");

      const shown = await line.run(["drill", "show", "1"]);
      assert.match(shown.out, /^Drill 1: mandrill was withdrawn for [\d.]+s/);
      assert.match(shown.out, /Ended: grace stopped it\./);
      assert.match(shown.out, /first message elsewhere after {2}\d/);
      assert.match(shown.out, /sent twice +none/);
      const { report } = JSON.parse((await line.run(["drill", "show", "1", "--json"])).out) as {
        report: {
          during: { flows: { provider: string; accepted: number }[] };
          twice: number;
          firstElsewhereMs: number;
        };
      };
      const harbour = report.during.flows.filter(({ provider }) => provider === "harbour");
      assert.ok(harbour.reduce((sum, { accepted }) => sum + accepted, 0) >= 3);
      assert.ok(report.firstElsewhereMs < 10_000);
      assert.equal((await line.run(["drill", "stop"])).err.split("\n")[0], "drill-not-running");
    },
  );

  test("ends by itself when the stand-in fails, and no message is lost by it", { timeout: 60_000 }, async () => {
    await start("--for", "60s");
    await untilMoved();
    await fetch(`http://127.0.0.1:${app.http.port}/lab/providers/harbour/mode`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ mode: "suspended" }),
    });
    // Where nobody else stands in, the withdrawn one does; here lantern is next.
    const carriers = await Promise.all(Array.from({ length: 10 }, () => takenBy()));
    assert.ok(
      carriers.every((provider) => provider !== "harbour"),
      carriers.join(" "),
    );
    const latest = await eventually(async () => {
      const [drill] = JSON.parse((await line.run(["drill", "list", "--json"])).out) as { endedBy: string | null }[];
      return drill!.endedBy === null ? null : drill!;
    }, 30_000);
    assert.equal(latest.endedBy, "stand-in-fell");
  });
});
