import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type Answer, type Ask, MESSAGE, address, fresh, refused } from "./caller.ts";

export function suppressions(ask: Ask): Call[] {
  const statusOf = async (email: string): Promise<string> =>
    (await ask("messages.send", { message: { ...MESSAGE, to: [{ email }] } }))[0].status;
  const listed = async (email: string): Promise<Answer[]> => ask("rejects.list", { email });
  return [
    {
      name: "rejects.add",
      group: "suppression",
      async run() {
        const email = address("reject");
        assert.equal(await statusOf(email), "queued");
        assert.deepEqual(await ask("rejects.add", { email: email.toUpperCase(), comment: "asked us to" }), {
          email: email.toUpperCase(),
          added: true,
        });
        assert.equal(await statusOf(email), "rejected");
      },
    },
    {
      name: "rejects.list",
      group: "suppression",
      async run() {
        const email = address("reject");
        await ask("rejects.add", { email, comment: "asked us to" });
        const [only, ...others] = await listed(email);
        assert.deepEqual([only.email, only.reason, only.detail, only.expired], [email, "custom", "asked us to", false]);
        assert.match(only.created_at, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
        assert.deepEqual(others, []);
        const all: Answer[] = await ask("rejects.list", { include_expired: true });
        assert.ok(all.some((one) => one.email === email));
        assert.deepEqual(await listed(address("nobody")), []);
      },
    },
    {
      name: "rejects.delete",
      group: "suppression",
      async run() {
        const email = address("reject");
        await ask("rejects.add", { email });
        assert.deepEqual(await ask("rejects.delete", { email }), { email, deleted: true, subaccount: null });
        assert.deepEqual(await listed(email), []);
        assert.equal((await ask("rejects.delete", { email })).deleted, false);
        assert.equal(await statusOf(email), "queued");
      },
    },
    {
      name: "allowlists.add",
      group: "suppression",
      note: "takes an address off the denylist, and no report of a provider puts it there",
      async run() {
        const email = address("allowed");
        await ask("rejects.add", { email });
        assert.deepEqual(await ask("allowlists.add", { email, comment: "ours" }), { email, added: true });
        assert.equal(await statusOf(email), "queued");
        assert.equal((await ask("rejects.add", { email })).added, false);
        assert.deepEqual(await listed(email), []);
      },
    },
    {
      name: "allowlists.list",
      group: "suppression",
      async run() {
        const prefix = fresh("allowed");
        const email = `${prefix}@example.com`;
        await ask("allowlists.add", { email, comment: "ours" });
        const [only, ...others] = await ask("allowlists.list", { email: prefix });
        assert.deepEqual([only.email, only.detail, others], [email, "ours", []]);
      },
    },
    {
      name: "allowlists.delete",
      group: "suppression",
      async run() {
        const email = address("allowed");
        await ask("allowlists.add", { email });
        assert.deepEqual(await ask("allowlists.delete", { email }), { email, deleted: true });
        assert.deepEqual(await ask("allowlists.list", { email }), []);
        assert.equal((await ask("rejects.add", { email })).added, true);
      },
    },
    ...["addSms", "deleteSms", "listSms"].map((name) => refused(ask, "other", `rejects.${name}`)),
  ];
}
