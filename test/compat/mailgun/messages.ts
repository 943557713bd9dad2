import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type CompatWorld, DOMAIN, KEYS } from "../world.ts";
import { type Client, MAIL, failure, isRefused, quietly, someone, undeclared } from "./client.ts";

const LATER_MS = 3_600_000;
const later = (): string => new Date(Date.now() + LATER_MS).toUTCString();

export function messages(client: Client, world: CompatWorld): Call[] {
  const { messages: mail } = client;
  const { messages: further } = undeclared(client);
  const happened = async (id: string): Promise<string[]> => {
    const { items } = await quietly(() => client.events.get(DOMAIN, { "message-id": id.slice(1, -1) }));
    return items.map(({ event }) => event);
  };
  const inFields = async (): Promise<void> => {
    const to = someone();
    const rich = {
      ...MAIL,
      to,
      html: '<img src="cid:logo.png">',
      "o:tag": ["welcome", "first"],
      "v:user": "7",
      "h:X-Own": "1",
      "h:Reply-To": `help@${DOMAIN}`,
      attachment: [{ data: Buffer.from("pdf"), filename: "a.pdf" }],
      inline: [{ data: Buffer.from("png"), filename: "logo.png" }],
    };
    const { id, message, status } = await mail.create(DOMAIN, rich);
    assert.deepEqual([message, status], ["Queued. Thank you.", 200]);
    const raw = await world.received(to);
    for (const part of [`Message-ID: ${id}`, "X-Own: 1", `Reply-To: help@${DOMAIN}`, "a.pdf", "Content-ID: <logo.png>"])
      assert.ok(raw.includes(part), `${part} is missing`);
    const { items } = await quietly(() => client.events.get(DOMAIN, { recipient: to }));
    assert.deepEqual(items[0]!.tags.toSorted(), ["first", "welcome"]);
    assert.deepEqual(items[0]!["user-variables"], { user: "7" });
  };
  const inMime = async (): Promise<void> => {
    const to = someone();
    const message = `From: hello@${DOMAIN}\r\nTo: ${to}\r\nSubject: raw\r\nX-Mailgun-Tag: raw\r\n\r\n.Hello\r\n`;
    const { id } = await mail.create(DOMAIN, { to, message: Buffer.from(message) });
    const raw = await world.received(to);
    assert.ok(raw.includes(`Message-ID: ${id}`) && !raw.includes("X-Mailgun-Tag"), raw);
    const { items } = await quietly(() => client.events.get(DOMAIN, { tags: "raw" }));
    assert.equal(items[0]!.recipient, to);
  };
  const toEach = async (): Promise<void> => {
    const [ada, bob] = [someone(), someone()];
    const { id } = await mail.create(DOMAIN, {
      ...MAIL,
      to: [`Ada <${ada}>`, bob],
      subject: "Hi %recipient.name%",
      text: "Hello %recipient.name%, your number is %recipient.id%.",
      "h:X-Number": "%recipient.id%",
      "v:number": "%recipient.id%",
      "recipient-variables": JSON.stringify({ [ada]: { name: "Ada", id: 1 }, [bob]: { name: "Bob", id: 2 } }),
    });
    const [toAda, toBob] = [await world.received(ada), await world.received(bob)];
    assert.match(toAda, /^Subject: Hi Ada$/m);
    assert.match(toAda, /Hello Ada, your number is 1\./);
    assert.ok(!toAda.includes(bob), "nobody sees who else got it");
    assert.match(toBob, /^X-Number: 2$/m);
    const { items } = await quietly(() => client.events.get(DOMAIN, { "message-id": id!, event: "accepted" }));
    assert.deepEqual(items.map((one) => one["user-variables"]["number"]).toSorted(), ["1", "2"]);
  };
  const onItsTime = async (): Promise<void> => {
    const to = someone();
    await mail.create(DOMAIN, { ...MAIL, to, "o:testmode": "yes" });
    const { items } = await quietly(() => client.events.get(DOMAIN, { recipient: to }));
    assert.deepEqual(items, []);
    const { id } = await mail.create(DOMAIN, { ...MAIL, to, "o:deliverytime": later() });
    assert.deepEqual(await happened(id!), ["accepted"]);
    const wrong = await failure(mail.create(DOMAIN, { ...MAIL, "o:deliverytime": "tomorrow" }));
    assert.deepEqual([wrong.status, /o:deliverytime/.test(wrong.details)], [400, true]);
    assert.ok(isRefused(await failure(mail.create(DOMAIN, { ...MAIL, "amp-html": "<html>" }))));
    assert.ok(isRefused(await failure(mail.create(DOMAIN, { ...MAIL, "o:time-zone-localize": "09:00" }))));
    const elsewhere = await failure(mail.create("other.example", MAIL));
    assert.deepEqual([elsewhere.status, elsewhere.details], [404, "Domain not found"]);
  };
  return [
    {
      name: "messages.create",
      group: "message",
      note: "with tags, variables, fields, attachments, inline files; MIME text; `template`; `recipient-variables`: a mail for each; `o:deliverytime`, `o:testmode`",
      async run() {
        for (const check of [inFields, inMime, toEach, onItsTime]) await check();
      },
    },
    {
      name: "messages.getMessagesQueueStatus",
      group: "message",
      async run() {
        const { regular, scheduled } = await further.getMessagesQueueStatus(DOMAIN);
        assert.deepEqual([regular.is_disabled, scheduled.is_disabled], [false, false]);
      },
    },
    {
      name: "messages.clearMessagesQueue",
      group: "message",
      note: 'the client itself goes to hosts of Mailgun alone: tried with its `request.delete("/v3/{domain}/envelopes")`',
      async run() {
        const to = someone();
        await mail.create(DOMAIN, { ...MAIL, to, "o:deliverytime": later() });
        const done = (await client.request.delete(`/v3/${DOMAIN}/envelopes`)) as { body: { message: string } };
        assert.equal(done.body.message, "done");
        const story = await fetch(`${world.url}/v1/messages?state=scheduled`, {
          headers: { authorization: `Bearer ${KEYS.plain}` },
        });
        const { messages: left } = (await story.json()) as { messages: { author: string }[] };
        assert.deepEqual(left, []);
      },
    },
    {
      name: "messages.retrieveStoredEmail",
      group: "content",
      run: () => further.retrieveStoredEmail(DOMAIN, "x"),
      refused: isRefused,
    },
    {
      name: "messages.resendEmail",
      group: "content",
      run: () => further.resendEmail(DOMAIN, "x", ["ada@example.com"]),
      refused: isRefused,
    },
  ];
}
