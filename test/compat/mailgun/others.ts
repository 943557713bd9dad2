import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { DOMAIN } from "../world.ts";
import { type Client, failure, isRefused, quietly, undeclared } from "./client.ts";

const ELSEWHERE = "https://elsewhere.example/x";
const IP = "192.0.2.1";
/** As the world's configuration has it. */
const HOOK = "https://hooks.acme.example/mailgun";

/** What is not about mail itself: read from the configuration, or refused by name. */
export function others(client: Client): Call[] {
  const { domains, webhooks } = client;
  const { domainKeys } = undeclared(client).domains;
  return [
    ...read(client),
    ...refusals({
      "domains.create": () => domains.create({ name: "other.example" }),
      "domains.update": () => domains.update(DOMAIN, { wildcard: true } as never),
      "domains.verify": () => domains.verify(DOMAIN),
      "domains.destroy": () => domains.destroy(DOMAIN),
      "domains.getConnection": () => domains.getConnection(DOMAIN),
      "domains.updateConnection": () => domains.updateConnection(DOMAIN, { require_tls: true } as never),
      "domains.updateTracking": () => domains.updateTracking(DOMAIN, "open", { active: true }),
      "domains.getIps": () => domains.getIps(DOMAIN),
      "domains.assignIp": () => domains.assignIp(DOMAIN, IP),
      "domains.deleteIp": () => domains.deleteIp(DOMAIN, IP),
      "domains.linkIpPool": () => domains.linkIpPool(DOMAIN, "x"),
      "domains.unlinkIpPoll": () => domains.unlinkIpPoll(DOMAIN, { ip: IP } as never),
      "domains.updateDKIMAuthority": () => domains.updateDKIMAuthority(DOMAIN, { self: "true" } as never),
      "domains.updateDKIMSelector": () => domains.updateDKIMSelector(DOMAIN, { dkimSelector: "s1" }),
      "domains.updateWebPrefix": () => domains.updateWebPrefix(DOMAIN, { webPrefix: "x" }),
      "domains.domainCredentials.list": () => domains.domainCredentials.list(DOMAIN, {} as never),
      "domains.domainCredentials.create": () =>
        domains.domainCredentials.create(DOMAIN, { login: "x", password: "not-a-password" } as never),
      "domains.domainCredentials.update": () =>
        domains.domainCredentials.update(DOMAIN, "x", { password: "not-a-password" }),
      "domains.domainCredentials.destroy": () => domains.domainCredentials.destroy(DOMAIN, "x"),
      "domains.domainKeys.list": () => domainKeys.list(DOMAIN),
      "domains.domainKeys.listAll": () => domainKeys.listAll(),
      "domains.domainKeys.create": () => domainKeys.create({ signingDomain: DOMAIN, selector: "s1" } as never),
      "domains.domainKeys.activate": () => domainKeys.activate(DOMAIN, "s1"),
      "domains.domainKeys.deactivate": () => domainKeys.deactivate(DOMAIN, "s1"),
      "domains.domainKeys.destroy": () => domainKeys.destroy(DOMAIN, "s1"),
      "domains.domainTags.list": () => domains.domainTags.list(DOMAIN),
      "domains.domainTags.get": () => domains.domainTags.get(DOMAIN, "x"),
      "domains.domainTags.update": () => domains.domainTags.update(DOMAIN, "x", "words"),
      "domains.domainTags.destroy": () => domains.domainTags.destroy(DOMAIN, "x"),
      "domains.domainTags.statistic": () => domains.domainTags.statistic(DOMAIN, "x", { event: "accepted" } as never),
      "domains.domainTags.countries": () => domains.domainTags.countries(DOMAIN, "x"),
      "domains.domainTags.providers": () => domains.domainTags.providers(DOMAIN, "x"),
      "domains.domainTags.devices": () => domains.domainTags.devices(DOMAIN, "x"),
      "domains.domainTracking.get": () => domains.domainTracking.get(DOMAIN),
      "domains.domainTracking.generate": () => domains.domainTracking.generate(DOMAIN),
      "domains.domainTracking.updateTracking": () =>
        domains.domainTracking.updateTracking(DOMAIN, "open", { active: true }),
      "webhooks.create": () => webhooks.create(DOMAIN, "delivered", ELSEWHERE, false),
      "webhooks.update": () => webhooks.update(DOMAIN, "delivered", ELSEWHERE),
      "webhooks.destroy": () => webhooks.destroy(DOMAIN, "delivered"),
      "stats.getDomain": () => client.stats.getDomain(DOMAIN, { event: ["accepted"] }),
      "stats.getAccount": () => client.stats.getAccount({ event: ["accepted"] }),
      "metrics.getAccount": () => client.metrics.getAccount({ metrics: ["accepted_count"] } as never),
      "metrics.getAccountUsage": () => client.metrics.getAccountUsage({ metrics: ["processed_count"] } as never),
      "tags.list": () => client.tags.list({}),
      "tags.update": () => client.tags.update("x", "words"),
      "tags.destroy": () => client.tags.destroy("x"),
      "tags.limits": () => client.tags.limits(),
      "bounceClassification.list": () => client.bounceClassification.list({} as never),
      "routes.list": () => client.routes.list({}),
      "routes.create": () => client.routes.create({ expression: "catch_all()", action: ["stop()"] } as never),
      "lists.list": () => client.lists.list({}),
      "lists.create": () => client.lists.create({ address: `list@${DOMAIN}` }),
      "lists.members.listMembers": () => client.lists.members.listMembers(`list@${DOMAIN}`),
      "validate.get": () => client.validate.get("ada@example.com"),
      "validate.multipleValidation.list": () => client.validate.multipleValidation.list(),
      "ips.list": () => client.ips.list({ dedicated: true } as never),
      "ip_pools.list": () => client.ip_pools.list(),
      "ip_pools.create": () => client.ip_pools.create({ name: "x", description: "x" } as never),
      "subaccounts.list": () => client.subaccounts.list(),
      "inboxPlacements.seedsLists.list": () => client.inboxPlacements.seedsLists.list({}),
      "dkimManagement.rotateImmediately": () => client.dkimManagement.rotateImmediately(DOMAIN),
      "customMessageLimit.get": () => client.customMessageLimit.get(),
      "accountManagement.getWebhookSigningKey": () => client.accountManagement.getWebhookSigningKey(),
    }),
  ];
}

