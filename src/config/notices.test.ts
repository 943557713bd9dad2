import assert from "node:assert/strict";
import { test } from "node:test";
import { ENVIRONMENT, load, mistakesOf, replaced } from "./config-for-tests.ts";

const lantern = "  - { name: lantern, kind: smtp, ownerGroup: lantern, host: 127.0.0.1, port: 2502, tls: starttls }";
const relay = (more: string) => replaced(lantern, lantern.replace(" }", `${more} }`));

test("notices of a service that is spoken to by SMTP are taken as it proves them", () => {
  const text = relay(", vendor: postal, webhook: { key: env:POSTAL_KEY }");
  const [, provider] = load(text, { ...ENVIRONMENT, POSTAL_KEY: "MIGfMA0" }).providers;
  assert.ok(provider?.kind === "smtp");
  assert.equal(provider.webhook?.key?.reveal(), "MIGfMA0");
  assert.deepEqual([provider.vendor, provider.webhook?.basic, provider.webhook?.url], ["postal", null, null]);
});

test("whose they are must be said", () => {
  const [mistake] = mistakesOf(relay(", webhook: {}"));
  assert.match(mistake!, /^providers\[1\]\.vendor: is missing: it says whose notices/);
});
