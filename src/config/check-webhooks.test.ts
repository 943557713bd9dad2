import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "../kernel/index.ts";
import { EVENT_KIND_NAMES } from "../mail/index.ts";
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
