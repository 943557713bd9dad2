import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { load, mistakesOf, replaced } from "./config-for-tests.ts";
import { type DirectMxProviderSettings, warningsOf } from "./index.ts";

const lantern = "  - { name: lantern, kind: smtp, ownerGroup: lantern, host: 127.0.0.1, port: 2502, tls: starttls }";
const own = (more = "") => replaced(lantern, `  - { name: lantern, kind: direct-mx, ownerGroup: self${more} }`);
const settingsOf = (text: string): DirectMxProviderSettings => {
  const provider = load(text).providers[1]!;
  assert.equal(provider.kind, "direct-mx");
  return provider as DirectMxProviderSettings;
};

describe("a provider of the kind direct-mx", () => {
  test("needs nothing but a name and an owner", () => {
    const { resolver, port, policyPort, perDomain, privateNetworks, tlsReports, hostname } = settingsOf(own());
    assert.deepEqual(
      { resolver, port, policyPort, perDomain, privateNetworks, tlsReports, hostname },
      {
        resolver: null,
        port: 25,
        policyPort: 443,
        perDomain: { connections: 10, ratePerS: null },
        privateNetworks: [],
        tlsReports: null,
        hostname: null,
      },
    );
  });

  test("takes what is said", () => {
    const said = settingsOf(
      own(
        ", hostname: out.acme.example, resolver: '127.0.0.1:53', perDomain: { ratePerS: 2 }, privateNetworks: [10.1.0.0/16], concurrency: 7, tlsReports: { organization: Acme, contact: a@acme.example }",
      ),
    );
    assert.deepEqual(said.resolver, { host: "127.0.0.1", port: 53 });
    assert.deepEqual(said.perDomain, { connections: 10, ratePerS: 2 });
    assert.deepEqual([said.hostname, said.bounds.concurrency], ["out.acme.example", 7]);
    assert.deepEqual(said.privateNetworks, ["10.1.0.0/16"]);
  });

  const cases: [name: string, more: string, ...complaints: string[]][] = [
    [
      "a resolver by name",
      ", resolver: 'resolver.acme.example:53'",
      "providers[1].resolver: must be the address of a resolver, such as 127.0.0.1:53: a name cannot be asked for yet.",
    ],
    [
      "half a name for EHLO",
      ", hostname: out",
      "providers[1].hostname: must be a whole host name, such as out.example.com: receivers look it up.",
    ],
    [
      "a setting of other kinds",
      ", host: mx.acme.example",
      "providers[1].host: is not a known setting. Did you mean port?",
    ],
    [
      "an address for a network",
      ", privateNetworks: [10.1.2.3]",
      'providers[1].privateNetworks[0]: must be a network such as 10.1.0.0/16 or 2001:db8::/48; it says "10.1.2.3".',
    ],
    ["reports by nobody", ", tlsReports: { organization: Acme }", "providers[1].tlsReports.contact: is missing."],
  ];
  for (const [name, more, ...complaints] of cases)
    test(`refuses ${name}`, () => assert.deepEqual(mistakesOf(own(more)), complaints));

  test("warns of a resolver on another host, and of a port that is not 25", () => {
    const warnings = warningsOf(load(own(", resolver: '192.0.2.53:53', port: 2525")));
    assert.deepEqual(
      warnings.map(({ path }) => path).filter((path) => path.startsWith("providers[1]")),
      ["providers[1].resolver", "providers[1].port"],
    );
  });
});
