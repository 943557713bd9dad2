import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-sesv2";
import type { Call, CallGroup, ClientCalls } from "./call.ts";
import { type CompatWorld, DOMAIN, KEYS } from "./world.ts";

const notSupported = (error: unknown): boolean =>
  (error as Error).name === "UnknownOperationException" && /not supported by this server/.test(String(error));

const FROM = `Acme <hello@${DOMAIN}>`;
const TO = { ToAddresses: ["ada@example.com"] };
const TEMPLATE = { TemplateName: "confirm", TemplateContent: { Subject: "Hello {{name}}", Text: "Click, {{name}}" } };

/** Every operation of the client: those that are done here, and the rest, which has to be refused by name. */
export function sesCalls({ url }: CompatWorld): ClientCalls {
  const client = new sdk.SESv2Client({ endpoint: url, region: "eu-central-1", credentials: KEYS.aws, maxAttempts: 1 });
  const done = doneHere(client);
  return {
    vendor: "Amazon SES",
    client: "@aws-sdk/client-sesv2",
    calls: [...done, refusedHere(client, new Set(done.map(({ name }) => name)))],
  };
}

function doneHere(client: sdk.SESv2Client): Call[] {
  const call = (group: CallGroup, name: string, run: () => Promise<unknown>, note?: string): Call => ({
    name,
    group,
    run,
    ...(note === undefined ? {} : { note }),
  });
  const send = async (Content: sdk.EmailContent): Promise<string> => {
    const { MessageId } = await client.send(
      new sdk.SendEmailCommand({ FromEmailAddress: FROM, Destination: TO, Content }),
    );
    assert.match(MessageId!, /^[0-9a-f-]{36}$/);
    return MessageId!;
  };
  const simple = { Simple: { Subject: { Data: "Confirm" }, Body: { Text: { Data: "Click" } } } };
  const EmailAddress = "blocked@example.com";
  return [
    call("template", "CreateEmailTemplate", () => client.send(new sdk.CreateEmailTemplateCommand(TEMPLATE))),
    call("template", "GetEmailTemplate", async () => {
      const found = await client.send(new sdk.GetEmailTemplateCommand(TEMPLATE));
      assert.deepEqual(found.TemplateContent, TEMPLATE.TemplateContent);
    }),
    call("template", "ListEmailTemplates", async () => {
      const { TemplatesMetadata: all } = await client.send(new sdk.ListEmailTemplatesCommand({}));
      assert.ok(all!.some((one) => one.TemplateName === "confirm"));
    }),
    call("template", "UpdateEmailTemplate", () => client.send(new sdk.UpdateEmailTemplateCommand(TEMPLATE))),
    call("template", "TestRenderEmailTemplate", async () => {
      const input = { ...TEMPLATE, TemplateData: '{"name":"Ada"}' };
      const { RenderedTemplate } = await client.send(new sdk.TestRenderEmailTemplateCommand(input));
      assert.match(RenderedTemplate!, /Hello Ada/);
    }),
    call(
      "message",
      "SendEmail",
      async () => {
        await send(simple);
        await send({ Raw: { Data: Buffer.from(`From: ${FROM}\nTo: ada@example.com\nSubject: x\n\nx\n`) } });
        await send({ Template: { TemplateName: "confirm", TemplateData: '{"name":"Ada"}' } });
      },
      "Simple, Raw, Template; not `ListManagementOptions`, `TenantName`, `EndpointId`",
    ),
    call("message", "SendBulkEmail", async () => {
      const Template = { TemplateName: "confirm", TemplateData: '{"name":"Ada"}' };
      const input = { FromEmailAddress: FROM, DefaultContent: { Template }, BulkEmailEntries: [{ Destination: TO }] };
      const { BulkEmailEntryResults: results } = await client.send(new sdk.SendBulkEmailCommand(input));
      assert.equal(results![0]!.Status, "SUCCESS");
    }),
    call("message", "GetMessageInsights", async () => {
      const MessageId = await send(simple);
      const found = await client.send(new sdk.GetMessageInsightsCommand({ MessageId }));
      assert.equal(found.Insights![0]!.Destination, "ada@example.com");
    }),
    call("template", "DeleteEmailTemplate", () => client.send(new sdk.DeleteEmailTemplateCommand(TEMPLATE))),
    call("suppression", "PutSuppressedDestination", () =>
      client.send(new sdk.PutSuppressedDestinationCommand({ EmailAddress, Reason: "COMPLAINT" })),
    ),
    call("suppression", "GetSuppressedDestination", async () => {
      const { SuppressedDestination: found } = await client.send(
        new sdk.GetSuppressedDestinationCommand({ EmailAddress }),
      );
      assert.equal(found!.Reason, "COMPLAINT");
    }),
    call("suppression", "ListSuppressedDestinations", async () => {
      const listed = await client.send(new sdk.ListSuppressedDestinationsCommand({ Reasons: ["COMPLAINT"] }));
      assert.ok(listed.SuppressedDestinationSummaries!.some((one) => one.EmailAddress === EmailAddress));
    }),
    call("suppression", "DeleteSuppressedDestination", () =>
      client.send(new sdk.DeleteSuppressedDestinationCommand({ EmailAddress })),
    ),
    call("other", "GetAccount", () => client.send(new sdk.GetAccountCommand({}))),
    call(
      "other",
      "ListEmailIdentities",
      () => client.send(new sdk.ListEmailIdentitiesCommand({})),
      "the tenant's domains",
    ),
    call("other", "GetEmailIdentity", () => client.send(new sdk.GetEmailIdentityCommand({ EmailIdentity: DOMAIN }))),
    call(
      "other",
      "ListConfigurationSets",
      () => client.send(new sdk.ListConfigurationSetsCommand({})),
      "the tenant's streams",
    ),
    call("other", "GetConfigurationSet", () =>
      client.send(new sdk.GetConfigurationSetCommand({ ConfigurationSetName: "confirmations" })),
    ),
    call("other", "GetConfigurationSetEventDestinations", () =>
      client.send(new sdk.GetConfigurationSetEventDestinationsCommand({ ConfigurationSetName: "confirmations" })),
    ),
  ];
}

