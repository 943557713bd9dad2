import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type CompatWorld, DOMAIN } from "../world.ts";
import { type Answer, type Ask, MESSAGE, address, fresh, named, refused } from "./caller.ts";

/** Methods of the account that are not here. */
const NOT_HERE: Readonly<Record<string, readonly string[]>> = {
  messages: ["sendSms"],
  senders: ["addDomain", "deleteDomain", "verifyDomain"],
  webhooks: ["add", "update", "delete"],
  tags: ["delete"],
  exports: ["activity", "allowlist", "info", "list", "rejects", "whitelist"],
  inbound: "addDomain addRoute checkDomain deleteDomain deleteRoute domains routes sendRaw updateRoute".split(" "),
  ips: "cancelWarmup checkCustomDns createPool delete deletePool info list listPools poolInfo provision"
    .concat(" setCustomDns setPool startWarmup")
    .split(" "),
  metadata: ["add", "delete", "list", "update"],
  subaccounts: ["add", "delete", "info", "list", "pause", "resume", "update"],
  urls: ["addTrackingDomain", "checkTrackingDomain", "deleteTrackingDomain", "trackingDomains"],
};

export function others(ask: Ask, world: CompatWorld): Call[] {
  const other = (name: string, run: () => Promise<unknown>, note?: string): Call => ({
    name,
    group: "other",
    run,
    ...(note === undefined ? {} : { note }),
  });
  const from = `${fresh("writer")}@${DOMAIN}`;
  /** Sent and taken by the provider, and known as such. */
  const sent = async (tag: string): Promise<void> => {
    const email = address("counted");
    const [{ _id: id }] = await ask("messages.send", {
      message: { ...MESSAGE, from_email: from, tags: [tag], to: [{ email }] },
    });
    await world.received(email);
    while ((await ask("messages.info", { id })).state !== "sent") await new Promise((done) => setTimeout(done, 25));
  };
  const sumOf = (series: Answer[]): number => series.reduce((sum, { sent: some }) => sum + some, 0);
  const period = "of the last 30 days";
  return [
    other("users.ping", async () => assert.equal(await ask("users.ping"), "PONG!")),
    other("users.ping2", async () => assert.deepEqual(await ask("users.ping2"), { PING: "PONG!" })),
    other(
      "users.info",
      async () => {
        const before = (await ask("users.info")).stats.today.sent;
        await sent(fresh("tag"));
        const info = await ask("users.info");
        assert.equal(info.username, "acme");
        assert.ok(info.stats.today.sent > before);
      },
      "no reputation, no quota",
    ),
    other("users.senders", () => listsSenders("users.senders"), period),
    other("senders.list", () => listsSenders("senders.list"), period),
    other("senders.info", async () => {
      await sent(fresh("tag"));
      const info = await ask("senders.info", { address: from });
      assert.ok(info.sent > 0 && info.stats.last_7_days.sent === info.sent);
      await assert.rejects(ask("senders.info", { address: `none@${DOMAIN}` }), named("Unknown_Sender"));
    }),
    other("senders.timeSeries", async () => {
      const before = sumOf(await ask("senders.timeSeries", { address: from }));
      await sent(fresh("tag"));
      assert.equal(sumOf(await ask("senders.timeSeries", { address: from })), before + 1);
    }),
    other(
      "senders.domains",
      async () => {
        const domains: Answer[] = await ask("senders.domains");
        assert.deepEqual(
          domains.map(({ domain, valid_signing: valid }) => [domain, valid]),
          [[DOMAIN, true]],
        );
      },
      "those of the configuration; their DNS is not looked up",
    ),
    other("senders.checkDomain", async () => {
      assert.equal((await ask("senders.checkDomain", { domain: DOMAIN })).valid_signing, true);
      await assert.rejects(ask("senders.checkDomain", { domain: "other.example" }), named("GeneralError"));
    }),
    other(
      "tags.list",
      async () => {
        const tag = fresh("tag");
        await sent(tag);
        const tags: Answer[] = await ask("tags.list");
        assert.equal(tags.find((one) => one.tag === tag)?.sent, 1);
      },
      period,
    ),
    other("tags.info", async () => {
      const tag = fresh("tag");
      await assert.rejects(ask("tags.info", { tag }), named("Invalid_Tag_Name"));
      await sent(tag);
      const info = await ask("tags.info", { tag });
      assert.deepEqual([info.tag, info.sent, info.stats.today.sent], [tag, 1, 1]);
    }),
    other("tags.timeSeries", async () => {
      const tag = fresh("tag");
      await sent(tag);
      assert.equal(sumOf(await ask("tags.timeSeries", { tag })), 1);
    }),
    other("tags.allTimeSeries", async () => {
      const before = sumOf(await ask("tags.allTimeSeries"));
      await sent(fresh("tag"));
      assert.ok(sumOf(await ask("tags.allTimeSeries")) > before);
    }),
    other(
      "webhooks.list",
      async () => {
        const [only, ...more] = await ask("webhooks.list");
        assert.deepEqual(
          [only.url, only.events, only.description],
          ["https://hooks.acme.example/mandrill", ["spam"], "told"],
        );
        assert.deepEqual(more, []);
      },
      "those of the configuration in Mandrill's format, without keys",
    ),
    other("webhooks.info", async () => {
      const [{ id }] = await ask("webhooks.list");
      assert.equal((await ask("webhooks.info", { id })).id, id);
      await assert.rejects(ask("webhooks.info", { id: 99 }), named("Unknown_Webhook"));
    }),
    refused(ask, "content", "messages.content", { id: "0".repeat(32) }),
    ...Object.entries(NOT_HERE).flatMap(([group, names]) =>
      names.map((name) => refused(ask, "other", `${group}.${name}`)),
    ),
  ];

  async function listsSenders(method: string): Promise<void> {
    await sent(fresh("tag"));
    const senders: Answer[] = await ask(method);
    const mine = senders.find((one) => one.address === from);
    assert.ok(mine?.sent > 0 && mine.hard_bounces === 0);
  }
}
