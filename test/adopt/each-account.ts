import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { loadSettings } from "../../src/config/index.ts";
import { systemClock, systemRandom } from "../../src/kernel/index.ts";
import { templateRows, templateStore } from "../../src/templates/index.ts";
import type { Ran } from "../support/command-line.ts";
import type { Account } from "./accounts.ts";
import { type AdoptWorld, adoptWorld } from "./world.ts";

/** What of --json the tests look at. */
export type Told = {
  isImport: boolean;
  findings: {
    templates: { name: string; fate: string; problems: string[]; notes: string[] }[];
    suppressions: { added: number; known: number; full: number; left: { count: number; because: string }[] };
    missing: { part: string; because: string; reason: string }[];
  };
  records: { name: string; value: string; isFound: boolean | null }[];
  warnings: { id: string; about: string; text: string }[];
  configuration: string[];
  application: { line: string };
};
export const told = ({ code, out, err }: Ran): Told => {
  assert.equal(code, 0, err);
  return JSON.parse(out) as Told;
};

export async function within(
  account: Account,
  work: (world: AdoptWorld) => Promise<void>,
  limit?: number,
): Promise<void> {
  const world = await adoptWorld(account.vendor, account.fill, {
    settings: account.settings,
    ...(limit === undefined ? {} : { limit }),
  });
  try {
    await work(world);
  } finally {
    await world.close();
  }
}

/** What every account has to go through, whichever vendor it is at. */
export function everyAccount(accounts: readonly Account[]): void {
  for (const account of accounts) {
    describe(`an account at ${account.vendor}`, () => {
      test("is read without a configuration, and nothing is written", () =>
        within(account, async (world) => {
          const words = ["--key", "env:API_KEY", ...account.options];
          const { code, out, err } = await world.adoptUnconfigured(...words);
          assert.equal(code, 0, err);
          assert.match(out, /nothing was changed/);
          assert.match(err, /read suppressions: \d/);
          for (const name of Object.keys(account.refused)) assert.ok(out.includes(name), name);
          const report = told(await world.adoptUnconfigured(...words, "--json"));
          assert.deepEqual(await world.rows(), []);
          for (const [name, value, isFound] of account.records) {
            const found = report.records.find((one) => one.name === name && one.value === value);
            assert.equal(found?.isFound, isFound, `${name} ${value}`);
          }
          const left = report.findings.suppressions.left.map(({ because, count }) => [because, count] as const);
          assert.deepEqual(Object.fromEntries(left), account.left);
          checkConfiguration(world, report.configuration);
        }));

      test("is adopted once, however often", () =>
        within(account, async (world) => {
          const report = told(await world.adopt("old", "--import", "--json"));
          await checkTemplates(world, account, report);
          await checkSuppressions(world, account);
          for (const id of account.warnings)
            assert.ok(
              report.warnings.some((one) => one.id === id),
              `no ${id}`,
            );
          const before = await world.rows();
          const again = told(await world.adopt("old", "--import", "--json"));
          assert.deepEqual(await world.rows(), before);
          assert.equal(again.findings.suppressions.added, 0);
          assert.ok(again.findings.templates.every(({ fate }) => fate === "same" || fate === "refused"));
          assert.equal(again.findings.suppressions.known, report.findings.suppressions.added);
        }));

      test("with a wrong key nothing is read, and it is said what to do", () =>
        within(account, async (world) => {
          const readKey = account.vendor === "postmark" ? [] : account.options;
          const { code, err } = await world.adoptUnconfigured("--key", "env:WRONG_KEY", ...readKey);
          assert.equal(code, 1);
          assert.match(err, /adopt-key-refused\n/);
          assert.ok(!err.includes("00000000-wrong-key"));
        }));

      test("where it asks for patience it is waited for as long as it says", () =>
        within(account, async (world) => {
          world.interfere(({ n }) => (n % 4 === 2 ? { status: 429, retryAfter: "90" } : null));
          const { code, err } = await world.adopt("old", "--import");
          assert.equal(code, 0, err);
          assert.match(err, /waiting 1m 30s/);
          assert.ok(world.clock.waits.includes(90_000));
        }));

      test("where it breaks in the middle, what was read is kept and the next run goes on", () =>
        within(account, async (world) => {
          const whole = (await world.adopt("old"), world.asked.length);
          let most = 0;
          for (const share of [0.4, 0.7, 0.95]) {
            world.interfere(({ n }) => (n > whole * share ? { status: 503 } : null));
            const { code, out, err } = await world.adopt("old", "--import");
            assert.equal(code, 1, out + err);
            assert.match(out, /What was read is kept/);
            const { length } = await world.rows();
            assert.ok(length >= most);
            most = length;
          }
          assert.ok(most > 0, "something was kept");
          world.interfere(() => null);
          told(await world.adopt("old", "--import", "--json"));
          const report = told(await world.adopt("old", "--import", "--json"));
          assert.ok(report.findings.templates.every(({ fate }) => fate === "same" || fate === "refused"));
          await checkTemplates(world, account, report);
          await checkSuppressions(world, account);
        }));
    });
  }
}

async function checkTemplates(world: AdoptWorld, account: Account, report: Told): Promise<void> {
  const store = templateStore({ rows: templateRows(world.database), clock: systemClock, random: systemRandom });
  for (const [name, dialect, subject, html, count] of account.templates) {
    const found = await store.get("acme", { name });
    assert.ok(found, `no template ${name}`);
    assert.deepEqual([found.dialect, found.published?.subject, found.published?.html], [dialect, subject, html]);
    assert.equal((await store.versions("acme", { name }))?.length, count, name);
    const uuid = account.uuids?.[name];
    if (uuid) assert.equal(found.uuid, uuid);
  }
  for (const alias of account.aliases ?? []) assert.ok(await store.get("acme", { name: alias }), alias);
  for (const [name, reason] of Object.entries(account.refused)) {
    assert.equal(await store.get("acme", { name }), null, name);
    const line = report.findings.templates.find((one) => one.name === name);
    assert.equal(line?.fate, "refused");
    assert.match(line.problems.join("\n"), reason);
  }
}

async function checkSuppressions(world: AdoptWorld, account: Account): Promise<void> {
  const rows = await world.database.query<{ address: string; reason: string; at: number }>(
    "SELECT address, reason, created_at AS at FROM suppressions WHERE tenant = 'acme'",
  );
  for (const [address, reason, at] of account.suppressions) {
    const found = rows.find((one) => one.address === address);
    assert.match(found?.reason ?? "", reason, address);
    assert.equal(new Date(found!.at).toISOString(), at);
  }
}

/** What is printed is a configuration, as soon as the variables it names are set. */
function checkConfiguration({ line }: AdoptWorld, lines: readonly string[]): void {
  const text = lines.join("\n");
  const file = path.join(line.folder, "printed.yaml");
  writeFileSync(file, `${text}\n`);
  const names = [...text.matchAll(/env:([A-Z0-9_]+)/g)].map(([, name]) => name!);
  const environment = Object.fromEntries(
    names.map((name, n) => [
      name,
      n % 2 === 0 ? `AKIA${n}:secret-of-${n}-0123456789` : `a-${n}:long-secret-0123456789`,
    ]),
  );
  const settings = loadSettings({ file, environment, cwd: line.folder, random: systemRandom });
  assert.deepEqual(settings.tenants[0]!.domains, ["account.acme.example"]);
}
