import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type CompatWorld, DOMAIN } from "../world.ts";
import { type Answer, type Ask, MESSAGE, address, fresh, named, refused } from "./caller.ts";

const CODE = '<h1>Hello *|NAME|*</h1><div mc:edit="main">Nothing new</div>';

export function templates(ask: Ask, world: CompatWorld): Call[] {
  const given = (change: object = {}) => ({
    name: `Welcome ${fresh("letter")}`,
    from_email: `letters@${DOMAIN}`,
    from_name: "Letters",
    subject: "For *|NAME|*",
    code: CODE,
    text: "Hello *|NAME|*",
    labels: ["onboarding"],
    ...change,
  });
  const add = (change: object = {}): Promise<Answer> => ask("templates.add", given(change));
  const sendTemplate = (template: string, email: string, message: object = {}, content: object[] = []) =>
    ask("messages.sendTemplate", {
      template_name: template,
      template_content: content,
      message: { to: [{ email }], global_merge_vars: [{ name: "NAME", content: "Ada" }], ...message },
    });
  return [
    {
      name: "messages.sendTemplate",
      group: "message",
      note: "with `template_content`; the language a template is written in is its own",
      async run() {
        const { slug, name } = await add();
        const [one, two] = [address("template"), address("template")];
        const [result] = await sendTemplate(slug, one, {}, [{ name: "main", content: "<b>News of *|NAME|*</b>" }]);
        assert.equal(result.status, "queued");
        const raw = await world.received(one);
        assert.match(raw, new RegExp(`\\r\\nFrom: Letters <letters@${DOMAIN}>\\r\\n`));
        assert.match(raw, /\r\nSubject: For Ada\r\n/);
        assert.match(raw, /<h1>Hello Ada<\/h1>/);
        assert.match(raw, /<b>News of Ada<\/b>/);
        assert.equal((await ask("messages.info", { id: result["_id"] })).template, slug);
        await sendTemplate(name, two, { subject: "Own", from_email: MESSAGE.from_email });
        assert.match(await world.received(two), /\r\nSubject: Own\r\n[\s\S]*Nothing new/);
        await assert.rejects(sendTemplate("none", one), named("Unknown_Template"));
        const secret = { headers: { "X-Postern-Stream": "secrets" }, merge_vars: [] };
        await assert.rejects(sendTemplate(slug, one, secret, [{ name: "main", content: "<b>x</b>" }]), /C0/);
      },
    },
    {
      name: "templates.add",
      group: "template",
      note: "merge tags, or handlebars where the text has those",
      async run() {
        const name = `Über ${fresh("Cool")}`;
        const made = await add({ name, publish: false });
        assert.deepEqual([made.name, made.code, made.publish_code, made.published_at], [name, CODE, null, null]);
        assert.match(made.slug, /^ber-cool-\d+-\d+$/);
        assert.deepEqual([made.from_email, made.labels], [`letters@${DOMAIN}`, ["onboarding"]]);
        await assert.rejects(add({ name }), named("Invalid_Template"));
        await assert.rejects(add({ code: "*|IF:X|*" }), named("Invalid_Template"));
        await assert.rejects(sendTemplate(made.slug, address("draft")), named("Unknown_Template"));
        const bars = await add({ code: "<p>{{#if NAME}}{{NAME}}!{{/if}}</p>", subject: "{{NAME}}", text: "" });
        const email = address("bars");
        await sendTemplate(bars.slug, email);
        assert.match(await world.received(email), /<p>Ada!<\/p>/);
      },
    },
    {
      name: "templates.info",
      group: "template",
      async run() {
        const { slug, name } = await add();
        const info = await ask("templates.info", { name: slug });
        assert.deepEqual([info.name, info.publish_code, info.publish_from_name], [name, CODE, "Letters"]);
        assert.match(info.created_at, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
        assert.equal((await ask("templates.info", { name })).slug, slug);
        await assert.rejects(ask("templates.info", { name: "none" }), named("Unknown_Template"));
      },
    },
    {
      name: "templates.update",
      group: "template",
      async run() {
        const { slug } = await add();
        const draft = await ask("templates.update", { name: slug, subject: "Newer", from_name: "New", publish: false });
        assert.deepEqual([draft.subject, draft.publish_subject, draft.code], ["Newer", "For *|NAME|*", CODE]);
        assert.deepEqual([draft.from_name, draft.publish_from_name], ["New", "Letters"]);
        const email = address("update");
        await sendTemplate(slug, email);
        assert.match(await world.received(email), /\r\nSubject: For Ada\r\n/);
        const out = await ask("templates.update", { name: slug, text: "Bye", labels: [] });
        assert.deepEqual([out.publish_subject, out.publish_text, out.labels], ["Newer", "Bye", []]);
        await assert.rejects(ask("templates.update", { name: "none" }), named("Unknown_Template"));
      },
    },
    {
      name: "templates.publish",
      group: "template",
      async run() {
        const { slug } = await add({ publish: false });
        const out = await ask("templates.publish", { name: slug });
        assert.deepEqual([out.publish_code, out.publish_from_email], [CODE, `letters@${DOMAIN}`]);
        const [result] = await sendTemplate(slug, address("published"));
        assert.equal(result.status, "queued");
      },
    },
    {
      name: "templates.delete",
      group: "template",
      async run() {
        const { slug } = await add();
        assert.equal((await ask("templates.delete", { name: slug })).slug, slug);
        await assert.rejects(ask("templates.info", { name: slug }), named("Unknown_Template"));
        await assert.rejects(ask("templates.delete", { name: slug }), named("Unknown_Template"));
      },
    },
    {
      name: "templates.list",
      group: "template",
      async run() {
        const label = fresh("label");
        const { slug } = await add({ labels: [label] });
        const listed = await ask("templates.list", { label });
        assert.deepEqual(
          listed.map((one: Answer) => [one.slug, one.code]),
          [[slug, CODE]],
        );
        const all: Answer[] = await ask("templates.list");
        assert.ok(all.length > 1 && all.some((one) => one.slug === slug));
      },
    },
    {
      name: "templates.timeSeries",
      group: "template",
      note: "of the last 30 days",
      async run() {
        const { slug } = await add();
        assert.deepEqual(await ask("templates.timeSeries", { name: slug }), []);
        const email = address("series");
        await sendTemplate(slug, email);
        await world.received(email);
        for (let n = 0; n < 100; n += 1) {
          const [hour] = await ask("templates.timeSeries", { name: slug });
          if (hour.sent === 1) return;
          await new Promise((resolve) => setTimeout(resolve, 25));
        }
        throw new Error("what was sent is never counted");
      },
    },
    {
      name: "templates.render",
      group: "template",
      async run() {
        const { slug } = await add();
        const template_content = [{ name: "main", content: "<i>*|NAME|*</i>" }];
        const merge_vars = [{ name: "name", content: "<Ada>" }];
        const plain = await ask("templates.render", { template_name: slug, template_content });
        assert.equal(plain.html, '<h1>Hello *|NAME|*</h1><div mc:edit="main"><i>*|NAME|*</i></div>');
        const merged = await ask("templates.render", { template_name: slug, template_content, merge_vars });
        assert.equal(merged.html, '<h1>Hello &lt;Ada&gt;</h1><div mc:edit="main"><i>&lt;Ada&gt;</i></div>');
      },
    },
    ...["Info", "List", "Render", "TimeSeries"].map((name) => refused(ask, "other", `mctemplates.mcTemplates${name}`)),
    refused(ask, "other", "messages.sendMcTemplate", { message: MESSAGE }),
  ];
}
