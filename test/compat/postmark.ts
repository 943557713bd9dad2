import assert from "node:assert/strict";
import { Models, ServerClient } from "postmark";
import type { Call, ClientCalls } from "./call.ts";
import { type CompatWorld, DOMAIN, KEYS } from "./world.ts";

const notSupported = (error: unknown): boolean => /not supported by this server/.test(String(error));
const EMAIL = { From: `hello@${DOMAIN}`, To: "ada@example.com", Subject: "Confirm", TextBody: "Click" };
const STREAM = "confirmations";

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

function templates(client: ServerClient): Call[] {
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

function bounces(client: ServerClient, { told }: CompatWorld): Call[] {
  let n = 0;
  const bounced = async (): Promise<{ id: number; address: string; message: string }> => {
    const address = `gone${(n += 1)}@example.com`;
    const { MessageID: message } = await client.sendEmail({ ...EMAIL, To: address });
    await told(message, "message.bounced");
    const { Bounces } = await client.getBounces({ messageID: message });
    return { id: Bounces[0]!.ID, address, message };
  };
  return [
    {
      name: "getBounces",
      group: "suppression",
      async run() {
        const { address, message } = await bounced();
        const hard = await client.getBounces({ emailFilter: address, type: "HardBounce" as Models.BounceType });
        assert.deepEqual([hard.TotalCount, hard.Bounces[0]!.MessageID], [1, message]);
        const soft = await client.getBounces({ emailFilter: address, type: "SoftBounce" as Models.BounceType });
        assert.equal(soft.TotalCount, 0);
      },
    },
    {
      name: "getBounce",
      group: "suppression",
      async run() {
        const { id, address } = await bounced();
        const bounce = await client.getBounce(id);
        assert.deepEqual([bounce.ID, bounce.Email, bounce.Type], [id, address, "HardBounce"]);
        await assert.rejects(client.getBounce(999_999_999), /not found/);
      },
    },
    {
      name: "getBounceDump",
      group: "suppression",
      note: "empty: `DumpAvailable` is false",
      async run() {
        assert.equal((await client.getBounceDump((await bounced()).id)).Body, "");
      },
    },
    {
      name: "activateBounce",
      group: "suppression",
      async run() {
        const { id, address } = await bounced();
        await client.createSuppressions(STREAM, { Suppressions: [{ EmailAddress: address }] });
        assert.equal((await client.getBounce(id)).Inactive, true);
        assert.equal((await client.activateBounce(id)).Bounce.Inactive, false);
        assert.equal((await client.getSuppressions(STREAM, { emailAddress: address })).Suppressions.length, 0);
      },
    },
    {
      name: "getDeliveryStatistics",
      group: "suppression",
      async run() {
        await bounced();
        const { Bounces } = await client.getDeliveryStatistics();
        assert.ok(Bounces.find(({ Name }) => Name === "All")!.Count >= 1);
      },
    },
  ];
}

function suppressions(client: ServerClient): Call[] {
  const address = "leaver@example.com";
  const list = { Suppressions: [{ EmailAddress: address }] };
  const there = async (): Promise<number> =>
    (await client.getSuppressions("outbound", { emailAddress: address })).Suppressions.length;
  return [
    {
      name: "createSuppressions",
      group: "suppression",
      note: "one list for all streams",
      async run() {
        const both = { Suppressions: [...list.Suppressions, { EmailAddress: "no address" }] };
        const answer = await client.createSuppressions("outbound", both);
        assert.deepEqual(
          answer.Suppressions.map(({ Status }) => Status),
          ["Suppressed", "Failed"],
        );
        assert.equal(await there(), 1);
      },
    },
    {
      name: "getSuppressions",
      group: "suppression",
      async run() {
        await client.createSuppressions("outbound", list);
        const { Suppressions } = await client.getSuppressions("outbound", { emailAddress: address });
        assert.equal(Suppressions[0]!.SuppressionReason, "ManualSuppression");
      },
    },
    {
      name: "deleteSuppressions",
      group: "suppression",
      async run() {
        await client.createSuppressions("outbound", list);
        assert.equal((await client.deleteSuppressions("outbound", list)).Suppressions[0]!.Status, "Deleted");
        assert.equal(await there(), 0);
      },
    },
  ];
}

function others(client: ServerClient): Call[] {
  const refused = (name: string, run: () => Promise<unknown>): Call => ({
    name,
    group: "other",
    run,
    refused: notSupported,
  });
  const url = "https://acme.example/x";
  return [
    {
      name: "getServer",
      group: "other",
      async run() {
        assert.equal((await client.getServer()).Name, "acme");
      },
    },
    {
      name: "getMessageStreams",
      group: "other",
      note: "those of the configuration",
      async run() {
        const { MessageStreams } = await client.getMessageStreams();
        assert.ok(MessageStreams.some(({ ID }) => ID === STREAM));
      },
    },
    {
      name: "getMessageStream",
      group: "other",
      async run() {
        assert.equal((await client.getMessageStream(STREAM)).MessageStreamType, "Transactional");
      },
    },
    refused("createMessageStream", () =>
      client.createMessageStream({ ID: "x", Name: "x", MessageStreamType: "Transactional" }),
    ),
    refused("editMessageStream", () => client.editMessageStream(STREAM, { Name: "x" })),
    refused("archiveMessageStream", () => client.archiveMessageStream(STREAM)),
    refused("unarchiveMessageStream", () => client.unarchiveMessageStream(STREAM)),
    refused("editServer", () => client.editServer({ Name: "x" })),
    refused("getWebhooks", () => client.getWebhooks()),
    refused("getWebhook", () => client.getWebhook(1)),
    refused("createWebhook", () => client.createWebhook({ Url: url })),
    refused("editWebhook", () => client.editWebhook(1, { Url: url })),
    refused("deleteWebhook", () => client.deleteWebhook(1)),
    refused("getInboundMessages", () => client.getInboundMessages()),
    refused("getInboundMessageDetails", () => client.getInboundMessageDetails("x")),
    refused("bypassBlockedInboundMessage", () => client.bypassBlockedInboundMessage("x")),
    refused("retryInboundHookForMessage", () => client.retryInboundHookForMessage("x")),
    refused("createInboundRuleTrigger", () => client.createInboundRuleTrigger({ Rule: "x" })),
    refused("deleteInboundRuleTrigger", () => client.deleteInboundRuleTrigger(1)),
    refused("getInboundRuleTriggers", () => client.getInboundRuleTriggers()),
    ...(
      [
        "getOutboundOverview",
        "getSentCounts",
        "getBounceCounts",
        "getSpamComplaintsCounts",
        "getTrackedEmailCounts",
        "getEmailOpenCounts",
        "getEmailOpenPlatformUsage",
        "getEmailOpenClientUsage",
        "getEmailOpenReadTimes",
        "getClickCounts",
        "getClickBrowserUsage",
        "getClickPlatformUsage",
        "getClickLocation",
      ] as const
    ).map((name) => refused(name, () => client[name]())),
  ];
}
