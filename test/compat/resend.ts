import assert from "node:assert/strict";
import type { Resend } from "resend";
import type { Call, ClientCalls } from "./call.ts";
import { type CompatWorld, DOMAIN, KEYS } from "./world.ts";

type Answer<T> = { data: T | null; error: { name: string; message: string } | null };

/** Resend's client resolves with an error instead of throwing it. */
async function done<T>(promise: PromiseLike<Answer<T>>): Promise<T> {
  const { data, error } = await promise;
  if (error) throw Object.assign(new Error(`${error.name}: ${error.message}`), error);
  return data!;
}
const notSupported = (error: unknown): boolean =>
  (error as { name?: string }).name === "invalid_access" && /not supported by this server/.test(String(error));

const EMAIL = { from: `Acme <hello@${DOMAIN}>`, to: ["ada@example.com"], subject: "Confirm", text: "Click" };
const later = (): string => new Date(Date.now() + 3_600_000).toISOString();

export async function resendCalls({ url }: CompatWorld): Promise<ClientCalls> {
  process.env["RESEND_BASE_URL"] = url; // read when the client is loaded
  const { Resend: Client } = await import("resend");
  const resend: Resend = new Client(KEYS.resend);
  return {
    vendor: "Resend",
    client: "resend",
    calls: [
      ...emails(resend),
      ...templates(resend),
      ...suppressions(resend),
      { name: "emails.share", group: "content", run: () => done(resend.emails.share("x")), refused: notSupported },
      {
        name: "emails.attachments.list",
        group: "content",
        run: () => done(resend.emails.attachments.list({ emailId: "x" })),
        refused: notSupported,
      },
      {
        name: "emails.attachments.get",
        group: "content",
        run: () => done(resend.emails.attachments.get({ emailId: "x", id: "y" })),
        refused: notSupported,
      },
      ...others(resend),
    ],
  };
}

function emails(resend: Resend): Call[] {
  const sent = async (): Promise<string> => (await done(resend.emails.send(EMAIL))).id;
  const scheduled = async (): Promise<string> =>
    (await done(resend.emails.send({ ...EMAIL, scheduledAt: later() }))).id;
  const eventOf = async (id: string): Promise<string> => (await done(resend.emails.get(id))).last_event;
  return [
    {
      name: "emails.send",
      group: "message",
      note: "also with `scheduledAt`, `template`, `tags`, `attachments`, `headers`, an idempotency key",
      async run() {
        const options = { idempotencyKey: `key-${Date.now()}` };
        const pdf = { filename: "a.pdf", content: Buffer.from("pdf") };
        const rich = { ...EMAIL, tags: [{ name: "kind", value: "welcome" }], attachments: [pdf], html: "<b>Click</b>" };
        const first = await done(resend.emails.send(rich, options));
        assert.equal((await done(resend.emails.send(rich, options))).id, first.id);
        assert.deepEqual((await done(resend.emails.get(first.id))).tags, [{ name: "kind", value: "welcome" }]);
      },
    },
    { name: "emails.create", group: "message", run: () => done(resend.emails.create(EMAIL)) },
    {
      name: "emails.get",
      group: "message",
      note: "subject and bodies are not kept",
      async run() {
        const email = await done(resend.emails.get(await sent()));
        assert.deepEqual(email.to, ["ada@example.com"]);
        assert.equal(email.from, `hello@${DOMAIN}`);
      },
    },
    {
      name: "emails.list",
      group: "message",
      note: "pages with `after`",
      async run() {
        const [first, second] = [await sent(), await sent()];
        const page = await done(resend.emails.list({ limit: 1 }));
        assert.deepEqual([page.data[0]!.id, page.has_more], [second, true]);
        assert.equal((await done(resend.emails.list({ limit: 1, after: second }))).data[0]!.id, first);
      },
    },
    {
      name: "emails.update",
      group: "message",
      async run() {
        const id = await scheduled();
        const at = new Date(Date.now() + 7_200_000).toISOString();
        await done(resend.emails.update({ id, scheduledAt: at }));
        const there = await done(resend.emails.get(id));
        assert.equal(there.last_event, "scheduled");
        assert.equal(Date.parse(there.scheduled_at!.replace("+00", "Z").replace(" ", "T")), Date.parse(at));
      },
    },
    {
      name: "emails.cancel",
      group: "message",
      async run() {
        const id = await scheduled();
        await done(resend.emails.cancel(id));
        assert.equal(await eventOf(id), "canceled");
      },
    },
    {
      name: "batch.send",
      group: "message",
      note: "strict and permissive",
      async run() {
        const wrong = { ...EMAIL, to: ["nobody"] };
        const both = await done(resend.batch.send([EMAIL, wrong], { batchValidation: "permissive" }));
        assert.equal(both.data.length, 1);
        assert.equal(both.errors[0]!.index, 1);
        await assert.rejects(done(resend.batch.send([EMAIL, wrong])), /validation_error/);
      },
    },
    {
      name: "batch.create",
      group: "message",
      async run() {
        const { data } = await done(resend.batch.create([EMAIL, EMAIL]));
        assert.equal(new Set(data.map(({ id }) => id)).size, 2);
      },
    },
  ];
}

