import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type SendGridWorld, failureOf, from, reader } from "./asking.ts";

const VERSION = {
  name: "first",
  subject: "Hello {{name}}",
  html_content: "<p>Hello {{name}}</p>{{#if url}}<a href='{{url}}'>go</a>{{/if}}",
  plain_content: "Hello {{name}}",
};

type Version = {
  id: string;
  template_id: string;
  active: number;
  name: string;
  subject: string;
  html_content: string;
  plain_content: string;
};
type Template = { id: string; name: string; generation: string; versions: Version[] };
type Page = { result: Template[]; _metadata: { count: number; next?: string } };

export function sendgridTemplates({ ask, mail, received }: SendGridWorld): Call[] {
  const made = async (name = "Welcome", generation = "dynamic"): Promise<string> =>
    (await ask<Template>("POST", "/v3/templates", { name, generation })).body.id;
  const version = async (id: string, more: object = {}): Promise<string> =>
    (await ask<Version>("POST", `/v3/templates/${id}/versions`, { ...VERSION, ...more })).body.id;
  const get = async (id: string): Promise<Template> => (await ask<Template>("GET", `/v3/templates/${id}`)).body;
  const send = async (templateId: string, more: object = { dynamicTemplateData: { name: "Ada" } }): Promise<string> => {
    const to = reader("template");
    await mail.send({ from, to, templateId, ...more } as never);
    return received(to);
  };
  return [
    {
      name: "POST /v3/templates",
      group: "template",
      note: "dynamic and legacy",
      async run() {
        const { status, body } = await ask<Template>("POST", "/v3/templates", {
          name: "Welcome",
          generation: "dynamic",
        });
        assert.equal(status, 201);
        assert.match(body.id, /^d-[0-9a-f]{32}$/);
        assert.deepEqual([body.name, body.generation, body.versions], ["Welcome", "dynamic", []]);
        assert.equal((await failureOf(send(body.id))).response.body.errors[0]!.field, "template_id");
        const legacy = await made("Old", "legacy");
        assert.match(legacy, /^[0-9a-f-]{36}$/);
        await version(legacy, {
          subject: "Re: <%subject%>",
          html_content: "<i>-name-</i><%body%>",
          plain_content: "<%body%>",
        });
        const raw = await send(legacy, {
          subject: "News",
          html: "<p>Body</p>",
          text: "Body",
          substitutions: { "-name-": "Ada" },
          substitutionWrappers: ["", ""],
        });
        assert.match(raw, /^Subject: Re: News\r\n/m);
        assert.match(raw, /<i>Ada<\/i><p>Body<\/p>/);
      },
    },
    {
      name: "GET /v3/templates",
      group: "template",
      note: "pages; by generation",
      async run() {
        const ids = [await made("A"), await made("B"), await made("C", "legacy")];
        await version(ids[0]!);
        let count = 0;
        const seen = new Map<string, Template>();
        let page = (await ask<Page>("GET", "/v3/templates", undefined, { generations: "dynamic", page_size: 1 })).body;
        for (;;) {
          assert.ok(page.result.length <= 1);
          for (const one of page.result) seen.set(one.id, one);
          const { _metadata: metadata } = page;
          count = metadata.count;
          if (!metadata.next) break;
          const { pathname, search } = new URL(metadata.next);
          page = (await ask<Page>("GET", pathname + search)).body;
        }
        assert.ok(seen.has(ids[0]!) && seen.has(ids[1]!) && !seen.has(ids[2]!));
        assert.equal(count, seen.size);
        assert.deepEqual(
          seen.get(ids[0]!)!.versions.map((one) => [one.name, one.active]),
          [["first", 1]],
        );
      },
    },
    {
      name: "GET /v3/templates/{id}",
      group: "template",
      async run() {
        const id = await made();
        await version(id);
        const { versions, generation } = await get(id);
        assert.equal(generation, "dynamic");
        assert.equal(versions[0]!.html_content, VERSION.html_content);
        assert.equal((await failureOf(get(`d-${"0".repeat(32)}`))).code, 404);
      },
    },
    {
      name: "PATCH /v3/templates/{id}",
      group: "template",
      async run() {
        const id = await made();
        await version(id);
        assert.equal((await ask<Template>("PATCH", `/v3/templates/${id}`, { name: "Renamed" })).body.name, "Renamed");
        const { name, versions } = await get(id);
        assert.deepEqual([name, versions.length, versions[0]!.active], ["Renamed", 1, 1]);
      },
    },
    {
      name: "POST /v3/templates/{id}",
      group: "template",
      note: "a copy with all versions",
      async run() {
        const id = await made();
        await version(id);
        await version(id, { name: "second", subject: "Second", active: 0 });
        const { status, body } = await ask<Template>("POST", `/v3/templates/${id}`, { name: "Copy" });
        assert.equal(status, 201);
        assert.notEqual(body.id, id);
        const shown = (await get(body.id)).versions.map((one) => [one.name, one.subject, one.active]);
        assert.deepEqual(shown, [
          ["second", "Second", 0],
          ["first", VERSION.subject, 1],
        ]);
      },
    },
    {
      name: "DELETE /v3/templates/{id}",
      group: "template",
      async run() {
        const id = await made();
        assert.equal((await ask("DELETE", `/v3/templates/${id}`)).status, 204);
        assert.equal((await failureOf(get(id))).code, 404);
      },
    },
    {
      name: "POST /v3/templates/{id}/versions",
      group: "template",
      note: "the first one is active at once; `test_data` is not kept, and no text is made from the HTML",
      async run() {
        const id = await made();
        const { status, body } = await ask<Version>("POST", `/v3/templates/${id}/versions`, VERSION);
        assert.deepEqual([status, body.active, body.template_id], [201, 1, id]);
        assert.equal(
          (await ask<Version>("POST", `/v3/templates/${id}/versions`, { ...VERSION, active: 0 })).body.active,
          0,
        );
        const raw = await send(id, { dynamicTemplateData: { name: "A & B", url: "https://acme.example/?a=1&b=2" } });
        assert.match(raw, /^Subject: Hello A & B\r\n/m);
        assert.match(raw, /<p>Hello A &amp; B<\/p>/);
        const faulty = await failureOf(version(id, { html_content: "{{#if x}}" }));
        assert.deepEqual([faulty.code, faulty.response.body.errors[0]!.field], [400, "html_content"]);
      },
    },
    {
      name: "GET /v3/templates/{id}/versions/{version}",
      group: "template",
      async run() {
        const id = await made();
        const first = await version(id);
        const { body } = await ask<Version>("GET", `/v3/templates/${id}/versions/${first}`);
        assert.deepEqual([body.id, body.plain_content, body.name], [first, VERSION.plain_content, "first"]);
        const other = await version(await made());
        assert.equal((await failureOf(ask("GET", `/v3/templates/${id}/versions/${other}`))).code, 404);
      },
    },
    {
      name: "PATCH /v3/templates/{id}/versions/{version}",
      group: "template",
      note: "keeps its id",
      async run() {
        const id = await made();
        const first = await version(id);
        for (const subject of ["Newer {{name}}", "Newest {{name}}"]) {
          const { body } = await ask<Version>("PATCH", `/v3/templates/${id}/versions/${first}`, { subject });
          assert.deepEqual([body.id, body.subject, body.active], [first, subject, 1]);
        }
        const { versions } = await get(id);
        assert.deepEqual([versions.length, versions[0]!.id, versions[0]!.name], [1, first, "first"]);
        assert.equal(versions[0]!.html_content, VERSION.html_content);
        assert.match(await send(id), /^Subject: Newest Ada\r\n/m);
      },
    },
    {
      name: "DELETE /v3/templates/{id}/versions/{version}",
      group: "template",
      async run() {
        const id = await made();
        const [first, second] = [await version(id), await version(id, { name: "second" })];
        for (const one of [second, first])
          assert.equal((await ask("DELETE", `/v3/templates/${id}/versions/${one}`)).status, 204);
        assert.deepEqual((await get(id)).versions, []);
        assert.equal((await failureOf(send(id))).response.body.errors[0]!.field, "template_id");
        await version(id);
        await send(id);
      },
    },
    {
      name: "POST /v3/templates/{id}/versions/{version}/activate",
      group: "template",
      async run() {
        const id = await made();
        await version(id);
        const second = await version(id, { name: "second", subject: "Second", active: 0 });
        assert.match(await send(id), /^Subject: Hello Ada\r\n/m);
        const { body } = await ask<Version>("POST", `/v3/templates/${id}/versions/${second}/activate`);
        assert.deepEqual([body.id, body.active], [second, 1]);
        assert.match(await send(id), /^Subject: Second\r\n/m);
      },
    },
  ];
}
