import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { ENVIRONMENT, GOOD, folder, load, mistakesOf, replaced } from "./config-for-tests.ts";
import { ConfigMistakes } from "./index.ts";

describe("a bad file names the place and the way out", () => {
  const acme = (extra: string) => replaced("    routes:", `    ${extra}\n    routes:`);
  const route = (text: string) => replaced("{ prefer: [harbour], standby: [lantern], standbyShare: 0.05 }", text);
  const lanternHost = "host: 127.0.0.1, port: 2502, tls: starttls";
  const cases: [name: string, text: string, ...complaints: string[]][] = [
    [
      "an unknown class",
      replaced("class: C2", "class: C9"),
      'tenants[0].streams[1].class: must be one of C0, C1, C2, C3, C4; it says "C9".',
    ],
    [
      "an unknown key near a known one",
      replaced("ttl: 12h", "tll: 12h"),
      "tenants[0].streams[1].tll: is not a known setting. Did you mean ttl?",
    ],
    [
      "an unknown key of a provider near a known one",
      replaced("port: 2502", "prot: 2502, port: 2502"),
      "providers[1].prot: is not a known setting. Did you mean port?",
    ],
    [
      "an API that lacks what its kind needs",
      replaced(
        "  - { name: lantern, kind: smtp, ownerGroup: lantern, host: 127.0.0.1, port: 2502, tls: starttls }",
        "  - { name: lantern, kind: ses, ownerGroup: amazon, apiKey: env:ACME_KEY, baseUrl: 'http://ses.example' }",
      ),
      "providers[1].baseUrl: must be https: the key goes with every request.",
      "providers[1].accessKeyId: is missing: Amazon SES knows a key by its id.",
      "providers[1].region: is missing: Amazon SES is a service of a region, such as eu-central-1.",
    ],
    [
      "a kind that does not exist, and nothing about the settings of another one",
      replaced(
        "  - { name: lantern, kind: smtp, ownerGroup: lantern, host: 127.0.0.1, port: 2502, tls: starttls }",
        "  - { name: lantern, kind: postmrk, ownerGroup: lantern, apiKey: env:ACME_KEY }",
      ),
      'providers[1].kind: must be one of smtp, direct-mx, mandrill, sendgrid, postmark, mailgun, resend, ses; it says "postmrk".',
    ],
    [
      "an unknown key near none",
      replaced("data: ./data", "colour: red"),
      "colour: is not a known setting. Known here: hostname, listen, data, database, bodyKey, tenants, providers, limits, retention, canaries, slo, alerts.",
    ],
    [
      "a secret written out",
      replaced("env:ACME_PASSWORD", "hunter2-hunter2"),
      "tenants[0].credentials[0].password: must not hold a secret itself: write env:NAME or file:PATH and keep the secret there.",
    ],
    [
      "a variable that is not set",
      replaced("env:ACME_KEY", "env:ACME_KYE"),
      "tenants[0].credentials[0].apiKey: names the environment variable ACME_KYE, which is not set.",
    ],
    [
      "a secret file that is not there",
      replaced("env:ACME_KEY", "file:none.txt"),
      `tenants[0].credentials[0].apiKey: names the file ${path.join(folder, "none.txt")}, which does not exist.`,
    ],
    [
      "a duration without a unit",
      replaced("ttl: 12h", "ttl: 12"),
      "tenants[0].streams[1].ttl: must be a duration with its unit, such as 30s, 10m, 72h or 30d; it says 12.",
    ],
    [
      "a duration out of bounds",
      replaced("ttl: 12h", "ttl: 30d"),
      "tenants[0].streams[1].ttl: must be between 1m and 7d; it says 30d.",
    ],
    [
      "a size out of bounds",
      `${GOOD}limits: { messageBytes: 1GiB }\n`,
      "limits.messageBytes: must be between 64KiB and 64MiB; it says 1GiB.",
    ],
    [
      "secrets kept for a day",
      `${GOOD}retention: { body: { C0: 24h } }\n`,
      "retention.body.C0: must be between 0ms and 1h; it says 1d.",
    ],
    [
      "an address without a port",
      replaced("smtp: 127.0.0.1:2525", "smtp: 127.0.0.1"),
      'listen.smtp: must be host:port, such as 127.0.0.1:2525 or [::1]:2525; it says "127.0.0.1".',
    ],
    [
      "two doors on one address",
      replaced("http: 127.0.0.1:8025", "http: 127.0.0.1:2525"),
      "listen.http: is the address of smtp already: give each door its own port.",
    ],
    [
      "implicit TLS without a certificate",
      replaced("smtp: 127.0.0.1:2525,", "smtps: 127.0.0.1:4650,"),
      "listen.tls: is missing: the smtps door needs a certificate (cert and key).",
    ],
    [
      "a certificate that is not there",
      replaced("smtp: 127.0.0.1:2525,", "tls: { cert: c.pem, key: k.pem },"),
      `listen.tls.cert: names the file ${path.join(folder, "c.pem")}, which does not exist.`,
      `listen.tls.key: names the file ${path.join(folder, "k.pem")}, which does not exist.`,
    ],
    [
      "a database that is not PostgreSQL",
      replaced("env:DATABASE_URL", "env:ACME_KEY"),
      "database.url: must be a PostgreSQL address: postgres://user:password@host:5432/name.",
    ],
    ["a missing field", replaced("ownerGroup: lantern, ", ""), "providers[1].ownerGroup: is missing."],
    ["no tenants", GOOD.replace(/tenants:[^]*?providers:/, "providers:"), "tenants: is missing."],
    ["an empty list", replaced("[account.acme.test]", "[]"), "tenants[0].domains: must name at least 1."],
    [
      "a list that is none",
      replaced("[account.acme.test]", "account.acme.test"),
      "tenants[0].domains: must be a list.",
    ],
    [
      "a domain that is none",
      replaced("[account.acme.test]", "[acme]"),
      'tenants[0].domains[0]: must be a domain such as mail.example.com (written with xn-- where it is not ASCII); it says "acme".',
    ],
    [
      "a name with capitals",
      replaced("name: acme\n", "name: Acme\n"),
      'tenants[0].name: must be a name of lower-case letters, digits and hyphens, at most 63 characters; it says "Acme".',
    ],
    [
      "a default stream that is not there",
      acme("defaultStream: alert"),
      "tenants[0].defaultStream: there is no stream named alert. Did you mean alerts?",
    ],
    [
      "a stream given twice",
      replaced("name: alerts", "name: security"),
      "tenants[0].streams[1].name: the stream security is there twice.",
    ],
    [
      "a credential that opens no door",
      replaced("{ name: app, username: acme-app, password: env:ACME_PASSWORD, apiKey: env:ACME_KEY }", "{ name: app }"),
      "tenants[0].credentials[0]: opens no door: give it username and password (SMTP), apiKey or aws (HTTP), or networks.",
    ],
    [
      "a user name without its password",
      replaced("password: env:ACME_PASSWORD, ", ""),
      "tenants[0].credentials[0].password: is missing: a user name needs its password (env:NAME or file:PATH).",
    ],
    [
      "an id for signing that no signature can carry",
      replaced("apiKey: env:ACME_KEY", "aws: { accessKeyId: acme/app, secretAccessKey: env:ACME_PASSWORD }"),
      'tenants[0].credentials[0].aws.accessKeyId: must be an id of 4 to 128 letters, digits or _ of your own choosing; it says "acme/app".',
    ],
    [
      "two credentials under one id for signing",
      replaced(
        "apiKey: env:ACME_KEY }",
        "aws: { accessKeyId: ACME, secretAccessKey: env:ACME_KEY } }, { name: b, aws: { accessKeyId: ACME, secretAccessKey: env:ACME_KEY } }",
      ),
      "tenants[0].credentials[1].aws.accessKeyId: is the id of acme/app already; give each credential its own.",
    ],
    [
      "an open relay",
      replaced("apiKey: env:ACME_KEY", "networks: [0.0.0.0/0]"),
      "tenants[0].credentials[0].networks[0]: would let the whole internet send without a login: name the networks of your applications.",
    ],
    [
      "networks that overlap",
      replaced("apiKey: env:ACME_KEY }", "networks: [10.0.0.0/8] }, { name: other, networks: [10.1.0.0/16] }"),
      "tenants[0].credentials[1].networks[0]: overlaps 10.0.0.0/8 of acme/app; an address must belong to one credential.",
    ],
    [
      "a key used twice",
      replaced("apiKey: env:ACME_KEY }", "apiKey: env:ACME_KEY }, { name: other, apiKey: env:ACME_KEY }"),
      "tenants[0].credentials[1].apiKey: is the same key as that of acme/app; give each credential its own.",
    ],
    [
      "an unknown provider in a route",
      route("{ prefer: [harbor] }"),
      "tenants[0].routes.default.prefer[0]: there is no provider named harbor. Did you mean harbour?",
    ],
    [
      "a provider in a route twice",
      route("{ prefer: [harbour], standby: [harbour] }"),
      "tenants[0].routes.default.standby[0]: the provider harbour is in this route already.",
    ],
    [
      "a standby share above a half",
      route("{ prefer: [harbour], standby: [lantern], standbyShare: 0.6 }"),
      "tenants[0].routes.default.standbyShare: must be between 0 and 0.5; more than half of the traffic is no standby.",
    ],
    [
      "a standby share without a standby",
      route("{ prefer: [harbour], standbyShare: 0.1 }"),
      "tenants[0].routes.default.standbyShare: needs a standby: name one, or leave the share out.",
    ],
    [
      "a route that avoids all it has",
      route("{ prefer: [harbour], avoidOwnerGroups: [harbour] }"),
      "tenants[0].routes.default: avoids the owner groups of all its providers, so nothing could ever be handed off.",
    ],
    [
      "weights of a stranger",
      route("{ prefer: [harbour], weights: { lantern: 2 } }"),
      "tenants[0].routes.default.weights.lantern: is not among the preferred providers (harbour).",
    ],
    [
      "streams without a route",
      replaced("routes: { default:", "routes: { alerts:"),
      "tenants[0].routes: has no route for security: add one named default.",
    ],
    [
      "a webhook in clear",
      acme("webhooks: [{ name: hook, url: http://hooks.acme.test/x, secret: env:WEBHOOK_SECRET }]"),
      "tenants[0].webhooks[0].url: must be https: events name your customers.",
    ],
    [
      "a webhook secret of another kind",
      acme("webhooks: [{ name: hook, url: https://hooks.acme.test/x, secret: env:ACME_KEY }]"),
      'tenants[0].webhooks[0].secret: must be "whsec_" and the base64 of 24 to 64 random bytes: echo "whsec_$(openssl rand -base64 32)" makes one.',
    ],
    [
      "a password in clear over the network",
      replaced("host: 127.0.0.1, port: 2501", "host: smtp.harbour.test, port: 2501"),
      "providers[0].tls: none would send the password in clear to another host: use starttls or implicit.",
    ],
    [
      "a provider that is Postern itself",
      replaced(lanternHost, "host: 127.0.0.1, port: 2525, tls: starttls"),
      "providers[1]: is Postern's own door at 127.0.0.1:2525: mail would come back for ever.",
    ],
    [
      "two providers of one name",
      replaced("- { name: lantern", "- { name: harbour").replace(
        "standby: [lantern], standbyShare: 0.05",
        "standby: []",
      ),
      "providers[1].name: the provider harbour is there twice.",
    ],
    [
      "a body key of the wrong length",
      `${GOOD}bodyKey: env:ACME_KEY\n`,
      "bodyKey: must be 32 bytes, written as 64 hexadecimal digits or in base64 (openssl rand -hex 32 makes one).",
    ],
  ];
  for (const [name, text, ...complaints] of cases) {
    test(name, () => assert.deepEqual(mistakesOf(text), complaints));
  }

  const second = (domain: string): string => `
  - name: other
    domains: [${domain}]
    credentials: [{ name: app, apiKey: env:WEBHOOK_SECRET }]
    streams: [{ name: alerts, class: C2 }]
    routes: { default: { prefer: [harbour] } }
providers:`;

  test("a domain that belongs to two tenants", () => {
    assert.deepEqual(mistakesOf(replaced("\nproviders:", second("Account.Acme.Test"))), [
      "tenants[1].domains[0]: the domain account.acme.test belongs to the tenant acme already; a domain has one owner.",
    ]);
  });

  test("a domain below another tenant's, which that one may write from too", () => {
    assert.deepEqual(mistakesOf(replaced("\nproviders:", second("mail.account.acme.test"))), [
      "tenants[1].domains[0]: lies below account.acme.test of the tenant acme, who may write from it too: give the tenants domains apart.",
    ]);
  });

  test("all mistakes are said at once, with their lines, in the order of the file", () => {
    try {
      load(replaced("class: C0", "class: CO").replace("port: 2501", "port: 99999"));
      assert.fail("was taken");
    } catch (error) {
      assert.ok(error instanceof ConfigMistakes);
      assert.deepEqual(
        error.mistakes.map(({ line, path: at }) => [line, at]),
        [
          [10, "tenants[0].streams[0].class"],
          [14, "providers[0].port"],
        ],
      );
      assert.match(
        error.publicMessage,
        /^postern\.yaml has 2 mistakes\.\n {2}line 10, tenants\[0\]\.streams\[0\]\.class:\n {4}must be/,
      );
    }
  });

  test("YAML that is none is shown with line and column", () => {
    try {
      load("listen: { smtp: 127.0.0.1:2525\ntenants: []\n");
      assert.fail("was taken");
    } catch (error) {
      assert.ok(error instanceof ConfigMistakes);
      assert.equal(error.mistakes[0]?.line, 2);
      assert.match(error.mistakes[0]!.path, /^column \d+$/);
    }
  });

  test("a key given twice is a mistake, not a silent choice", () => {
    assert.match(mistakesOf(`${GOOD}data: ./other\n`).join(), /Map keys must be unique/);
  });

  test("no sentence ever quotes a secret", () => {
    const broken = replaced("password: env:ACME_PASSWORD", "password: hunter2-hunter2").replace(
      "class: C0",
      "class: nonsense",
    );
    assert.ok(!mistakesOf(broken).join().includes("hunter2"));
    assert.ok(
      !mistakesOf(GOOD, { ...ENVIRONMENT, ACME_KEY: "tiny-key" })
        .join()
        .includes("tiny-key"),
    );
  });
});