function templates(resend: Resend): Call[] {
  const html = "<p>Hello {{{NAME}}}, <a href='https://acme.example/{{{PATH}}}'>go</a></p>";
  const given = {
    name: "Welcome",
    subject: "Hello {{{NAME}}}",
    html,
    from: `hello@${DOMAIN}`,
    variables: [
      { key: "NAME", type: "string" as const, fallbackValue: "friend" },
      { key: "PATH", type: "string" as const },
    ],
  };
  const made = async (): Promise<string> => (await done(resend.templates.create(given))).id;
  return [
    {
      name: "templates.create",
      group: "template",
      async run() {
        const { data } = await resend.templates.create({ ...given, alias: `welcome-${Date.now()}` }).publish();
        const template = { id: data!.id, variables: { PATH: "start" } };
        await done(resend.emails.send({ to: EMAIL.to, template }));
        const missing = resend.emails.send({ to: EMAIL.to, template: { id: data!.id, variables: {} } });
        await assert.rejects(done(missing), /PATH/);
      },
    },
    {
      name: "templates.get",
      group: "template",
      async run() {
        const template = await done(resend.templates.get(await made()));
        assert.equal(template.html, html);
        assert.equal(template.status, "draft");
        assert.deepEqual(
          template.variables!.map(({ key, fallback_value: value }) => [key, value]),
          [
            ["NAME", "friend"],
            ["PATH", null],
          ],
        );
      },
    },
    {
      name: "templates.list",
      group: "template",
      async run() {
        const [one, two] = [await made(), await made()];
        const seen = new Set<string>();
        for (let after: string | undefined; ;) {
          const page = await done(resend.templates.list({ limit: 2, ...(after === undefined ? {} : { after }) }));
          for (const { id } of page.data) seen.add(id);
          if (!page.has_more) break;
          after = page.data.at(-1)!.id;
        }
        assert.ok(seen.has(one) && seen.has(two));
      },
    },
    {
      name: "templates.update",
      group: "template",
      async run() {
        const id = await made();
        await done(resend.templates.update(id, { name: "Renamed", subject: "Hi {{{NAME}}}" }));
        const { name, subject, html: kept } = await done(resend.templates.get(id));
        assert.deepEqual([name, subject, kept], ["Renamed", "Hi {{{NAME}}}", html]);
      },
    },
    {
      name: "templates.publish",
      group: "template",
      async run() {
        const id = await made();
        await assert.rejects(done(resend.emails.send({ to: EMAIL.to, template: { id } })), /not_found/);
        await done(resend.templates.publish(id));
        assert.equal((await done(resend.templates.get(id))).status, "published");
        await done(resend.templates.update(id, { subject: "Newer" }));
        assert.equal((await done(resend.templates.get(id))).has_unpublished_versions, true);
      },
    },
    {
      name: "templates.duplicate",
      group: "template",
      async run() {
        const id = await made();
        const copy = await done(resend.templates.duplicate(id));
        assert.notEqual(copy.id, id);
        assert.equal((await done(resend.templates.get(copy.id))).html, html);
      },
    },
    {
      name: "templates.remove",
      group: "template",
      async run() {
        const id = await made();
        assert.equal((await done(resend.templates.remove(id))).deleted, true);
        await assert.rejects(done(resend.templates.get(id)), /not_found/);
      },
    },
  ];
}

