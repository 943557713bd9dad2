import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type CommandLine, commandLine } from "../../../test/support/command-line.ts";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import type { Check } from "./check.ts";

let fresh: FreshDatabase;
let line: CommandLine;
before(async () => {
  fresh = await freshDatabase();
  line = commandLine({ ACME_KEY: "key_0123456789abcdef", DATABASE_URL: fresh.url });
});
after(async () => {
  line.close();
  await fresh.drop();
});

const configure = (change: (text: string) => string = (text) => text): void =>
  writeFileSync(
    path.join(line.folder, "postern.yaml"),
    change(`listen: { smtp: 127.0.0.1:0, http: 0.0.0.0:0 }
database: { url: env:DATABASE_URL }
tenants:
  - name: acme
    domains: [acme.test]
    credentials: [{ name: app, apiKey: env:ACME_KEY }]
    streams: [{ name: alerts, class: C2 }]
    routes: { default: { prefer: [harbour], standby: [lantern] } }
providers:
  - { name: harbour, kind: smtp, ownerGroup: a, host: 127.0.0.1, port: 9, tls: none }
  - { name: lantern, kind: smtp, ownerGroup: b, host: mx.lantern.invalid, port: 587, tls: starttls }
`),
  );
const checks = async (): Promise<{ code: number; checks: Check[]; out: string }> => {
  const { code, out } = await line.run(["doctor", "--json"]);
  return { code, out, checks: (JSON.parse(out) as { checks: Check[] }).checks };
};

describe("postern doctor", () => {
  test("with a configuration: everything is looked at, and each wrong thing has a next step", async () => {
    configure();
    const found = await checks();
    assert.equal(found.code, 1);
    const states = new Map(found.checks.map((check) => [check.name, check.state]));
    for (const name of [
      "node",
      "data folder",
      "disk",
      "database",
      "fsync",
      "synchronous_commit",
      "migrations",
      "clock",
      "port smtp",
      "body key",
      "queue",
    ])
      assert.equal(states.get(name), "ok", `${name}: ${found.out}`);
    for (const name of ["provider harbour", "provider lantern"]) assert.equal(states.get(name), "wrong");
    assert.match(
      found.checks.find((check) => check.state === "warning")!.sentence,
      /^listen\.http is open to other hosts/,
    );
    for (const check of found.checks)
      assert.equal(check.next !== null, check.state === "wrong" || check.state === "warning", check.name);
  });

  test("with mistakes in the configuration: each is told, and what rests on it is not checked", async () => {
    configure((text) => text.replace("class: C2", "class: C9").replace("[harbour]", "[harbor]"));
    const { code, out } = await line.run(["doctor"]);
    assert.equal(code, 1);
    assert.match(
      out.replaceAll(/\s+/g, " "),
      /wrong configuration postern\.yaml, line 7, tenants\[0\]\.streams\[0\]\.class: must be one of/,
    );
    assert.match(out, /^not checked {2}providers {6}The configuration must be right first\.$/m);
  });

  test("changes nothing: no key, no data folder is made", async () => {
    configure();
    await line.run(["doctor"]);
    const { checks: found } = await checks();
    assert.match(found.find((check) => check.name === "data folder")!.sentence, /does not exist yet/);
    assert.match(found.find((check) => check.name === "body key")!.sentence, /does not exist yet/);
  });
});