/** Something for each part of a path that an operation may have. */
const INPUT = Object.fromEntries(
  [
    ["JobId", "ConfigurationSetName", "EventDestinationName", "ContactListName", "EmailAddress", "TemplateName"],
    ["PoolName", "EmailIdentity", "PolicyName", "Ip", "ReportId", "CampaignId", "Domain", "MessageId", "EndpointName"],
    ["ReputationEntityType", "ReputationEntityReference", "SubscribedDomain", "ResourceArn"],
  ].flatMap((names) => names.map((name) => [name, "x"])),
);

type AnyCommand = new (input: unknown) => Parameters<sdk.SESv2Client["send"]>[0];

/** All that is left, as one line of the table: each has to be refused by name. */
function refusedHere(client: sdk.SESv2Client, done: ReadonlySet<string>): Call {
  const commands = Object.entries(sdk).filter(([exported]) => {
    const name = /^([A-Z]\w+)Command$/.exec(exported)?.[1];
    return name !== undefined && !done.has(name);
  });
  const input = { ...INPUT, StartDate: new Date(0), EndDate: new Date(0), BlacklistItemNames: ["x"], TagKeys: ["x"] };
  return {
    name: `the other ${commands.length} operations`,
    group: "other",
    note: "contact lists, tenants, identities and configuration sets to be written, deliverability, jobs",
    refused: notSupported,
    async run() {
      let last: unknown;
      for (const [name, made] of commands) {
        const command = new (made as unknown as AnyCommand)(input);
        last = await client.send(command).then(
          () => new Error(`${name} was answered`),
          (error: unknown) => error,
        );
        if (!notSupported(last)) break;
      }
      throw last;
    },
  };
}
