import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import type { CredentialSettings, TenantSettings } from "../config/index.ts";
import { Secret } from "../kernel/index.ts";
import { credentialsOf } from "./credentials.ts";

function tenant(name: string, credentials: Partial<CredentialSettings>[]): TenantSettings {
  const none = { username: null, password: null, apiKey: null, aws: null, networks: [], stream: null };
  return {
    name,
    domains: [],
    credentials: credentials.map((one, n) => ({ name: `c${n}`, ...none, ...one })),
    streams: [],
    defaultStream: "",
    routes: {},
    webhooks: [],
    suppress: [],
  };
}
const credentials = credentialsOf([
  tenant("acme", [
    { username: "acme-app", password: new Secret("correct horse") },
    { apiKey: new Secret("key-of-acme-0001") },
    { networks: ["10.1.0.0/16", "fd00::/8"] },
  ]),
  tenant("signing", [
    // AWS's own example of deriving a signing key (AWS General Reference, "Signature Version 4").
    { aws: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY") } },
  ]),
  tenant("other", [
    { username: "other-app", password: new Secret("battery staple"), apiKey: new Secret("key-of-other-001") },
    { networks: ["192.0.2.7/32"] },
  ]),
]);

test("a user name with its password names tenant and credential", () => {
  assert.deepEqual(credentials.byPassword("acme-app", "correct horse"), { tenant: "acme", credential: "c0" });
  assert.deepEqual(credentials.byPassword("other-app", "battery staple"), { tenant: "other", credential: "c0" });
});

test("any other password or name gives nobody", () => {
  for (const [username, password] of [
    ["acme-app", ""],
    ["acme-app", "correct horse "],
    ["acme-app", "Correct horse"],
    ["acme-app", "battery staple"],
    ["ACME-APP", "correct horse"],
    ["", ""],
    ["nobody", "correct horse"],
    ["constructor", "correct horse"],
  ] as const)
    assert.equal(credentials.byPassword(username, password), null, `${username}:${password}`);
});

test("an API key names its credential; a user's password is none", () => {
  assert.deepEqual(credentials.byApiKey("key-of-acme-0001"), { tenant: "acme", credential: "c1" });
  assert.deepEqual(credentials.byApiKey("key-of-other-001"), { tenant: "other", credential: "c0" });
  for (const key of ["", "key-of-acme-000", "correct horse", "constructor"])
    assert.equal(credentials.byApiKey(key), null);
});

test("a network names its credential, in IPv4, IPv6 and IPv4 within IPv6", () => {
  for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"])
    assert.deepEqual(credentials.byAddress(address), { tenant: "acme", credential: "c2" }, address);
  assert.deepEqual(credentials.byAddress("192.0.2.7"), { tenant: "other", credential: "c1" });
  for (const address of ["10.2.0.1", "192.0.2.8", "::1", "fe80::1%eth0", "", "unknown", "::ffff:192.0.2.8"])
    assert.equal(credentials.byAddress(address), null, address);
});

test("an access key id names its credential and gives the key of a scope, never the secret", () => {
  const scope = { date: "20150830", region: "us-east-1", service: "iam" };
  const found = credentials.signingKey("AKIDEXAMPLE", scope)!;
  assert.deepEqual(found.identity, { tenant: "signing", credential: "c0" });
  assert.equal(found.key.toString("hex"), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
  for (const other of [{ date: "20150831" }, { region: "us-east-2" }, { service: "ses" }]) {
    assert.notDeepEqual(credentials.signingKey("AKIDEXAMPLE", { ...scope, ...other })!.key, found.key);
  }
  for (const id of ["", "akidexample", "acme-app", "constructor"])
    assert.equal(credentials.signingKey(id, scope), null, id);
});

test("what is kept shows no password and no key", () => {
  const shown = inspect(credentials, { depth: 20, showHidden: true });
  assert.ok(!/horse|staple|key-of|wJalr/.test(shown));
});
