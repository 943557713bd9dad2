import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type CompatWorld, DOMAIN, KEYS } from "../world.ts";
import { type Client, MAIL, failure, isRefused, pageCalled, quietly, someone } from "./client.ts";

export function events(client: Client, world: CompatWorld): Call[] {
  const sent = async (to: string, more: Record<string, string> = {}): Promise<string> =>
    (await client.messages.create(DOMAIN, { ...MAIL, to, ...more })).id!;
  const found = async (query: NonNullable<Parameters<Client["events"]["get"]>[1]>) =>
    quietly(() => client.events.get(DOMAIN, query));
  const spoolId = async (to: string): Promise<string> => {
    const headers = { authorization: `Bearer ${KEYS.plain}` };
    const answer = await fetch(`${world.url}/v1/messages?recipient=${to}`, { headers });
    return ((await answer.json()) as { messages: { id: string }[] }).messages[0]!.id;
  };
  const narrowed = async (): Promise<void> => {
    const to = someone();
    const id = await sent(to, { "o:tag": "events" });
    await world.received(to);
    const mail = await spoolId(to);
    await world.told(mail, "message.delayed", { response: "450 4.2.1 later" });
    await world.told(mail, "message.bounced", { bounce: "hard", response: "550 5.1.1 no such user" });
    const all = await found({ "message-id": id.slice(1, -1), ascending: "yes", begin: "0" });
    assert.deepEqual(
      all.items.map(({ event }) => event),
      ["accepted", "failed", "failed"],
    );
    const [permanent, ...others] = (await found({ recipient: to, event: "failed", severity: "permanent" })).items;
    assert.deepEqual([permanent!.reason, permanent!["log-level"], others.length], ["bounce", "error", 0]);
    assert.match(permanent!["delivery-status"].message, /no such user/);
    assert.equal(permanent!.message.headers["message-id"], id.slice(1, -1));
    assert.equal((await found({ tags: "events", event: "accepted OR delivered" })).items.length, 1);
    const past = { begin: new Date(Date.now() - 60_000).toUTCString(), recipient: to, ascending: "no" as const };
    assert.deepEqual((await found(past)).items, []);
    assert.ok(isRefused(await failure(found({ subject: "Confirm" }))));
  };
  const inPages = async (): Promise<void> => {
    const to = someone();
    for (let n = 0; n < 5; n += 1) await sent(to, { "v:n": String(n) });
    const query = { recipient: to, event: "accepted", limit: 2 };
    const numbers = ({ items }: Awaited<ReturnType<typeof found>>) => items.map((one) => one["user-variables"]["n"]);
    const first = await found(query);
    const second = await found(pageCalled(first.pages, "next"));
    const third = await found(pageCalled(second.pages, "next"));
    const beyond = await found(pageCalled(third.pages, "next"));
    assert.deepEqual([first, second, third, beyond].map(numbers), [["4", "3"], ["2", "1"], ["0"], []]);
    assert.deepEqual(numbers(await found(pageCalled(third.pages, "previous"))), ["2", "1"]);
    assert.deepEqual(numbers(await found(pageCalled(third.pages, "first"))), ["4", "3"]);
    assert.deepEqual(numbers(await found(pageCalled(first.pages, "last"))), ["1", "0"]);
    assert.deepEqual(numbers(await found(pageCalled(first.pages, "previous"))), []);
    // Whoever follows a list from its beginning gets what comes later from the page that was the last one.
    const old = await found({ recipient: to, event: "accepted", begin: "0", ascending: "yes" });
    assert.equal(old.items.length, 5);
    const end = await found(pageCalled(old.pages, "next"));
    assert.deepEqual(numbers(end), []);
    await sent(to, { "v:n": "5" });
    assert.deepEqual(numbers(await found(pageCalled(end.pages, "next"))), ["5"]);
  };
  return [
    {
      name: "events.get",
      group: "message",
      note: "by event, severity, recipient, author, tag, message id and time; pages: next, previous, first, last",
      async run() {
        await narrowed();
        await inPages();
      },
    },
    {
      name: "logs.list",
      group: "message",
      note: "by domain, recipient, author, tag, message id and event; without totals",
      async run() {
        const to = someone();
        const id = await sent(to);
        await sent(to);
        const recipient = { attribute: "recipient", comparator: "=", values: [{ label: to, value: to }] };
        const domain = { attribute: "domain", comparator: "=", values: [{ label: DOMAIN, value: DOMAIN }] };
        const query = {
          start: new Date(Date.now() - 60_000),
          end: new Date(Date.now() + 60_000),
          events: ["accepted"],
          filter: { AND: [domain, recipient] },
        };
        const page = await client.logs.list({ ...query, pagination: { sort: "timestamp:asc", limit: 1 } });
        assert.deepEqual(
          page.items.map(({ event, message }) => [event, message!.headers!["message-id"]]),
          [["accepted", id.slice(1, -1)]],
        );
        assert.ok(page.items[0]!["@timestamp"] instanceof Date && page.start instanceof Date);
        const next = await client.logs.list({ ...query, pagination: { token: page.pagination.next!, limit: 1 } });
        assert.equal(next.items.length, 1);
        assert.notEqual(next.items[0]!.id, page.items[0]!.id);
        assert.ok(isRefused(await failure(client.logs.list({ ...query, include_totals: true }))));
      },
    },
  ];
}
