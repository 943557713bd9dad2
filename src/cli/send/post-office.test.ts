import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CredentialSettings, Settings, TenantSettings } from "../../config/index.ts";
import { Secret } from "../../kernel/index.ts";
import type { Run } from "../run.ts";
import { postOffice } from "./post-office.ts";

const credential = (name: string, apiKey: string | null): CredentialSettings => ({
  name,
  username: null,
  password: null,
  apiKey: apiKey === null ? null : new Secret(apiKey),
  aws: null,
  networks: [],
  stream: null,
});
const tenant = (name: string, ...credentials: CredentialSettings[]) =>
  ({ name, domains: [`${name}.test`], credentials }) as unknown as TenantSettings;

const run = (tenants: TenantSettings[], environment: Record<string, string> = {}, host = "0.0.0.0"): Run =>
  ({
    world: { environment },
    configFile: undefined,
    settings: () =>
      ({ tenants, listen: { http: { host, port: 8025 }, smtp: { host, port: 2525 } } }) as unknown as Settings,
  }) as unknown as Run;

const ACME = tenant(
  "acme",
  credential("smtp-only", null),
  credential("app", "key-of-app"),
  credential("other", "key-of-other"),
);

describe("where a letter is handed in", () => {
  test("at the configured door, reached on loopback, with the first credential that has a key", () => {
    const office = postOffice(run([ACME]), {});
    assert.deepEqual(
      [office.url, office.apiKey?.reveal(), office.domain],
      ["http://127.0.0.1:8025", "key-of-app", "acme.test"],
    );
    assert.deepEqual(office.smtp, { host: "127.0.0.1", port: 2525 });
    assert.equal(postOffice(run([ACME], {}, "::"), {}).url, "http://[::1]:8025");
    assert.equal(postOffice(run([ACME]), { credential: "other" }).apiKey?.reveal(), "key-of-other");
  });

  test("a server and a key from the environment need no configuration", () => {
    const none: Run = { ...run([], { POSTERN_API_KEY: "k" }), settings: () => assert.fail("not to be read") };
    const office = postOffice(none, { server: "https://mail.example.com/" });
    assert.deepEqual([office.url, office.apiKey?.reveal()], ["https://mail.example.com", "k"]);
  });

  test("several tenants: one must be chosen, and a wrong name lists them", () => {
    assert.throws(() => postOffice(run([ACME, tenant("zeta")]), {}), /--tenant \(acme, zeta\)/);
    assert.throws(() => postOffice(run([ACME]), { tenant: "amce" }), /no tenant amce\. There is: acme/);
    assert.throws(
      () => postOffice(run([ACME]), { credential: "x" }),
      /no credential x\. It has: smtp-only, app, other/,
    );
  });

  test("a server that is no address, or carries a password, is refused", () => {
    for (const server of ["mail.example.com", "ftp://x", "http://u:p@x"])
      assert.throws(() => postOffice(run([ACME]), { server }), /--server must be/);
  });
});
