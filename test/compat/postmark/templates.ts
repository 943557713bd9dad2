import assert from "node:assert/strict";
import { Models, type ServerClient } from "postmark";
import type { Call } from "../call.ts";

export function templates(client: ServerClient): Call[] {
  const given = { Name: "Welcome", Subject: "Hi {{name}}", HtmlBody: "<p>{{name}}</p>", TextBody: "{{name}}" };
  const made = async (): Promise<number> => (await client.createTemplate(given)).TemplateId;
  return [
    {
      name: "createTemplate",
      group: "template",
      note: "layouts are refused by name",
      async run() {
        const Alias = `welcome-${Date.now()}`;
        const template = await client.createTemplate({ ...given, Alias });
        assert.deepEqual([template.Name, template.Alias], ["Welcome", Alias]);
        assert.equal((await client.getTemplate(Alias)).TemplateId, template.TemplateId);
        await assert.rejects(client.createTemplate({ ...given, HtmlBody: "{{#each x}}" }), /line 1/);
        const layout = client.createTemplate({ ...given, TemplateType: Models.TemplateTypes.Layout });
        await assert.rejects(layout, /not supported/);
      },
    },
    {
      name: "getTemplate",
      group: "template",
      async run() {
        const { Subject, HtmlBody, TextBody, Active } = await client.getTemplate(await made());
        assert.deepEqual({ Name: given.Name, Subject, HtmlBody, TextBody }, given);
        assert.equal(Active, true);
      },
    },
    {
      name: "getTemplates",
      group: "template",
      async run() {
        const id = await made();
        const { TotalCount, Templates } = await client.getTemplates({ count: 500 });
        assert.ok(TotalCount >= 1 && Templates.some(({ TemplateId }) => TemplateId === id));
      },
    },
    {
      name: "editTemplate",
      group: "template",
      async run() {
        const id = await made();
        await client.editTemplate(id, { Name: "Other", Subject: "Ho {{name}}" });
        const { Name, Subject, HtmlBody } = await client.getTemplate(id);
        assert.deepEqual([Name, Subject, HtmlBody], ["Other", "Ho {{name}}", given.HtmlBody]);
      },
    },
    {
      name: "deleteTemplate",
      group: "template",
      async run() {
        const id = await made();
        await client.deleteTemplate(id);
        await assert.rejects(client.getTemplate(id), /not found/);
      },
    },
    {
      name: "validateTemplate",
      group: "template",
      async run() {
        const options = { Subject: "Hi {{name}}", HtmlBody: "{{#broken", TestRenderModel: { name: "Ada" } };
        const answer = await client.validateTemplate(options);
        assert.equal(answer.AllContentIsValid, false);
        assert.deepEqual([answer.Subject.RenderedContent, answer.HtmlBody.ContentIsValid], ["Hi Ada", false]);
      },
    },
  ];
}
