import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type CompatWorld, DOMAIN } from "../world.ts";
import { type Client, MAIL, failure, someone } from "./client.ts";

/** The client declares a word of its own for it. */
const YES = "yes" as never;
let count = 0;
const someName = (): string => `mailgun-${(count += 1)}`;
const HTML = "<p>Hello {{name}}</p>";
const HEADERS = { From: `Team <team@${DOMAIN}>`, Subject: "Welcome {{name}}" };

export function templates(client: Client, world: CompatWorld): Call[] {
  const { domainTemplates: kept } = client.domains;
  const made = async (): Promise<string> => {
    const name = someName();
    await kept.create(DOMAIN, { name, description: "First words", template: HTML, tag: "v1" });
    return name;
  };
  const tagsOf = async (name: string): Promise<string[]> =>
    (await kept.listVersions(DOMAIN, name)).template.versions!.map(({ tag, active }) => (active ? `${tag}*` : tag));
  const readBy = async (template: string, more: Record<string, string> = {}): Promise<string> => {
    const to = someone();
    const { from: _, subject: __, text: ___, ...mail } = MAIL;
    const values = { "t:variables": JSON.stringify({ name: "Ada" }) };
    await client.messages.create(DOMAIN, { from: MAIL.from, subject: "Hi", ...mail, to, template, ...values, ...more });
    return world.received(to);
  };
  return [
    {
      name: "domains.domainTemplates.create",
      group: "template",
      note: "handlebars; a message is made of it, with its headers From, Subject and Reply-To",
      async run() {
        const name = someName();
        const data = { name, description: "Welcome", template: HTML, tag: "v1", comment: "first", createdBy: "ada" };
        // Built-in forms hold texts only, so headers are given as one.
        const headers = JSON.stringify(HEADERS) as never;
        const there = await kept.create(DOMAIN, { ...data, headers });
        assert.deepEqual([there.name, there.description, there.createdBy], [name, "Welcome", "ada"]);
        assert.deepEqual([there.version!.tag, there.version!.active, there.version!.comment], ["v1", true, "first"]);
        const to = someone();
        const given = {
          to,
          template: name,
          "t:variables": JSON.stringify({ name: "<Ada>" }),
          "t:text": "yes" as const,
        };
        await client.messages.create(DOMAIN, given);
        const raw = await world.received(to);
        assert.match(raw, /^Subject: Welcome <Ada>$/m);
        assert.match(raw, new RegExp(`^From: Team <team@${DOMAIN}>$`, "m"));
        assert.match(raw, /<p>Hello &lt;Ada&gt;<\/p>/);
        assert.match(raw, /^Hello <Ada>$/m);
        assert.match((await failure(kept.create(DOMAIN, data))).details, /already exists/);
        const broken = { ...data, name: someName(), template: "{{#if name}}" };
        assert.match((await failure(kept.create(DOMAIN, broken))).details, /failed to parse/);
      },
    },
    {
      name: "domains.domainTemplates.get",
      group: "template",
      async run() {
        const name = await made();
        const plain = await kept.get(DOMAIN, name);
        assert.deepEqual([plain.name, plain.description, plain.version], [name, "First words", undefined]);
        assert.ok(plain.createdAt instanceof Date);
        const whole = await kept.get(DOMAIN, name, { active: YES });
        assert.deepEqual([whole.version!.template, whole.version!.engine], [HTML, "handlebars"]);
        assert.equal((await failure(kept.get(DOMAIN, "none"))).status, 404);
      },
    },
    {
      name: "domains.domainTemplates.list",
      group: "template",
      note: "pages",
      async run() {
        const names = [await made(), await made(), await made()];
        const seen: string[] = [];
        let page = await kept.list(DOMAIN, { limit: 2 });
        const { first } = page.pages;
        for (; page.items.length > 0; page = await kept.list(DOMAIN, { page: page.pages.next.page as `?${string}` }))
          seen.push(...page.items.map(({ name }) => name));
        assert.ok(names.every((name) => seen.includes(name)));
        assert.equal(new Set(seen).size, seen.length);
        const again = await kept.list(DOMAIN, { page: first.page as `?${string}` });
        assert.equal(again.items[0]!.name, seen[0]);
      },
    },
    {
      name: "domains.domainTemplates.update",
      group: "template",
      async run() {
        const name = await made();
        const done = await kept.update(DOMAIN, name, { description: "Other words" });
        assert.deepEqual([done.message, done.templateName], ["template has been updated", name]);
        assert.equal((await kept.get(DOMAIN, name)).description, "Other words");
      },
    },
    {
      name: "domains.domainTemplates.destroy",
      group: "template",
      async run() {
        const name = await made();
        assert.equal((await kept.destroy(DOMAIN, name)).templateName, name);
        assert.equal((await failure(kept.get(DOMAIN, name))).status, 404);
        assert.match((await failure(client.messages.create(DOMAIN, { ...MAIL, template: name }))).details, /not found/);
      },
    },
    {
      name: "domains.domainTemplates.createVersion",
      group: "template",
      note: "a message names its version with `t:version`",
      async run() {
        const name = await made();
        const data = { tag: "v2", template: "<p>Dear {{name}}</p>", comment: "second" };
        const { template, message } = await kept.createVersion(DOMAIN, name, data);
        assert.deepEqual(
          [message, template.version!.tag, template.version!.active],
          ["new version of the template has been stored", "v2", false],
        );
        assert.match(await readBy(name), /Hello Ada/);
        assert.match(await readBy(name, { "t:version": "v2" }), /Dear Ada/);
        await kept.createVersion(DOMAIN, name, { ...data, tag: "v3", active: YES });
        assert.deepEqual(await tagsOf(name), ["v1", "v2", "v3*"]);
        assert.match((await failure(kept.createVersion(DOMAIN, name, data))).details, /already exists/);
      },
    },
    {
      name: "domains.domainTemplates.getVersion",
      group: "template",
      async run() {
        const name = await made();
        const { version } = await kept.getVersion(DOMAIN, name, "v1");
        assert.deepEqual([version!.tag, version!.template, version!.active], ["v1", HTML, true]);
        assert.equal((await failure(kept.getVersion(DOMAIN, name, "v9"))).status, 404);
      },
    },
    {
      name: "domains.domainTemplates.updateVersion",
      group: "template",
      async run() {
        const name = await made();
        await kept.createVersion(DOMAIN, name, { tag: "v2", template: "<p>Dear {{name}}</p>" });
        const done = await kept.updateVersion(DOMAIN, name, "v1", {
          template: "<p>Hi {{name}}</p>",
          comment: "shorter",
        });
        assert.deepEqual([done.templateName, done.templateVersion.tag], [name, "v1"]);
        const { version } = await kept.getVersion(DOMAIN, name, "v1");
        assert.deepEqual([version!.template, version!.comment], ["<p>Hi {{name}}</p>", "shorter"]);
        assert.match(await readBy(name), /Hi Ada/);
        await kept.updateVersion(DOMAIN, name, "v2", { active: YES });
        assert.deepEqual(await tagsOf(name), ["v1", "v2*"]);
        assert.match(await readBy(name), /Dear Ada/);
      },
    },
    {
      name: "domains.domainTemplates.destroyVersion",
      group: "template",
      note: "not the active one",
      async run() {
        const name = await made();
        await kept.createVersion(DOMAIN, name, { tag: "v2", template: HTML });
        const done = await kept.destroyVersion(DOMAIN, name, "v2");
        assert.deepEqual([done.message, done.templateVersion.tag], ["version has been deleted", "v2"]);
        assert.deepEqual(await tagsOf(name), ["v1*"]);
        assert.match((await failure(kept.destroyVersion(DOMAIN, name, "v1"))).details, /active/);
      },
    },
    {
      name: "domains.domainTemplates.listVersions",
      group: "template",
      note: "pages",
      async run() {
        const name = await made();
        for (const tag of ["v2", "v3"]) await kept.createVersion(DOMAIN, name, { tag, template: HTML });
        const first = await kept.listVersions(DOMAIN, name, { limit: 2 });
        assert.equal(first.template.name, name);
        // The client hands `page` on as it is: an address of a page, which its other lists take, leads nowhere here.
        const beside = { limit: 2, page: "next", p: "v2" } as never;
        const next = await kept.listVersions(DOMAIN, name, beside);
        const tags = [first, next].map(({ template }) => template.versions!.map(({ tag }) => tag));
        assert.deepEqual(tags, [["v1", "v2"], ["v3"]]);
      },
    },
    {
      name: "domains.domainTemplates.destroyAll",
      group: "template",
      async run() {
        await made();
        assert.equal((await kept.destroyAll(DOMAIN)).message, "templates have been deleted");
        assert.deepEqual((await kept.list(DOMAIN)).items, []);
      },
    },
  ];
}
