import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { systemClock, systemRandom } from "../../src/kernel/index.ts";
import { templateRows, templateStore } from "../../src/templates/index.ts";
import { furnish } from "../../src/lab/furnished.ts";
import { type Account, ACCOUNTS } from "./accounts.ts";
import { type Told, everyAccount, told, within } from "./each-account.ts";
import { adoptWorld } from "./world.ts";

const [MANDRILL] = ACCOUNTS.filter(({ vendor }) => vendor === "mandrill") as [Account];
everyAccount([MANDRILL]);

test("the lab has an account to adopt", async () => {
  const world = await adoptWorld("mandrill", (account) => furnish(account, "mandrill"));
  try {
    const { findings } = told(await world.adopt("old", "--import", "--json"));
    const fates = findings.templates.map(({ name, fate }) => `${name} ${fate}`);
    assert.deepEqual(fates, ["welcome new", "receipt new", "newsletter refused"]);
    assert.equal(findings.suppressions.added, 4);
  } finally {
    await world.close();
  }
});

test("what was changed there comes as a new version, what was changed here stays", () =>
  within(MANDRILL, async (world) => {
    told(await world.adopt("old", "--import", "--json"));
    const { account } = world.twin;
    account.put("template", { ...account.things("template").get("welcome")!, publish_code: "<p>Third</p>" });
    account.put("template", { ...account.things("template").get("braces")!, code: "<p>Third</p>" });
    const store = templateStore({ rows: templateRows(world.database), clock: systemClock, random: systemRandom });
    await store.put("acme", { name: "braces" }, { html: "<p>Ours</p>", publish: true });
    const report = told(await world.adopt("old", "--import", "--json"));
    const fates = report.findings.templates.map(({ name, fate }) => `${name} ${fate}`);
    assert.deepEqual(fates.toSorted(), ["braces kept", "unsub refused", "welcome changed"]);
    assert.equal((await store.get("acme", { name: "welcome" }))?.published?.html, "<p>Third</p>");
    assert.equal((await store.get("acme", { name: "braces" }))?.published?.html, "<p>Ours</p>");
  }));

test("a template that people made here is not touched", () =>
  within(MANDRILL, async (world) => {
    const store = templateStore({ rows: templateRows(world.database), clock: systemClock, random: systemRandom });
    await store.put("acme", { name: "welcome" }, { dialect: "handlebars", text: "Ours", publish: true });
    const report = told(await world.adopt("old", "--import", "--json"));
    assert.equal(report.findings.templates.find(({ name }) => name === "welcome")?.fate, "kept");
    assert.equal((await store.get("acme", { name: "welcome" }))?.published?.text, "Ours");
  }));

test("the list of suppressions does not grow beyond its bound, and that is told", () =>
  within(
    MANDRILL,
    async (world) => {
      const report = told(await world.adopt("old", "--import", "--json"));
      const { added, full } = report.findings.suppressions;
      assert.deepEqual([added, full], [3, 1]);
      assert.ok(report.warnings.some(({ id }) => id === "suppressions-full"));
      const again = told(await world.adopt("old", "--import", "--json")).findings.suppressions;
      assert.deepEqual([again.added, again.known, again.full], [0, 3, 1]);
    },
    3,
  ));

test("a list that its API gives in part only is told, and is no success", () =>
  within(MANDRILL, async (world) => {
    for (let n = 0; n < 1_000; n += 1) {
      world.twin.account.put("suppression", { id: `b${n}@example.com`, reason: "hard-bounce" });
    }
    const { code, out } = await world.adopt("old", "--json");
    assert.equal(code, 1);
    const [missing] = (JSON.parse(out) as Told).findings.missing;
    assert.deepEqual([missing?.part, missing?.because], ["suppressions", "too-long"]);
  }));

test("Mandrill's denylist is read whole from the file of its export", () =>
  within(MANDRILL, async (world) => {
    const lines = Array.from(
      { length: 1_500 },
      (_, n) => `b${n}@example.com,hard-bounce,"said ""no"", twice",2024-02-03 04:05:06`,
    );
    writeFileSync(
      path.join(world.line.folder, "rejects.csv"),
      ["Email,Reason,Detail,Created At", ...lines, ""].join("\r\n"),
    );
    const report = told(await world.adopt("old", "--import", "--rejects", "rejects.csv", "--json"));
    assert.equal(report.findings.suppressions.added, 1_500);
    const rows = await world.database.query<{ reason: string; at: number }>(
      "SELECT DISTINCT reason, created_at AS at FROM suppressions",
    );
    assert.deepEqual(rows, [{ reason: 'bounced: at mandrill, said "no", twice', at: Date.UTC(2024, 1, 3, 4, 5, 6) }]);
    writeFileSync(path.join(world.line.folder, "other.csv"), "a,b\n1,2\n");
    assert.equal((await world.adopt("old", "--rejects", "other.csv")).code, 1);
  }));

test("which account is meant must be clear", () =>
  within(MANDRILL, async (world) => {
    const cases: [string[], RegExp][] = [
      [["nobody"], /adopt-provider-unknown\n[\s\S]*old/],
      [[], /adopt-options-unclear/],
      [["old", "--kind", "ses"], /adopt-options-unclear/],
      [["--kind", "ses", "--key", "env:API_KEY"], /access-key-id/],
      [["--kind", "mailgun", "--key", "env:API_KEY"], /--domain/],
      [["--kind", "mandrill", "--key", "env:NOT_SET"], /NOT_SET, which is\s+not set/],
      [["--kind", "mandrill", "--key", "written-out"], /must not hold a\s+secret itself/],
      [["old", "--import", "--dry-run"], /say the opposite/],
    ];
    for (const [words, says] of cases) {
      const { code, err } = await world.adopt(...words);
      assert.equal(code, 1, words.join(" "));
      assert.match(err, says, words.join(" "));
    }
  }));
