import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type CompatWorld, DOMAIN } from "../world.ts";
import { type Answer, type Ask, MESSAGE, address, fresh, inAnHour, named } from "./caller.ts";

/** Sends to one address and gives the result of it. */
async function sendTo(ask: Ask, email: string, change: object = {}, send: object = {}): Promise<Answer> {
  const message = { ...MESSAGE, to: [{ email, type: "to" }], ...change };
  const [result] = await ask("messages.send", { message, ...send });
  return result;
}

const uuidOf = (id: string): string => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

/** Polled, because a hand-off takes a moment. */
async function until(ask: Ask, id: string, state: string): Promise<Answer> {
  for (let n = 0; n < 200; n += 1) {
    const info = await ask("messages.info", { id });
    if (info.state === state) return info;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${id} never was ${state}`);
}

export function messages(ask: Ask, world: CompatWorld): Call[] {
  return [
    {
      name: "messages.send",
      group: "message",
      note: "merge variables in both languages, images, attachments, metadata of recipients, results for each",
      async run() {
        await sendsWithMergeTags(ask, world);
        await sendsWithHandlebars(ask, world);
        await sendsToSeveral(ask);
      },
    },
    { name: "messages.sendRaw", group: "message", note: "also fields X-MC-…", run: () => sendsRaw(ask, world) },
    {
      name: "messages.info",
      group: "message",
      note: "subject and bodies are not kept",
      async run() {
        const email = address("info");
        const { _id: id } = await sendTo(ask, email, { tags: ["welcome"], metadata: { user: 7 } });
        const info = await until(ask, id, "sent");
        assert.deepEqual([info.email, info.sender, info.tags], [email, MESSAGE.from_email, ["welcome"]]);
        assert.deepEqual([info.metadata, info.opens], [{ user: "7" }, 0]);
        await world.told(uuidOf(id), "message.opened", { userAgent: "Reader/1" });
        const opened = await ask("messages.info", { id });
        assert.deepEqual([opened.opens, opened.opens_detail[0].ua], [1, "Reader/1"]);
        await assert.rejects(ask("messages.info", { id: "0".repeat(32) }), named("Unknown_Message"));
      },
    },
    {
      name: "messages.search",
      group: "message",
      note: "fields joined with AND; not by subject, wildcards or keys",
      run: () => searches(ask, world),
    },
    {
      name: "messages.searchTimeSeries",
      group: "message",
      async run() {
        const tag = fresh("series");
        const ids: string[] = [];
        for (const word of ["a", "b"]) ids.push((await sendTo(ask, address(word), { tags: [tag] }))["_id"]);
        for (const id of ids) await until(ask, id, "sent");
        await world.told(uuidOf(ids[0]!), "message.complained");
        const series = await ask("messages.searchTimeSeries", { query: `tags:${tag}` });
        const sum = (name: string) => series.reduce((all: number, one: Answer) => all + one[name], 0);
        assert.deepEqual([sum("sent"), sum("complaints"), sum("hard_bounces")], [2, 1, 0]);
        assert.match(series[0].time, /^\d{4}-\d\d-\d\d \d\d:00:00$/);
      },
    },
    {
      name: "messages.listScheduled",
      group: "message",
      async run() {
        const email = address("later");
        const at = inAnHour();
        const { _id: id, status } = await sendTo(ask, email, {}, { send_at: at });
        assert.equal(status, "scheduled");
        assert.equal((await ask("messages.info", { id })).state, "scheduled");
        const [only, ...others] = await ask("messages.listScheduled", { to: email });
        assert.deepEqual([only["_id"], only.send_at, only.to, only.from_email], [id, at, email, MESSAGE.from_email]);
        assert.deepEqual(others, []);
        const all = await ask("messages.listScheduled");
        assert.ok(all.some((one: Answer) => one["_id"] === id));
      },
    },
    {
      name: "messages.cancelScheduled",
      group: "message",
      async run() {
        const email = address("never");
        const { _id: id } = await sendTo(ask, email, {}, { send_at: inAnHour() });
        assert.equal((await ask("messages.cancelScheduled", { id }))["_id"], id);
        assert.deepEqual(await ask("messages.listScheduled", { to: email }), []);
        assert.equal((await ask("messages.info", { id })).state, "rejected");
        await assert.rejects(ask("messages.cancelScheduled", { id }), named("Unknown_Message"));
      },
    },
    {
      name: "messages.reschedule",
      group: "message",
      note: "a time that is past: at once",
      async run() {
        const email = address("sooner");
        const { _id: id } = await sendTo(ask, email, {}, { send_at: inAnHour() });
        const at = inAnHour(2);
        assert.equal((await ask("messages.reschedule", { id, send_at: at })).send_at, at);
        assert.equal((await ask("messages.listScheduled", { to: email }))[0].send_at, at);
        await assert.rejects(ask("messages.reschedule", { id, send_at: "tomorrow" }), named("ValidationError"));
        await ask("messages.reschedule", { id, send_at: "2020-01-01 00:00:00" });
        await world.received(email);
      },
    },
    {
      name: "messages.parse",
      group: "message",
      async run() {
        const parsed = await ask("messages.parse", { raw_message: mimeWithFile("ada@example.com") });
        assert.deepEqual([parsed.subject, parsed.from_email, parsed.from_name], ["Raw", MESSAGE.from_email, "Acme"]);
        assert.deepEqual(parsed.to, [{ email: "ada@example.com", name: "" }]);
        assert.equal(parsed.text.trim(), "Hello");
        const [file] = parsed.attachments;
        assert.deepEqual([file.name, file.type, file.binary], ["a.bin", "application/octet-stream", true]);
        assert.equal(Buffer.from(file.content, "base64").toString(), "octets");
        assert.equal(parsed.headers["X-Own"], "1");
      },
    },
  ];
}

async function sendsWithMergeTags(ask: Ask, world: CompatWorld): Promise<void> {
  const [ada, bob] = [address("ada"), address("bob")];
  const results = await ask("messages.send", {
    message: {
      ...MESSAGE,
      text: undefined,
      subject: "Hello *|FNAME|*",
      html: "<p>*|IF:FNAME=Ada|*Dear *|FNAME|**|ELSE:|*Hi *|fname|**|END:IF|* of *|TEAM|*, <img src='cid:logo'></p>",
      auto_text: true,
      to: [{ email: ada, name: "Ada" }, { email: bob }],
      global_merge_vars: [
        { name: "team", content: "R&D" },
        { name: "FNAME", content: "friend" },
      ],
      merge_vars: [{ rcpt: ada.toUpperCase(), vars: [{ name: "fname", content: "Ada" }] }],
      metadata: { site: "a" },
      recipient_metadata: [{ rcpt: bob, values: { user: "b" } }],
      headers: { "Reply-To": `help@${DOMAIN}`, "X-Own": "for *|FNAME|*" },
      attachments: [{ type: "text/plain", name: "terms.txt", content: Buffer.from("terms").toString("base64") }],
      images: [{ type: "image/png", name: "logo", content: Buffer.from("png").toString("base64") }],
      important: true,
      track_opens: true,
    },
    async: false,
  });
  assert.deepEqual(
    results.map((one: Answer) => [one.email, one.status, one.reject_reason]),
    [
      [ada, "queued", null],
      [bob, "queued", null],
    ],
  );
  const [toAda, toBob] = [await world.received(ada), await world.received(bob)];
  assert.match(toAda, /\r\nSubject: Hello Ada\r\n/);
  assert.match(toBob, /\r\nSubject: Hello friend\r\n/);
  assert.match(toAda, /Dear Ada of R&amp;D/);
  assert.match(toBob, /Hi friend of R&amp;D/);
  assert.match(toAda, /Dear Ada of R&D/, "the text made of it");
  assert.match(toAda, /\r\nX-Own: for Ada\r\n/);
  assert.match(toAda, new RegExp(`\\r\\nReply-To: help@${DOMAIN}\\r\\n`));
  assert.match(toAda, /\r\nImportance: high\r\n/);
  assert.match(toAda, /filename="terms.txt"/);
  assert.match(toAda, /Content-ID: <logo>/i);
  assert.ok(!toAda.includes(bob));
  const info = await ask("messages.info", { id: results[1]["_id"] });
  assert.deepEqual(info.metadata, { site: "a", user: "b" });
}

async function sendsWithHandlebars(ask: Ask, world: CompatWorld): Promise<void> {
  const email = address("list");
  await sendTo(ask, email, {
    merge_language: "handlebars",
    subject: "{{length items}} things",
    html: "<ul>{{#each items}}<li>{{name}}</li>{{/each}}</ul>",
    text: undefined,
    global_merge_vars: [{ name: "items", content: [{ name: "<one>" }, { name: "two" }] }],
  });
  const raw = await world.received(email);
  assert.match(raw, /\r\nSubject: 2 things\r\n/);
  assert.match(raw, /<li>&lt;one&gt;<\/li><li>two<\/li>/);
  await assert.rejects(
    sendTo(ask, email, { merge: true, merge_language: "handlebars", html: "{{#if x}}" }),
    named("ValidationError"),
  );
}

async function sendsToSeveral(ask: Ask): Promise<void> {
  const gone = address("gone");
  await ask("rejects.add", { email: gone });
  const to = [{ email: address("good") }, { email: "nobody" }, { email: gone }];
  const results = await ask("messages.send", { message: { ...MESSAGE, to } });
  assert.deepEqual(
    results.map((one: Answer) => [one.email, one.status, one.reject_reason]),
    [
      [to[0]!.email, "queued", null],
      ["nobody", "invalid", null],
      [gone, "rejected", "custom"],
    ],
  );
  assert.equal((await ask("messages.info", { id: results[2]["_id"] })).state, "rejected");
  const [stranger] = await ask("messages.send", {
    message: { ...MESSAGE, from_email: "me@stranger.example", to: [to[0]] },
  });
  assert.deepEqual([stranger.status, stranger.reject_reason], ["rejected", "invalid-sender"]);
  await assert.rejects(sendTo(ask, to[0]!.email, { from_email: undefined }), named("ValidationError"));
  await assert.rejects(sendTo(ask, to[0]!.email, {}, { send_at: "soon" }), named("ValidationError"));
}

const mimeWithFile = (to: string): string =>
  [
    `From: Acme <${MESSAGE.from_email}>`,
    `To: ${to}`,
    "Subject: Raw",
    "X-Own: 1",
    "X-MC-Tags: first, second",
    'X-MC-Metadata: { "user": "9" }',
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    "Hello",
    "--b",
    "Content-Type: application/octet-stream",
    "Content-Transfer-Encoding: base64",
    'Content-Disposition: attachment; filename="a.bin"',
    "",
    Buffer.from("octets").toString("base64"),
    "--b--",
    "",
  ].join("\n");

async function sendsRaw(ask: Ask, world: CompatWorld): Promise<void> {
  const [one, two] = [address("raw"), address("raw")];
  const results = await ask("messages.sendRaw", {
    raw_message: mimeWithFile(one),
    to: [one, two],
    from_name: "Acme Shop",
    from_email: MESSAGE.from_email,
  });
  assert.deepEqual(
    results.map((result: Answer) => [result.email, result.status]),
    [
      [one, "queued"],
      [two, "queued"],
    ],
  );
  const raw = await world.received(two);
  assert.match(raw, new RegExp(`\\r\\nFrom: Acme Shop <${MESSAGE.from_email}>\\r\\n`));
  assert.match(raw, /\r\nX-Own: 1\r\n/);
  assert.doesNotMatch(raw, /X-MC-/i);
  const info = await ask("messages.info", { id: results[0]["_id"] });
  assert.deepEqual([info.tags, info.metadata], [["first", "second"], { user: "9" }]);
  const later = await ask("messages.sendRaw", { raw_message: mimeWithFile(address("raw")), send_at: inAnHour() });
  assert.equal(later[0].status, "scheduled");
}

async function searches(ask: Ask, world: CompatWorld): Promise<void> {
  const tag = fresh("found");
  const sent: { email: string; id: string }[] = [];
  for (const user of ["1", "2", "3"]) {
    const email = address("found");
    sent.push({ email, id: (await sendTo(ask, email, { tags: [tag], metadata: { user } }))["_id"] });
  }
  for (const { id } of sent) await until(ask, id, "sent");
  const found = async (body: object): Promise<string[]> =>
    (await ask("messages.search", body as Record<string, unknown>)).map((one: Answer) => one["_id"]);
  const ids = sent.map(({ id }) => id).toReversed();
  assert.deepEqual(await found({ tags: [tag] }), ids);
  assert.deepEqual(await found({ tags: [tag], limit: 2 }), ids.slice(0, 2));
  assert.deepEqual(await found({ query: `full_email:${sent[0]!.email}` }), [sent[0]!.id]);
  assert.deepEqual(await found({ query: sent[1]!.email }), [sent[1]!.id]);
  assert.deepEqual(await found({ query: `tags:${tag} AND u_user:3` }), [sent[2]!.id]);
  assert.deepEqual(await found({ tags: [tag], senders: [`nobody@${DOMAIN}`] }), []);
  assert.deepEqual(await found({ tags: [tag], date_to: "2020-01-01" }), []);
  await world.told(uuidOf(sent[0]!.id), "message.complained");
  assert.deepEqual(await found({ query: `tags:${tag} state:spam` }), [sent[0]!.id]);
  await assert.rejects(found({ query: "subject:Confirm" }), named("GeneralError"));
}
