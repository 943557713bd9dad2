import assert from "node:assert/strict";
import { test } from "node:test";
import mailchimp from "@mailchimp/mailchimp_transactional";
import { silentLog, systemClock } from "../../src/kernel/index.ts";
import { startTwin } from "../../src/lab/twins/index.ts";
import type { MessageStory } from "../../src/spool/index.ts";
import { newRig } from "../crash/rig.ts";
import { eventually } from "../support/eventually.ts";
import { freshDatabase } from "../support/postgres.ts";

const API_KEY = "key_0123456789abcdef";

/**
 * The story of docs/stories/suspended-without-a-word.md: an application written against the official client of Mandrill.
 * Its provider suspends the account and goes on to answer 200. Straight at the provider the application sees no error
 * and its mail is gone; through Postern it sees no error and its mail arrives. Only the base URL differs.
 */
test("an application written against Mandrill survives its suspension with no change but the base URL", async (t) => {
  const place = await freshDatabase();
  const rig = newRig({ RIG_DATABASE: place.url, RIG_API_KEY: API_KEY, RIG_MANDRILL: "lab-key-of-mandrill" });
  const delivered: string[] = [];
  const twin = await startTwin("mandrill", {
    clock: systemClock,
    log: silentLog,
    deliver: async ({ recipients }) => void delivered.push(...recipients),
  });
  try {
    const standby = await rig.sink();
    const node = await rig.start(
      rig.configure(`
listen: { smtp: null, http: 127.0.0.1:0 }
data: ./data
database: { url: env:RIG_DATABASE }
bodyKey: env:RIG_KEY
tenants:
  - name: acme
    domains: [account.acme.example]
    credentials: [{ name: app, apiKey: env:RIG_API_KEY }]
    streams: [{ name: confirmations, class: C2 }]
    routes: { default: { prefer: [mandrill], standby: [standby], standbyShare: 0 } }
providers:
  - { name: mandrill, kind: mandrill, ownerGroup: intuit, apiKey: env:RIG_MANDRILL, baseUrl: "${twin.baseUrl}" }
  - { name: standby, kind: smtp, ownerGroup: standby, host: 127.0.0.1, port: ${standby.smtp}, tls: none, activityUrl: "http://127.0.0.1:${standby.http}/activity" }
`),
    );

    /** The application. It knows nothing of Postern. */
    const application = (basePath: string, key: string) => {
      const client = mailchimp(key);
      client.basePath = basePath;
      return async (to: string): Promise<string> => {
        const message = {
          from_email: "hello@account.acme.example",
          subject: "Confirm",
          text: "Click",
          to: [{ email: to, type: "to" }],
        };
        const answer = (await client.messages["send"]!({ message })) as Record<string, string>[];
        assert.ok(Array.isArray(answer), "the application saw an error");
        return answer[0]!["_id"]!;
      };
    };
    const direct = application(`${twin.baseUrl}/api/1.0`, twin.apiKey);
    const throughPostern = application(`http://127.0.0.1:${node.http}/api/1.0`, API_KEY);

    await throughPostern("before@example.net");
    await eventually(() => delivered.includes("before@example.net"));

    twin.setFault({ mode: "suspended", variant: "account-suspended" });
    for (let n = 0; n < 20; n += 1) await direct(`direct-${n}@example.net`);
    const suspendedAt = performance.now();
    const ids: string[] = [];
    for (let n = 0; n < 20; n += 1) ids.push(await throughPostern(`through-${n}@example.net`));
    await eventually(async () => Object.keys((await standby.report()).copies).length === ids.length);
    t.diagnostic(
      `20 of 20 at the standby ${Math.round(performance.now() - suspendedAt)} ms after the suspension; 0 of 20 sent directly arrived`,
    );

    assert.deepEqual(delivered, ["before@example.net"], "what went straight to the provider is gone, without an error");
    const id = ids[0]!.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    const response = await fetch(`http://127.0.0.1:${node.http}/v1/messages/${id}`, {
      headers: { authorization: `Bearer ${API_KEY}` },
    });
    const story = (await response.json()) as Pick<MessageStory, "attempts">;
    assert.deepEqual(
      story.attempts.map((one) => [one.provider, one.outcome, one.cause]),
      [
        ["mandrill", "held", "account-suspended"],
        ["standby", "accepted", "accepted"],
      ],
    );
  } finally {
    await rig.end();
    await twin.stop();
    await place.drop();
  }
});
