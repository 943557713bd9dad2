import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { type CommandLine, commandLine } from "../../../test/support/command-line.ts";
import { eventually } from "../../../test/support/eventually.ts";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import { type Alert, Alerts } from "../../alerts/index.ts";
import { loadSettings } from "../../config/index.ts";
import { silentLog, systemClock, systemRandom } from "../../kernel/index.ts";
import { silentMetrics } from "../../metrics/index.ts";

const FILE = `
database: { url: env:DATABASE_URL }
tenants:
  - name: acme
    domains: [account.acme.test]
    credentials: [{ name: app, apiKey: env:ACME_KEY }]
    streams: [{ name: security, class: C0 }]
    routes: { default: { prefer: [harbour] } }
providers:
  - { name: harbour, kind: smtp, ownerGroup: harbour, host: 127.0.0.1, port: 2501, tls: none }
alerts:
  targets:
    - { name: chat, kind: slack, url: env:CHAT }
    - { name: night, kind: pagerduty, key: env:NIGHT, severities: [page] }
`;
const PAGE: Alert = {
  key: "quarantined harbour",
  severity: "page",
  kind: "quarantined",
  provider: "harbour",
  scope: "",
  sentence: "It says that 4 canaries were delivered which none of our receivers has seen.\u202e",
  numbers: { claimed: 4 },
  at: systemClock.now() - 200_000,
};

let fresh: FreshDatabase;
let line: CommandLine;
let alerts: Alerts;
/** What each target answers. */
const answers = new Map<string, number>();
before(async () => {
  fresh = await freshDatabase();
  const environment = {
    DATABASE_URL: fresh.url,
    ACME_KEY: "key_0123456789abcdef",
    CHAT: "https://hooks.slack.example/chat",
    NIGHT: "k".repeat(32),
  };
  line = commandLine(environment);
  const file = path.join(line.folder, "postern.yaml");
  writeFileSync(file, FILE);
  alerts = new Alerts({
    settings: loadSettings({ file, environment, cwd: line.folder, random: systemRandom }),
    database: fresh.database,
    port: { accept: () => assert.fail("no mail here") },
    egress: {
      post: async (url) => ({
        kind: "answered",
        status: answers.get(url.includes("slack") ? "chat" : "night") ?? 202,
        retryAfterMs: null,
      }),
      close() {},
    },
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    metrics: silentMetrics,
  });
});
beforeEach(async () => {
  answers.clear();
  await fresh.database.query("TRUNCATE alerts, alert_deliveries RESTART IDENTITY");
});
after(async () => {
  await alerts.stop();
  line.close();
  await fresh.drop();
});
const run = (...words: string[]) => line.run(["alerts", ...words], { columns: 140 });
const isTold = () =>
  eventually(async () => {
    const waiting = await fresh.database.query("SELECT FROM alert_deliveries WHERE state = 'waiting'");
    return waiting.length === 0;
  });

describe("postern alerts", () => {
  test("says that all is quiet, and lists what is open with who knows of it", async () => {
    assert.match((await run("list")).out, /^All is quiet: no alert is open/);
    await alerts.raise(PAGE);
    await isTold();
    const { out } = await run("list");
    assert.match(out, /^ALERT +SEVERITY +STATE +BEGAN +WHAT +TOLD$/m);
    assert.match(out, /^ +1 +PAGE +open +3m \d+s ago +harbour: A provider is quarantined +chat, night$/m);
    assert.match(out, /To take one on: postern alerts ack 1 --operator NAME/);
    const [shown] = JSON.parse((await run("list", "--json")).out) as { id: number; at: string; told: object[] }[];
    assert.deepEqual([shown!.id, shown!.told.length, typeof shown!.at], [1, 2, "string"]);
  });

  test("one is taken on once, by name; it stays until it is over", async () => {
    await alerts.raise(PAGE);
    await isTold();
    const first = await run("ack", "1", "--operator", "ada");
    assert.deepEqual([first.code, first.err], [0, ""]);
    assert.match(first.out, /^ada has it now: harbour: A provider is quarantined \(1\)/);
    const second = await run("ack", "1", "--operator", "bob");
    assert.equal(second.code, 1);
    assert.match(second.out, /is taken on already, by ada/);
    assert.match((await run("list")).out, /PAGE +ada has it/);
    await alerts.resolve(PAGE.key);
    assert.match((await run("list")).out, /^All is quiet/);
    assert.match((await run("list", "--all")).out, /over after 3m/);
    assert.match((await run("ack", "1", "--operator", "bob")).out, /is over already/);
  });

  test("show says what to do, and what each target said; nothing of it turns the line around", async () => {
    answers.set("night", 403);
    await alerts.raise(PAGE);
    await eventually(async () => {
      const [row] = await fresh.database.query("SELECT FROM alert_deliveries WHERE last_error IS NOT NULL");
      return row !== undefined;
    });
    const { out } = await run("show", "1");
    assert.match(out, /^PAGE, open {2}harbour: A provider is quarantined$/m);
    assert.match(out, /^next +Change its keys\. Then two people/m);
    assert.match(out, /^numbers +claimed: 4$/m);
    assert.match(out, /^chat +began +delivered +1 +answered 202$/m);
    assert.match(out, /^night +began +waiting +\d+ +answered 403$/m);
    assert.doesNotMatch(out, /\u202e/);
    const silent = await eventually(async () => {
      const all = JSON.parse((await run("list", "--json")).out) as { kind: string; told: { target: string }[] }[];
      return all.find(({ kind }) => kind === "target-silent") ?? null;
    });
    assert.deepEqual(
      silent.told.map(({ target }) => target),
      ["chat"],
    );
  });

  test("test tells one target, and says what it answered", async () => {
    const good = await run("test", "night", "--operator", "ada");
    assert.deepEqual([good.code, good.err], [0, ""]);
    assert.match(good.out, /^night \(pagerduty\) was told: answered 202\./);
    answers.set("chat", 404);
    const bad = await run("test", "chat", "--operator", "ada");
    assert.equal(bad.code, 1);
    assert.match(bad.out, /^chat \(slack\) could not be told: answered 404\./);
  });

  test("what is missing or unknown is said", async () => {
    assert.match((await run("show", "99")).err, /^alert-not-found\n/);
    assert.match((await run("ack", "x", "--operator", "ada")).err, /^alert-not-found\n/);
    assert.match((await run("test", "nobody", "--operator", "ada")).err, /it has chat, night\./);
    assert.equal((await run("ack", "1")).code, 2);
    assert.equal((await run("ack", "1", "--operator", " ")).code, 2);
    assert.equal((await run("ack", "1", "--operator", "a\u202eb")).code, 2);
  });
});
