import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { type CommandLine, commandLine } from "../../../test/support/command-line.ts";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import { systemClock } from "../../kernel/index.ts";

let fresh: FreshDatabase;
let line: CommandLine;
before(async () => {
  fresh = await freshDatabase();
  line = commandLine({ POSTERN_DATABASE_URL: fresh.url });
});
after(async () => {
  line.close();
  await fresh.drop();
});

async function canary(provider: string | null, kind: string, result: string, findings: object[]) {
  const sentAt = new Date(systemClock.now() - 60_000);
  await fresh.database.query(
    `INSERT INTO canaries (canary_id, kind, provider, receiver, own, tenant, stream, class, burst, token_hash, sent_at, deadline_at,
       arrived_at, result, expected, findings, legs, change_id)
     VALUES ($1, $2, $3, 'own', true, 'lab', 'security', 0, false, $4, $5, $5, $6, $7, '{}', $8, '{}', 1)`,
    [
      randomUUID(),
      kind,
      provider,
      Buffer.from(randomUUID()),
      sentAt,
      result === "missed" ? null : new Date(sentAt.getTime() + 2_000),
      result,
      JSON.stringify(findings),
    ],
  );
}
const run = async (...words: string[]) => (await line.run(["canary", "list", ...words], { columns: 120 })).out;

test("canaries are listed with what was found of them, and where nothing is there with why", async () => {
  assert.match(await run(), /^No canary was sent yet/);
  assert.match(await run("--sign-ups"), /^No sign-up is tried: canaries\.signUps/);
  await canary("mandrill", "mail", "arrived", []);
  await canary("mandrill", "mail", "altered", [
    { code: "address-foreign", detail: "ops@evil.test\u202e in the text." },
  ]);
  await canary("harbour", "mail", "missed", []);
  await canary(null, "sign-up", "missed", [{ code: "sign-up-silent", detail: "No confirmation came." }]);
  const all = await run();
  assert.match(all, /mandrill +lab\/security +own +altered +2s +address-foreign/);
  assert.match(all, /What was found\n {2}address-foreign: ops@evil\.test\\u202e in the text\./);
  assert.doesNotMatch(all, /sign-up/);
  assert.equal((await run("--provider", "mandrill", "--altered")).match(/mandrill/g)?.length, 1);
  assert.match(await run("--missed"), /harbour +lab\/security +own +missed/);
  assert.match(await run("--sign-ups"), /– +sign-up security +own +missed +sign-up-silent/);
  assert.match(
    await run("--provider", "lantern", "--altered"),
    /^No canary of lantern of the last fortnight is like that/,
  );
  const wrong = await line.run(["canary", "list", "--provider", "nobody"]);
  assert.deepEqual([wrong.code, wrong.err.split("\n")[0]], [1, "provider-unknown"]);
  const shown = await line.run(["provider", "show", "mandrill"]);
  assert.match(
    shown.out,
    /Canaries of the last hour: 1 altered, 1 arrived|Canaries of the last hour: 1 arrived, 1 altered/,
  );
});
