import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { systemRandom } from "../kernel/index.ts";
import { ENVIRONMENT, GOOD, folder, load, replaced } from "./config-for-tests.ts";
import { type Environment, type Settings, loadSettings, openBodyKey, warningsOf } from "./index.ts";
import { smtpProviders } from "../../test/support/smtp-providers.ts";

describe("a good file", () => {
  test("gives settings with every default filled in", () => {
    const settings = load(GOOD);
    assert.equal(settings.lab, false);
    assert.deepEqual(settings.listen.smtp, { host: "127.0.0.1", port: 2525 });
    assert.equal(settings.dataFolder, path.join(folder, "data"));
    assert.deepEqual(settings.bodyKey, { file: path.join(folder, "data", "body.key") });
    const [acme] = settings.tenants;
    assert.equal(acme?.defaultStream, "security");
    assert.deepEqual(acme?.streams[1], { name: "alerts", class: "C2", ttlMs: 12 * 3_600_000 });
    assert.deepEqual(acme?.routes["default"], {
      prefer: ["harbour"],
      standby: ["lantern"],
      standbyShare: 0.05,
      weights: null,
      avoidOwnerGroups: [],
    });
    assert.equal(settings.providers[0]?.bounds.concurrency, 50);
    assert.equal(settings.limits.messageBytes, 10 * 1024 * 1024);
    assert.equal(settings.retention.bodyMs.C0, 0);
    assert.deepEqual(warningsOf(settings), []);
  });

  test("gives settings nobody can change and secrets nobody can print", () => {
    const settings = load(GOOD);
    assert.throws(() => {
      settings.limits.queueRows = 1;
    }, TypeError);
    assert.throws(() => settings.tenants[0]!.domains.push("other.test"), TypeError);
    const printed = `${JSON.stringify(settings)} ${inspect(settings, { depth: 9 })}`;
    for (const value of Object.values(ENVIRONMENT)) assert.ok(!printed.includes(value!), "a secret was printed");
    assert.equal(smtpProviders(settings)[0]?.auth?.password.reveal(), "let-me-in-please");
  });

  test("reads a secret from a file beside it, without the line end an editor adds", () => {
    writeFileSync(path.join(folder, "key.txt"), "key_from_a_file_12345\n");
    const settings = load(replaced("env:ACME_KEY", "file:key.txt"));
    assert.equal(settings.tenants[0]?.credentials[0]?.apiKey?.reveal(), "key_from_a_file_12345");
  });

  test("takes limits and retention in the units people write", () => {
    const settings = load(
      `${GOOD}limits: { messageBytes: 20MiB, smtpIdle: 90s }\nretention: { body: { C2: 24h }, messageRow: 90d }\n`,
    );
    assert.equal(settings.limits.messageBytes, 20 * 2 ** 20);
    assert.equal(settings.limits.smtpIdleMs, 90_000);
    assert.equal(settings.limits.headerFields, 200);
    assert.equal(settings.retention.bodyMs.C2, 86_400_000);
    assert.equal(settings.retention.messageRowMs, 90 * 86_400_000);
  });
});

describe("what is allowed but should be meant", () => {
  test("doors open to other hosts without TLS, and a route resting on one company, are warned of", () => {
    const settings = load(
      replaced("127.0.0.1:8025", "0.0.0.0:8025")
        .replace("smtp: 127.0.0.1:2525", "smtp: 0.0.0.0:2525")
        .replace("ownerGroup: lantern", "ownerGroup: harbour"),
    );
    assert.deepEqual(
      warningsOf(settings).map((warning) => warning.path),
      ["listen.smtp", "listen.http", "tenants[0].routes.default"],
    );
  });
});

const placesOf = ({ providers }: Settings): string[] =>
  providers.map(
    (one) => `${one.name} ${one.kind === "smtp" ? `${one.host}:${one.port}` : "baseUrl" in one ? one.baseUrl : ""}`,
  );
const portsOf = (settings: Settings): number[] => placesOf(settings).map((place) => Number(/:(\d+)$/.exec(place)?.[1]));

