import assert from "node:assert/strict";
import { ServerClient } from "postmark";
import type { Call, ClientCalls } from "./call.ts";
import { others } from "./postmark/others.ts";
import { EMAIL, STREAM, notSupported } from "./postmark/shared.ts";
import { bounces, suppressions } from "./postmark/suppressions.ts";
import { templates } from "./postmark/templates.ts";
import { type CompatWorld, KEYS } from "./world.ts";

export function postmarkCalls(world: CompatWorld): ClientCalls {
  const client = new ServerClient(KEYS.plain, { useHttps: false, requestHost: world.host });
  return {
    vendor: "Postmark",
    client: "postmark",
    calls: [
      ...emails(client),
      ...messages(client, world),
      ...templates(client),
      ...bounces(client, world),
      ...suppressions(client),
      {
        name: "getOutboundMessageDump",
        group: "content",
        run: () => client.getOutboundMessageDump("x"),
        refused: notSupported,
      },
      ...others(client),
    ],
  };
}

function emails(client: ServerClient): Call[] {
  const template = async (): Promise<number> =>
    (await client.createTemplate({ Name: "Hi", Subject: "Hi {{name}}", HtmlBody: "<p>{{name}}</p>" })).TemplateId;
  return [
    {
      name: "sendEmail",
      group: "message",
      note: "with tags, metadata, attachments, headers and a stream of the tenant",
      async run() {
        const sent = await client.sendEmail({
          ...EMAIL,
          Tag: "welcome",
          Metadata: { user: "7" },
          MessageStream: STREAM,
          Attachments: [
            { Name: "a.txt", Content: Buffer.from("a").toString("base64"), ContentType: "text/plain", ContentID: null },
          ],
        });
        assert.deepEqual([sent.ErrorCode, sent.To], [0, EMAIL.To]);
        const there = await client.getOutboundMessageDetails(sent.MessageID);
        assert.deepEqual([there.Tag, there.Metadata, there.MessageStream], ["welcome", { user: "7" }, STREAM]);
        await assert.rejects(client.sendEmail({ ...EMAIL, MessageStream: "nobody-has-it" }), /does not exist/);
      },
    },
    {
      name: "sendEmailBatch",
      group: "message",
      async run() {
        const [good, bad] = await client.sendEmailBatch([EMAIL, { ...EMAIL, To: "nobody" }]);
        assert.equal(good!.ErrorCode, 0);
        assert.equal(bad!.ErrorCode, 300);
      },
    },
    {
      name: "sendEmailWithTemplate",
      group: "message",
      async run() {
        const TemplateId = await template();
        const sent = await client.sendEmailWithTemplate({ ...EMAIL, TemplateId, TemplateModel: { name: "Ada" } });
        assert.equal(sent.ErrorCode, 0);
        const unknown = client.sendEmailWithTemplate({ ...EMAIL, TemplateAlias: "none", TemplateModel: {} });
        await assert.rejects(unknown, /not found/);
      },
    },
    {
      name: "sendEmailBatchWithTemplates",
      group: "message",
      async run() {
        const TemplateId = await template();
        const sent = await client.sendEmailBatchWithTemplates([
          { ...EMAIL, TemplateId, TemplateModel: { name: "Ada" } },
          { ...EMAIL, TemplateAlias: "none", TemplateModel: {} },
        ]);
        assert.deepEqual(
          sent.map(({ ErrorCode }) => ErrorCode),
          [0, 1101],
        );
      },
    },
    {
      name: "sendBulkEmail",
      group: "message",
      async run() {
        const { Id, Status } = await client.sendBulkEmail(bulk);
        assert.equal(Status, "Accepted");
        assert.match(Id, /^[0-9a-f-]{36}$/);
      },
    },
    {
      name: "getBulkEmailStatus",
      group: "message",
      async run() {
        const { Id } = await client.sendBulkEmail(bulk);
        const status = await client.getBulkEmailStatus(Id);
        assert.deepEqual([status.Id, status.TotalMessages], [Id, 2]);
      },
    },
  ];
}
const bulk = {
  From: EMAIL.From,
  Subject: "Hi {{name}}",
  TextBody: "Hello {{name}}",
  Messages: [
    { To: "ada@example.com", TemplateModel: { name: "Ada" } },
    { To: "bob@example.com", TemplateModel: { name: "Bob" } },
  ],
};

function messages(client: ServerClient, { told }: CompatWorld): Call[] {
  const sentTo = async (To: string): Promise<string> => (await client.sendEmail({ ...EMAIL, To })).MessageID;
  return [
    {
      name: "getOutboundMessages",
      group: "message",
      note: "by recipient, sender, tag, stream, time, metadata; subjects are not kept",
      async run() {
        const ids = [await sentTo("list@example.com"), await sentTo("list@example.com")];
        const found = await client.getOutboundMessages({ recipient: "list@example.com", count: 1, offset: 1 });
        assert.deepEqual([Number(found.TotalCount), found.Messages[0]!.MessageID], [2, ids[0]]);
        assert.equal((await client.getOutboundMessages({ tag: "no-such-tag" })).Messages.length, 0);
      },
    },
    {
      name: "getOutboundMessageDetails",
      group: "message",
      async run() {
        const id = await sentTo("detail@example.com");
        await told(id, "message.delivered");
        const { MessageEvents, Recipients } = await client.getOutboundMessageDetails(id);
        assert.deepEqual(Recipients, ["detail@example.com"]);
        assert.ok(MessageEvents.some(({ Type }) => Type === "Delivered"));
      },
    },
    ...(["Opens", "Clicks"] as const).flatMap((what): Call[] => {
      const kind = what === "Opens" ? "message.opened" : "message.clicked";
      const rows = (answer: object): { MessageID: string }[] =>
        (answer as Record<string, { MessageID: string }[]>)[what]!;
      return [
        {
          name: `getMessage${what}`,
          group: "message",
          async run() {
            const id = await sentTo(`${what}@example.com`);
            await told(id, kind);
            const all = await client[`getMessage${what}`]({ recipient: `${what}@example.com` });
            assert.deepEqual([all.TotalCount, rows(all)[0]!.MessageID], [1, id]);
          },
        },
        {
          name: `getMessage${what}ForSingleMessage`,
          group: "message",
          async run() {
            const id = await sentTo("single@example.com");
            assert.equal((await client[`getMessage${what}ForSingleMessage`](id)).TotalCount, 0);
            await told(id, kind);
            assert.equal((await client[`getMessage${what}ForSingleMessage`](id)).TotalCount, 1);
          },
        },
      ];
    }),
  ];
}
