import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ENVIRONMENT, GOOD, load, mistakesOf } from "./config-for-tests.ts";

const MX = "{ name: own, kind: mx, domain: in-7f3.test }";
const SEED = "{ name: seed, kind: imap, host: imap.mail.test, password: env:ACME_PASSWORD, address: seed@mail.test }";
const canaries = (rest: string, receivers = `${MX}, ${SEED}`): string =>
  `${GOOD}canaries: { receivers: [${receivers}]${rest} }\n`;

describe("canaries of a file", () => {
  test("are off where nothing is said, since nobody can guess where they would arrive", () => {
    assert.equal(load(GOOD).canaries, null);
  });

  test("have their usual pace, port 25 and an encrypted mailbox", () => {
    const found = load(canaries("")).canaries!;
    assert.deepEqual(
      [found.everyMs, found.standbyEveryMs, found.mailboxEveryMs, found.deadlineMs],
      [15e3, 60e3, 300e3, 30e3],
    );
    const [mx, seed] = found.receivers;
    assert.deepEqual(mx?.kind === "mx" && mx.listen, { host: "0.0.0.0", port: 25 });
    assert.deepEqual(seed?.kind === "imap" && [seed.port, seed.tls, seed.username, seed.mailbox], [
      993,
      "implicit",
      "seed@mail.test",
      "INBOX",
    ]);
  });

  test("try a form as people fill it in, and a hook in JSON with its key", () => {
    const signUps =
      ", signUps: [{ name: site, url: https://a.test/r }, { name: hook, hook: https://a.test/h, headers: { K: env:ACME_KEY } }]";
    const [site, hook] = load(canaries(signUps)).canaries!.signUps;
    const [shown] = load(canaries(", signUps: [{ name: site, page: https://a.test/r }]")).canaries!.signUps;
    assert.deepEqual([shown?.isPage, shown?.url, site?.isPage, hook?.isPage], [true, "https://a.test/r", false, false]);
    assert.deepEqual(
      [site?.encoding, Object.keys(site!.fields), site?.tenant],
      ["form", ["email", "password"], "acme"],
    );
    assert.deepEqual([hook?.encoding, hook?.fields], ["json", { address: "{address}" }]);
    assert.equal(hook?.headers["K"]?.reveal(), ENVIRONMENT["ACME_KEY"]);
    assert.equal(JSON.stringify(hook).includes(ENVIRONMENT["ACME_KEY"]!), false);
  });

  const cases: [name: string, text: string, complaint: string][] = [
    [
      "two receivers of one name",
      canaries("", `${MX}, ${MX}`),
      "canaries.receivers[1].name: the receiver own is there twice.",
    ],
    [
      "a domain of a tenant",
      canaries("", "{ name: own, kind: mx, domain: in.account.acme.test }"),
      "canaries.receivers[0].domain: belongs to the tenant acme: take a domain that nothing else uses.",
    ],
    [
      "no domain",
      canaries("", "{ name: own, kind: mx }"),
      "canaries.receivers[0].domain: is missing: it is the part of its addresses behind the @.",
    ],
    [
      "a mailbox whose password goes in clear",
      canaries("", SEED.replace("}", ", tls: none }")),
      "canaries.receivers[0].tls: none would send the password in clear to another host: use starttls or implicit.",
    ],
    [
      "a template of nobody's stream",
      canaries(", templates: [{ tenant: acme, template: reset, stream: secure }]"),
      "canaries.templates[0].stream: there is no stream named secure.",
    ],
    [
      "a provider nobody knows",
      canaries(", providers: { harbor: { headers: [X-A] } }"),
      "canaries.providers.harbor: there is no provider named harbor. Did you mean harbour?",
    ],
    [
      "a sign-up whose mail could not come to us",
      canaries(", signUps: [{ name: site, url: https://a.test/r, fields: { email: a@b.test } }]"),
      "canaries.signUps[0].fields: name no {address}: the confirmation must come to a receiver of ours.",
    ],
    [
      "a sign-up without an address",
      canaries(", signUps: [{ name: site }]"),
      "canaries.signUps[0].url: is missing: the page with the form (page), the address the form goes to, or a hook (hook).",
    ],
    [
      "a sign-up without a server of ours",
      canaries(", signUps: [{ name: site, url: https://a.test/r }]", SEED),
      "canaries.signUps[0]: needs a receiver of the kind mx: its addresses are new each time.",
    ],
    ["a pace nobody bears", canaries(", every: 1s"), "canaries.every: must be between 5s and 1h; it says 1s."],
  ];
  for (const [name, text, complaint] of cases)
    test(`${name} is a mistake`, () => assert.deepEqual(mistakesOf(text), [complaint]));
});