const refusals = (calls: Record<string, () => Promise<unknown>>): Call[] =>
  Object.entries(calls).map(([name, run]) => ({
    name,
    group: "other",
    run: () => quietly(run),
    refused: isRefused,
  }));

function read({ domains, webhooks }: Client): Call[] {
  return [
    {
      name: "domains.list",
      group: "other",
      note: "those of the configuration",
      async run() {
        const names = (await domains.list()).map(({ name, state }) => [name, state]);
        assert.deepEqual(names, [[DOMAIN, "active"]]);
      },
    },
    {
      name: "domains.get",
      group: "other",
      async run() {
        assert.equal((await domains.get(DOMAIN)).name, DOMAIN);
        assert.equal((await failure(domains.get("other.example"))).status, 404);
      },
    },
    {
      name: "domains.getTracking",
      group: "other",
      note: "there is none",
      async run() {
        const { open, click } = await quietly(() => domains.getTracking(DOMAIN));
        assert.deepEqual([open.active, click.active], [false, false]);
      },
    },
    {
      name: "domains.domainTracking.getTracking",
      group: "other",
      async run() {
        assert.equal((await domains.domainTracking.getTracking(DOMAIN)).unsubscribe.active, false);
      },
    },
    {
      name: "webhooks.list",
      group: "other",
      note: "those of the configuration that speak Mailgun's words",
      async run() {
        assert.deepEqual(await webhooks.list(DOMAIN, {}), { unsubscribed: { urls: [HOOK] } });
      },
    },
    {
      name: "webhooks.get",
      group: "other",
      async run() {
        assert.equal((await webhooks.get(DOMAIN, "unsubscribed" as never)).url, HOOK);
        assert.equal((await failure(webhooks.get(DOMAIN, "delivered" as never))).status, 404);
      },
    },
  ];
}
