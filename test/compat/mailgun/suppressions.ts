import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { DOMAIN } from "../world.ts";
import { type Client, MAIL, failure, isRefused, pageCalled, quietly, someone } from "./client.ts";

type Kind = "bounces" | "complaints" | "unsubscribes";
const KINDS: readonly Kind[] = ["bounces", "complaints", "unsubscribes"];
const ALLOWED = "whitelists";

export function suppressions(client: Client): Call[] {
  return [...KINDS.flatMap((kind) => list(client, kind)), ...allowlist(client)];
}

function list(client: Client, kind: Kind): Call[] {
  const { suppressions: kept } = client;
  const isKept = async (address: string): Promise<boolean> => kept.get(DOMAIN, kind, address).then(isOne, isNone);
  const isSuppressed = async (address: string): Promise<boolean> => {
    const { id } = await client.messages.create(DOMAIN, { ...MAIL, to: address });
    const query = { "message-id": id!, event: "failed" };
    const { items } = await quietly(() => client.events.get(DOMAIN, query));
    return items.some(({ reason }) => reason === "suppress-bounce");
  };
  const add = (address: string) => kept.create(DOMAIN, kind, { address });
  return [
    {
      name: `suppressions.create("${kind}")`,
      group: "suppression",
      note: "one, and many",
      async run() {
        const [one, two, three] = [someone(), someone(), someone()];
        assert.match((await add(one)).message, new RegExp(`added to the ${kind} table`));
        const many = await kept.create(DOMAIN, kind, [{ address: two }, { address: three }]);
        assert.match(many.message, /^2 addresses/);
        for (const address of [one, two, three]) assert.ok(await isKept(address));
        assert.ok(await isSuppressed(two));
        assert.equal((await failure(kept.create(DOMAIN, kind, { address: "nobody" }))).status, 400);
        if (kind === "unsubscribes")
          assert.ok(isRefused(await failure(kept.create(DOMAIN, kind, { address: someone(), tag: "news" }))));
      },
    },
    {
      name: `suppressions.get("${kind}")`,
      group: "suppression",
      async run() {
        const address = someone();
        await kept.create(DOMAIN, kind, [{ address, ...(kind === "bounces" ? { code: 552, error: "Full" } : {}) }]);
        const there = (await kept.get(DOMAIN, kind, address)) as { address: string; code?: number; error?: string };
        assert.equal(there.address, address);
        if (kind === "bounces") assert.deepEqual([there.code, there.error], [552, "Full"]);
        const other = kind === "bounces" ? "complaints" : "bounces";
        assert.equal((await failure(kept.get(DOMAIN, other, address))).status, 404);
      },
    },
    {
      name: `suppressions.list("${kind}")`,
      group: "suppression",
      note: "pages: next, previous, first, last",
      async run() {
        await kept.create(DOMAIN, kind, [{ address: someone() }, { address: someone() }, { address: someone() }]);
        const addresses = ({ items }: { items: unknown[] }) =>
          (items as { address: string }[]).map((one) => one.address);
        const all = addresses(await kept.list(DOMAIN, kind));
        const first = await kept.list(DOMAIN, kind, { limit: 2 });
        assert.deepEqual(addresses(first), all.slice(0, 2));
        const second = await kept.list(DOMAIN, kind, pageCalled(first.pages, "next"));
        assert.deepEqual(addresses(second), all.slice(2, 4));
        assert.deepEqual(
          addresses(await kept.list(DOMAIN, kind, pageCalled(second.pages, "previous"))),
          all.slice(0, 2),
        );
        assert.deepEqual(addresses(await kept.list(DOMAIN, kind, pageCalled(second.pages, "last"))), all.slice(-2));
      },
    },
    {
      name: `suppressions.destroy("${kind}")`,
      group: "suppression",
      async run() {
        const address = someone();
        await add(address);
        assert.equal((await kept.destroy(DOMAIN, kind, address)).address, address);
        assert.equal(await isKept(address), false);
        assert.equal(await isSuppressed(address), false);
        assert.equal((await failure(kept.destroy(DOMAIN, kind, address))).status, 404);
      },
    },
    {
      name: `suppressions.upload("${kind}")`,
      group: "suppression",
      note: "a CSV file",
      async run() {
        const [one, two] = [someone(), someone()];
        const file = { data: Buffer.from(`address,created_at\n${one},\n"${two}",\n`), filename: "list.csv" };
        await kept.upload(DOMAIN, kind, file);
        assert.ok((await isKept(one)) && (await isKept(two)));
      },
    },
    {
      name: `suppressions.destroyAll("${kind}")`,
      group: "suppression",
      async run() {
        const [address, kindOfOther] = [someone(), kind === "bounces" ? "complaints" : "bounces"] as const;
        const other = someone();
        await add(address);
        await kept.create(DOMAIN, kindOfOther, { address: other });
        await kept.destroyAll(DOMAIN, kind);
        assert.equal(await isKept(address), false);
        assert.ok(await kept.get(DOMAIN, kindOfOther, other), "other lists stay");
      },
    },
  ];
}

