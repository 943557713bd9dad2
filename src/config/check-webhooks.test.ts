import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, test } from "node:test";
import { Secret } from "../kernel/index.ts";
import { EVENT_KIND_NAMES, type WebhookFormat } from "../mail/index.ts";
import { checkTenants } from "./check-tenants.ts";
import { pathText } from "./mistakes.ts";
import type { Settings, WebhookSettings } from "./settings.ts";

const SECRET = new Secret(`whsec_${Buffer.alloc(32, 7).toString("base64")}`);

/** What the checks say of a tenant whose only peculiarity are its webhooks. */
function mistakesOf(...webhooks: Partial<WebhookSettings>[]): string[] {
  const said: string[] = [];
  const tenant = {
    name: "acme",
    domains: [],
    credentials: [],
    streams: [{ name: "alerts" }],
    defaultStream: "alerts",
    routes: { default: { prefer: ["harbour"], standby: [], standbyShare: 0, weights: null, avoidOwnerGroups: [] } },
    webhooks: webhooks.map((one, n) => ({
      name: `hook-${n}`,
      url: "https://hooks.acme.test/x",
      format: "postern" as const,
      secret: SECRET,
      events: null,
      ...one,
    })),
  };
  const settings = {
    tenants: [tenant],
    providers: [{ name: "harbour", ownerGroup: "harbour" }],
  } as unknown as Settings;
  checkTenants(settings, (path, sentence) => said.push(`${pathText(path)}: ${sentence}`));
  return said;
}

test("every event there is may be asked for", () => {
  assert.deepEqual(mistakesOf({ events: [...EVENT_KIND_NAMES] }), []);
});

test("an event that does not exist is said, with the one that is meant or with all there are", () => {
  assert.deepEqual(mistakesOf({ events: ["message.accepted", "message.reject"] }), [
    "tenants[0].webhooks[0].events[1]: there is no event named message.reject. Did you mean message.rejected?",
  ]);
  assert.deepEqual(mistakesOf({}, { events: ["mail.opened"] }), [
    `tenants[0].webhooks[1].events[0]: there is no event named mail.opened. There are: ${EVENT_KIND_NAMES.join(", ")}.`,
  ]);
});

test("an event asked for twice is a mistake", () => {
  assert.deepEqual(mistakesOf({ events: ["message.held", "message.expired", "message.held"] }), [
    "tenants[0].webhooks[0].events[2]: the event message.held is there twice.",
  ]);
});

test("a webhook is on port 443, however the port is written", () => {
  const on = (port: string) => mistakesOf({ url: `https://hooks.acme.test${port}/x` });
  assert.deepEqual(on(":443"), []);
  for (const port of [":8443", ":80", ":0"]) {
    assert.deepEqual(on(port), [
      "tenants[0].webhooks[0].url: must be on port 443: events never go to other services of a host.",
    ]);
  }
});

const key = (curve: string) => generateKeyPairSync("ec", { namedCurve: curve }).privateKey;
const pem = (of: KeyObject) => of.export({ format: "pem", type: "pkcs8" }).toString();

describe("a secret plays the part it has in the format:", () => {
  const P256 = pem(key("prime256v1"));
  const cases: [format: WebhookFormat, fit: string[], unfit: string[], says: RegExp][] = [
    ["postern", [SECRET.reveal()], ["whsec_c2hvcnQ=", "0123456789abcdef"], /must be "whsec_"/],
    ["resend", [SECRET.reveal()], ["re_0123456789abcdef0123456789"], /must be "whsec_"/],
    ["mandrill", ["0123456789abcdef"], ["0123456789"], /is shorter than 16 characters/],
    ["mailgun", ["key-0123456789abcdef"], ["key-0123"], /is shorter than 16 characters/],
    [
      "sendgrid",
      [P256],
      [pem(key("secp384r1")), "MFkw", P256.replace(/[A-Z]/, "*")],
      /EC private key on the curve P-256/,
    ],
    [
      "postmark",
      ["user:0123456789abcdef", "X-Token: 0123456789abcdef"],
      ["user:short", "0123456789abcdef", "X-Token: short", "X-Token: 0123456789\r\nabcdef:", "Host: 0123456789abcdef"],
      /must be user:password/,
    ],
    ["ses", ["user:0123456789abcdef"], ["arn:aws"], /must be user:password/],
  ];
  for (const [format, fit, unfit, says] of cases) {
    test(format, () => {
      for (const secret of fit) assert.deepEqual(mistakesOf({ format, secret: new Secret(secret) }), [], secret);
      for (const secret of unfit) {
        const [said, ...others] = mistakesOf({ format, secret: new Secret(secret) });
        assert.match(said ?? "", says, secret);
        assert.match(said!, /^tenants\[0\]\.webhooks\[0\]\.secret: /);
        assert.ok(!said!.includes(secret), "a secret is never quoted back");
        assert.deepEqual(others, []);
      }
    });
  }
});

test("an event that a format has no word for is said, with those it has", () => {
  const secret = new Secret("key-0123456789abcdef");
  assert.match(
    mistakesOf({ format: "mandrill", secret, events: ["message.delivered", "message.held"] }).join(),
    /^tenants\[0\]\.webhooks\[0\]\.events\[1\]: mandrill has no word for message\.held, so it is never told there\. It tells message\.handed-off, /,
  );
});