describe("without a file", () => {
  const home = path.join(folder, "lab");
  const lab = (environment: Environment = {}) =>
    loadSettings({
      environment: { POSTERN_DATA: home, ...environment },
      cwd: folder + "/nowhere",
      random: systemRandom,
    });

  test("the lab starts on loopback only, with credentials that stay the same and that only this user may read", () => {
    const first = lab();
    assert.equal(first.lab, true);
    assert.deepEqual(placesOf(first), [
      "mandrill http://127.0.0.1:2511",
      "harbour 127.0.0.1:2501",
      "lantern 127.0.0.1:2502",
      "sendgrid http://127.0.0.1:2512",
      "postmark http://127.0.0.1:2513",
      "mailgun http://127.0.0.1:2514",
      "resend http://127.0.0.1:2515",
      "ses http://127.0.0.1:2516",
    ]);
    const { prefer, standby } = first.tenants[0]!.routes["default"]!;
    assert.deepEqual(
      [...prefer, ...standby],
      first.providers.map(({ name }) => name),
    );
    assert.equal(statSync(path.join(home, "lab-credentials.json")).mode & 0o777, 0o600);
    const again = lab();
    assert.equal(
      again.tenants[0]?.credentials[0]?.apiKey?.reveal(),
      first.tenants[0]?.credentials[0]?.apiKey?.reveal(),
    );
  });

  test("ports come from the environment, and 0 frees the lab's own ports too", () => {
    const settings = lab({ POSTERN_SMTP_PORT: "0", POSTERN_HTTP_PORT: "0" });
    assert.deepEqual(
      [settings.listen.smtp?.port, settings.listen.http.port, ...portsOf(settings)],
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    );
    // Two are for those that speak SMTP, as ever; the twins of a second lab then take any free ones. Eight are for all.
    assert.deepEqual(portsOf(lab({ POSTERN_LAB_PORTS: "2601,2602" })), [0, 2601, 2602, 0, 0, 0, 0, 0]);
    assert.deepEqual(portsOf(lab({ POSTERN_LAB_PORTS: "1,2,11,12,13,14,15,16" })), [11, 1, 2, 12, 13, 14, 15, 16]);
    assert.throws(() => lab({ POSTERN_LAB_PORTS: "1,2,3" }), /must be 2 ports \(harbour, lantern\) or 8 \(harbour, /);
    assert.throws(
      () => lab({ POSTERN_SMTP_PORT: "smtp" }),
      /POSTERN_SMTP_PORT:\n {4}must be a port from 0 to 65535; it says "smtp"\./,
    );
  });

  test("the keys of the twins differ from the lab's own, and are the same at the next start", () => {
    const keys = lab().providers.flatMap((one) => ("apiKey" in one ? [one.apiKey.reveal()] : []));
    assert.equal(new Set([...keys, lab().tenants[0]!.credentials[0]!.apiKey!.reveal()]).size, 7);
    assert.deepEqual(
      lab().providers.flatMap((one) => ("apiKey" in one ? [one.apiKey.reveal()] : [])),
      keys,
    );
  });

  test("a file that was named but is not there is a mistake, never a reason to start the lab", () => {
    assert.throws(() => lab({ POSTERN_CONFIG: "gone.yaml" }), /does not exist/);
  });
});

describe("the body key", () => {
  test("is made once, readable by this user only, and read again", () => {
    const file = path.join(folder, "keys", "body.key");
    const made = openBodyKey({ file }, systemRandom);
    assert.equal(made.length, 32);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(openBodyKey({ file }, systemRandom), made);
    assert.match(readFileSync(file, "utf8"), /^[0-9a-f]{64}\n$/);
  });

  test("a damaged key file is refused, never replaced", () => {
    const file = path.join(folder, "damaged.key");
    writeFileSync(file, "half a k");
    assert.throws(() => openBodyKey({ file }, systemRandom), { code: "body-key-length" });
    assert.equal(readFileSync(file, "utf8"), "half a k");
  });
});
