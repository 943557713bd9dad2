import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type SendGridWorld, failureOf, from, reader, refused } from "./asking.ts";
import { KEYS } from "../world.ts";

/** Lists there that our kinds fill, and the reason that makes an entry of each. */
const LISTS = [
  { list: "bounces", reason: "bounced: 550 5.1.1 no such user", has: { status: "5.1.1" } },
  { list: "invalid_emails", reason: "invalid: no such domain", has: { reason: "invalid: no such domain" } },
  { list: "spam_reports", reason: "complained", has: { ip: "0.0.0.0" } },
];

type Entry = { email: string; created: number; reason?: string; status?: string; ip?: string };

export function sendgridSuppressions(world: SendGridWorld): Call[] {
  const { ask, mail, url, received } = world;
  /** As an event of a provider would. */
  const suppress = async (address: string, reason: string): Promise<string> => {
    const headers = { authorization: `Bearer ${KEYS.plain}`, "content-type": "application/json" };
    const answer = await fetch(`${url}/v1/suppressions`, {
      method: "POST",
      headers,
      body: JSON.stringify({ address, reason }),
    });
    assert.equal(answer.status, 200);
    return address;
  };
  const emailsOf = async (list: string, qs: Record<string, string | number> = {}): Promise<string[]> =>
    (await ask<Entry[]>("GET", `/v3/suppression/${list}`, undefined, qs)).body.map((one) => one.email);
  const isSuppressed = async (address: string): Promise<boolean> =>
    "recipient_email" in (await ask<object>("GET", `/v3/asm/suppressions/global/${address}`)).body;

  const ofList = ({ list, reason, has }: (typeof LISTS)[number]): Call[] => [
    {
      name: `GET /v3/suppression/${list}`,
      group: "suppression",
      note: "start_time, end_time, limit, offset, email as a beginning",
      async run() {
        const [one, other] = [await suppress(reader(`a${list}`), reason), await suppress(reader(`a${list}`), reason)];
        const all = await emailsOf(list, { email: `a${list}` });
        assert.ok(all.includes(one) && all.includes(other));
        assert.deepEqual(await emailsOf(list, { email: `a${list}`, limit: 1, offset: 1 }), [all[1]]);
        const tomorrow = Math.floor(Date.now() / 1000) + 86_400;
        assert.deepEqual(await emailsOf(list, { start_time: tomorrow }), []);
        assert.deepEqual(await emailsOf(list, { email: one, end_time: tomorrow }), [one]);
        for (const { list: another } of LISTS)
          if (another !== list) assert.ok(!(await emailsOf(another)).includes(one));
      },
    },
    {
      name: `GET /v3/suppression/${list}/{email}`,
      group: "suppression",
      async run() {
        const email = await suppress(reader(`b${list}`), reason);
        const [found] = (await ask<Entry[]>("GET", `/v3/suppression/${list}/${email}`)).body as [Entry];
        assert.equal(found.email, email);
        assert.ok(Math.abs(found.created - Date.now() / 1000) < 60);
        for (const [name, value] of Object.entries(has)) assert.equal(found[name as keyof Entry], value);
        assert.deepEqual((await ask("GET", `/v3/suppression/${list}/${reader("none")}`)).body, []);
      },
    },
    {
      name: `DELETE /v3/suppression/${list}/{email}`,
      group: "suppression",
      async run() {
        const email = await suppress(reader(`c${list}`), reason);
        const { list: another } = LISTS.find((one) => one.list !== list)!;
        assert.equal((await failureOf(ask("DELETE", `/v3/suppression/${another}/${email}`))).code, 404);
        assert.equal((await ask("DELETE", `/v3/suppression/${list}/${email}`)).status, 204);
        assert.equal(await isSuppressed(email), false);
      },
    },
    {
      name: `DELETE /v3/suppression/${list}`,
      group: "suppression",
      note: "those named, or all",
      async run() {
        const emails = [1, 2, 3].map(() => reader(`d${list}`));
        for (const email of emails) await suppress(email, reason);
        const other = await suppress(reader("e"), "unsubscribed");
        await ask("DELETE", `/v3/suppression/${list}`, { emails: emails.slice(0, 2) });
        assert.deepEqual(await emailsOf(list, { email: `d${list}` }), emails.slice(2));
        assert.equal((await ask("DELETE", `/v3/suppression/${list}`, { delete_all: true })).status, 204);
        assert.deepEqual(await emailsOf(list), []);
        assert.equal(await isSuppressed(other), true);
        assert.equal((await failureOf(ask("DELETE", `/v3/suppression/${list}`, {}))).code, 400);
      },
    },
  ];

  const blocked = async (): Promise<string> => {
    const to = reader("blocked");
    const [response] = await mail.send({ from, to, subject: "Hi", text: "Hi" });
    await received(to);
    const told = { bounce: "soft", response: "554 5.7.1 looks like spam" };
    await world.told(response.headers["x-message-id"] as string, "message.bounced", told);
    return to;
  };

  return [
    ...LISTS.flatMap(ofList),
    {
      name: "GET /v3/suppression/blocks",
      group: "suppression",
      note: "what happened to messages, newest first: a block suppresses nobody",
      async run() {
        const [one, other] = [await blocked(), await blocked()];
        const [newest] = (await ask<Entry[]>("GET", "/v3/suppression/blocks", undefined, { limit: 1 })).body as [Entry];
        assert.deepEqual([newest.email, newest.status, newest.reason], [other, "5.7.1", "554 5.7.1 looks like spam"]);
        assert.equal((await emailsOf("blocks", { limit: 1, offset: 1 }))[0], one);
        assert.equal(await isSuppressed(one), false);
      },
    },
    {
      name: "GET /v3/suppression/blocks/{email}",
      group: "suppression",
      async run() {
        const email = await blocked();
        assert.equal((await ask<Entry[]>("GET", `/v3/suppression/blocks/${email}`)).body[0]!.email, email);
        assert.deepEqual((await ask("GET", `/v3/suppression/blocks/${reader("none")}`)).body, []);
      },
    },
    refused(
      "DELETE /v3/suppression/blocks",
      "suppression",
      () => ask("DELETE", "/v3/suppression/blocks", { delete_all: true }),
      "what happened stays",
    ),
    refused("DELETE /v3/suppression/blocks/{email}", "suppression", () =>
      ask("DELETE", "/v3/suppression/blocks/a@example.com"),
    ),
    {
      name: "GET /v3/suppression/unsubscribes",
      group: "suppression",
      async run() {
        const email = reader("unsubscribed");
        await ask("POST", "/v3/asm/suppressions/global", { recipient_emails: [email] });
        assert.deepEqual(await emailsOf("unsubscribes", { email }), [email]);
        await ask("DELETE", `/v3/asm/suppressions/global/${email}`);
        assert.deepEqual(await emailsOf("unsubscribes", { email }), []);
      },
    },
    {
      name: "POST /v3/asm/suppressions/global",
      group: "suppression",
      async run() {
        const emails = [reader("g"), reader("g")];
        const { status, body } = await ask("POST", "/v3/asm/suppressions/global", { recipient_emails: emails });
        assert.deepEqual([status, body], [201, { recipient_emails: emails }]);
        const [response] = await mail.send({ from, to: emails[0]!, subject: "Hi", text: "Hi" });
        const details = (
          await ask<{ status: string; events: { event_name: string }[] }>(
            "GET",
            `/v3/messages/${response.headers["x-message-id"]}`,
          )
        ).body;
        assert.deepEqual([details.status, details.events.at(-1)!.event_name], ["not_delivered", "dropped"]);
      },
    },
    {
      name: "GET /v3/asm/suppressions/global/{email}",
      group: "suppression",
      async run() {
        const email = reader("h");
        assert.deepEqual((await ask("GET", `/v3/asm/suppressions/global/${email}`)).body, {});
        await ask("POST", "/v3/asm/suppressions/global", { recipient_emails: [email] });
        assert.deepEqual((await ask("GET", `/v3/asm/suppressions/global/${email}`)).body, { recipient_email: email });
      },
    },
    {
      name: "DELETE /v3/asm/suppressions/global/{email}",
      group: "suppression",
      note: "a bounce or a complaint stays",
      async run() {
        const [email, bounced] = [reader("i"), await suppress(reader("j"), "bounced")];
        await ask("POST", "/v3/asm/suppressions/global", { recipient_emails: [email] });
        for (const one of [email, bounced])
          assert.equal((await ask("DELETE", `/v3/asm/suppressions/global/${one}`)).status, 204);
        assert.deepEqual([await isSuppressed(email), await isSuppressed(bounced)], [false, true]);
      },
    },
  ];
}