function allowlist(client: Client): Call[] {
  const { suppressions: kept } = client;
  const add = (address: string) => kept.create(DOMAIN, ALLOWED, { address });
  const isAllowed = async (address: string): Promise<boolean> => kept.get(DOMAIN, ALLOWED, address).then(isOne, isNone);
  return [
    {
      name: 'suppressions.create("whitelists")',
      group: "suppression",
      note: "addresses; a whole domain is refused by name",
      async run() {
        const address = someone();
        await kept.create(DOMAIN, "bounces", { address });
        const { type, value } = await add(address);
        assert.deepEqual([type, value], ["address", address]);
        assert.equal((await failure(kept.get(DOMAIN, "bounces", address))).status, 404, "it is taken off the others");
        const whole = { domain: "example.com" } as { address: string; domain: string };
        assert.ok(isRefused(await failure(kept.create(DOMAIN, ALLOWED, whole))));
      },
    },
    {
      name: 'suppressions.get("whitelists")',
      group: "suppression",
      async run() {
        const address = someone();
        await add(address);
        const there = await kept.get(DOMAIN, ALLOWED, address);
        assert.equal((there as { value: string }).value, address);
        assert.equal((await failure(kept.get(DOMAIN, ALLOWED, someone()))).status, 404);
      },
    },
    {
      name: 'suppressions.list("whitelists")',
      group: "suppression",
      async run() {
        await add(someone());
        await add(someone());
        const first = await kept.list(DOMAIN, ALLOWED, { limit: 1 });
        const next = await kept.list(DOMAIN, ALLOWED, pageCalled(first.pages, "next"));
        const values = [first, next].map(({ items }) => (items[0] as { value: string }).value);
        assert.ok(values[0]! < values[1]!, values.join(" "));
      },
    },
    {
      name: 'suppressions.destroy("whitelists")',
      group: "suppression",
      async run() {
        const address = someone();
        await add(address);
        assert.equal((await kept.destroy(DOMAIN, ALLOWED, address)).value, address);
        assert.equal(await isAllowed(address), false);
      },
    },
    {
      name: 'suppressions.upload("whitelists")',
      group: "suppression",
      async run() {
        const address = someone();
        await kept.upload(DOMAIN, ALLOWED, {
          data: Buffer.from(`address,domain\n${address},\n`),
          filename: "list.csv",
        });
        assert.ok(await isAllowed(address));
      },
    },
    {
      name: 'suppressions.destroyAll("whitelists")',
      group: "suppression",
      async run() {
        await add(someone());
        await kept.destroyAll(DOMAIN, ALLOWED);
        assert.deepEqual((await kept.list(DOMAIN, ALLOWED)).items, []);
      },
    },
  ];
}

const isOne = (): boolean => true;
const isNone = (error: { status: number }): boolean => {
  assert.equal(error.status, 404);
  return false;
};