function suppressions(resend: Resend): Call[] {
  const email = "leaver@example.com";
  const there = async (): Promise<boolean> => (await resend.suppressions.get(email)).data !== null;
  return [
    {
      name: "suppressions.add",
      group: "suppression",
      async run() {
        const { id } = await done(resend.suppressions.add({ email }));
        assert.equal((await done(resend.suppressions.get(id))).email, email);
        const { id: mail } = await done(resend.emails.send({ ...EMAIL, to: email }));
        assert.equal((await done(resend.emails.get(mail))).last_event, "suppressed");
      },
    },
    {
      name: "suppressions.get",
      group: "suppression",
      async run() {
        await done(resend.suppressions.add({ email }));
        assert.equal((await done(resend.suppressions.get(email))).origin, "manual");
      },
    },
    {
      name: "suppressions.list",
      group: "suppression",
      async run() {
        await done(resend.suppressions.batch.add({ emails: ["a1@example.com", "a2@example.com"] }));
        const page = await done(resend.suppressions.list({ limit: 1, origin: "manual" }));
        assert.equal(page.has_more, true);
        const next = await done(resend.suppressions.list({ limit: 1, after: page.data[0]!.id }));
        assert.notEqual(next.data[0]!.email, page.data[0]!.email);
        assert.equal((await done(resend.suppressions.list({ origin: "complaint" }))).data.length, 0);
      },
    },
    {
      name: "suppressions.remove",
      group: "suppression",
      async run() {
        await done(resend.suppressions.add({ email }));
        assert.equal((await done(resend.suppressions.remove(email))).deleted, true);
        assert.equal(await there(), false);
      },
    },
    {
      name: "suppressions.batch.add",
      group: "suppression",
      async run() {
        const { data } = await done(resend.suppressions.batch.add({ emails: [email, "b@example.com"] }));
        assert.equal(data.length, 2);
        assert.equal(await there(), true);
      },
    },
    {
      name: "suppressions.batch.remove",
      group: "suppression",
      async run() {
        const { data } = await done(resend.suppressions.batch.add({ emails: [email, "b@example.com"] }));
        const removed = await done(resend.suppressions.batch.remove({ ids: data.map(({ id }) => id) }));
        assert.ok(removed.data.every(({ deleted }) => deleted));
        assert.equal(await there(), false);
      },
    },
  ];
}

function others(resend: Resend): Call[] {
  const refused = (name: string, run: () => PromiseLike<Answer<unknown>>): Call => ({
    name,
    group: "other",
    run: () => done(run()),
    refused: notSupported,
  });
  return [
    {
      name: "domains.list",
      group: "other",
      note: "those of the configuration",
      async run() {
        const { data } = await done(resend.domains.list());
        assert.deepEqual(
          data.map(({ name }) => name),
          [DOMAIN],
        );
      },
    },
    {
      name: "domains.get",
      group: "other",
      async run() {
        const { data } = await done(resend.domains.list());
        assert.equal((await done(resend.domains.get(data[0]!.id))).name, DOMAIN);
      },
    },
    refused("domains.create", () => resend.domains.create({ name: "other.example" })),
    refused("domains.update", () => resend.domains.update({ id: "x", openTracking: true })),
    refused("domains.remove", () => resend.domains.remove("x")),
    refused("domains.verify", () => resend.domains.verify("x")),
    refused("emails.metrics", () => resend.emails.metrics()),
    refused("emails.receiving.list", () => resend.emails.receiving.list()),
    refused("apiKeys.list", () => resend.apiKeys.list()),
    refused("webhooks.list", () => resend.webhooks.list()),
    refused("webhooks.create", () => resend.webhooks.create({ endpoint: "https://acme.example/x", events: [] })),
    refused("broadcasts.list", () => resend.broadcasts.list()),
    refused("contacts.list", () => resend.contacts.list()),
    refused("segments.list", () => resend.segments.list()),
    refused("topics.list", () => resend.topics.list()),
  ];
}
