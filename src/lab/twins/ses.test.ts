import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  CreateConfigurationSetCommand,
  CreateEmailIdentityCommand,
  CreateEmailIdentityPolicyCommand,
  DeleteSuppressedDestinationCommand,
  GetAccountCommand,
  GetConfigurationSetCommand,
  GetConfigurationSetEventDestinationsCommand,
  GetEmailIdentityCommand,
  GetMessageInsightsCommand,
  GetSuppressedDestinationCommand,
  ListConfigurationSetsCommand,
  ListContactListsCommand,
  ListEmailIdentitiesCommand,
  ListEmailTemplatesCommand,
  ListExportJobsCommand,
  ListImportJobsCommand,
  ListSuppressedDestinationsCommand,
  PutSuppressedDestinationCommand,
  SendEmailCommand,
  SESv2Client,
} from "@aws-sdk/client-sesv2";
import { silentLog, systemClock } from "../../kernel/index.ts";
import type { Deliver } from "./deliver.ts";
import { SES_ACCESS_KEY_ID, SES_CONFIGURATION_SET, SES_READ_KEY_ID } from "./ses.ts";
import { type RunningTwin, startTwin } from "./twin.ts";

/** The official client against the twin: what it accepts, signs and understands is what the twin has to be. */
async function started(
  context: TestContext,
  credentials?: { accessKeyId: string; secretAccessKey: string },
  deliver?: Deliver,
) {
  const twin = await startTwin("ses", {
    clock: systemClock,
    log: silentLog,
    readKey: `${SES_READ_KEY_ID}:reading`,
    ...(deliver === undefined ? {} : { deliver }),
  });
  const client = new SESv2Client({
    endpoint: twin.baseUrl,
    region: "eu-central-1",
    maxAttempts: 1,
    credentials: credentials ?? { accessKeyId: SES_ACCESS_KEY_ID, secretAccessKey: twin.apiKey },
  });
  context.after(async () => {
    client.destroy();
    await twin.stop();
  });
  return { twin, client };
}

const RAW = Buffer.from("From: news@account.acme.example\r\nTo: a@b.example\r\nSubject: Hello\r\n\r\nBye\r\n");
const rawMessage = (more: Partial<SendEmailCommand["input"]> = {}) =>
  new SendEmailCommand({
    FromEmailAddress: "news@account.acme.example",
    Destination: { ToAddresses: ["a@b.example"] },
    Content: { Raw: { Data: RAW } },
    ...more,
  });
const suspendedBy = (variant: string) => (twin: RunningTwin) => twin.setFault({ mode: "suspended", variant });

test("the official client sends a raw message, with tags and a configuration set", async (context) => {
  const { twin, client } = await started(context);
  const answer = await client.send(
    rawMessage({
      ConfigurationSetName: SES_CONFIGURATION_SET,
      EmailTags: [{ Name: "postern_attempt", Value: "attempt-1" }],
    }),
  );
  const [sent] = twin.account.sent;
  assert.equal(answer.MessageId, sent?.id);
  assert.deepEqual(sent?.raw, RAW);
  assert.deepEqual(sent?.metadata, { postern_attempt: "attempt-1" });
});

test("the official client sends fields, and the twin makes a message of them", async (context) => {
  const { twin, client } = await started(context);
  await client.send(
    new SendEmailCommand({
      FromEmailAddress: "News <news@account.acme.example>",
      Destination: { ToAddresses: ["a@b.example"], BccAddresses: ["c@d.example"] },
      Content: { Simple: { Subject: { Data: "Hello" }, Body: { Text: { Data: "Bye" } } } },
    }),
  );
  const [sent] = twin.account.sent;
  assert.deepEqual(sent?.recipients, ["a@b.example", "c@d.example"]);
  assert.match(sent?.raw?.toString() ?? "", /^Subject: Hello\r$/m);
  assert.doesNotMatch(sent?.raw?.toString() ?? "", /c@d\.example/);
});

test("the official client understands each refusal by its name", async (context) => {
  const { twin, client } = await started(context);
  const names: [(twin: RunningTwin) => void, string, number][] = [
    [suspendedBy("account-suspended"), "AccountSuspendedException", 400],
    [suspendedBy("sending-paused"), "SendingPausedException", 400],
    [suspendedBy("message-rejected-paused"), "MessageRejected", 400],
    [() => twin.setFault({ mode: "429" }), "TooManyRequestsException", 429],
    [() => twin.setFault({ mode: "refusal", name: "quota" }), "LimitExceededException", 400],
    [
      () => twin.setFault({ mode: "refusal", name: "mail-from-not-verified" }),
      "MailFromDomainNotVerifiedException",
      400,
    ],
  ];
  for (const [bring, name, status] of names) {
    bring(twin);
    await assert.rejects(
      client.send(rawMessage()),
      (error: { name: string; $metadata: { httpStatusCode: number } }) => {
        assert.deepEqual([error.name, error.$metadata.httpStatusCode], [name, status]);
        return true;
      },
    );
  }
  twin.setFault({ mode: "ok" });
  await assert.rejects(client.send(rawMessage({ ConfigurationSetName: "none" })), { name: "NotFoundException" });
  const stranger = rawMessage({ FromEmailAddress: "a@stranger.example" });
  await assert.rejects(client.send(stranger), { name: "MessageRejected" });
  assert.equal(twin.account.sent.length, 0);
});

test("a wrong secret, an unknown key and a key that may only read do not send", async (context) => {
  const wrong = await started(context, { accessKeyId: SES_ACCESS_KEY_ID, secretAccessKey: "wrong" });
  await assert.rejects(wrong.client.send(rawMessage()), { name: "SignatureDoesNotMatch" });
  const unknown = await started(context, { accessKeyId: "AKIANOBODY", secretAccessKey: "lab-key-of-ses" });
  await assert.rejects(unknown.client.send(rawMessage()), { name: "UnrecognizedClientException" });
  const reader = await started(context, { accessKeyId: SES_READ_KEY_ID, secretAccessKey: "reading" });
  await assert.rejects(reader.client.send(rawMessage()), { name: "AccessDeniedException" });
  assert.equal((await reader.client.send(new GetAccountCommand({}))).SendingEnabled, true);
  reader.twin.account.readKeys.clear();
  await assert.rejects(reader.client.send(new GetAccountCommand({})), { name: "UnrecognizedClientException" });
});

test("the official client reads and changes the account", async (context) => {
  const { twin, client } = await started(context);
  await client.send(new CreateEmailIdentityCommand({ EmailIdentity: "someone+tag@other.example" }));
  await client.send(
    new CreateEmailIdentityPolicyCommand({
      EmailIdentity: "someone+tag@other.example",
      PolicyName: "other",
      Policy: '{"Statement":{"Principal":{"AWS":"666666666666"}}}',
    }),
  );
  const { EmailIdentities } = await client.send(new ListEmailIdentitiesCommand({}));
  assert.deepEqual(
    EmailIdentities?.map(({ IdentityName, IdentityType }) => [IdentityName, IdentityType]),
    [
      ["account.acme.example", "DOMAIN"],
      ["someone+tag@other.example", "EMAIL_ADDRESS"],
    ],
  );
  const identity = await client.send(new GetEmailIdentityCommand({ EmailIdentity: "someone+tag@other.example" }));
  assert.deepEqual(Object.keys(identity.Policies ?? {}), ["other"]);

  await client.send(new CreateConfigurationSetCommand({ ConfigurationSetName: "second" }));
  const sets = await client.send(new ListConfigurationSetsCommand({}));
  assert.deepEqual(sets.ConfigurationSets, [SES_CONFIGURATION_SET, "second"]);
  const set = await client.send(new GetConfigurationSetCommand({ ConfigurationSetName: SES_CONFIGURATION_SET }));
  assert.equal(set.DeliveryOptions?.TlsPolicy, "REQUIRE");
  twin.insider.addWebhook("https://evil.example/hook");
  const ends = await client.send(
    new GetConfigurationSetEventDestinationsCommand({ ConfigurationSetName: SES_CONFIGURATION_SET }),
  );
  assert.equal(ends.EventDestinations?.length, 1);

  const victim = { EmailAddress: "victim@example.net" };
  await client.send(new PutSuppressedDestinationCommand({ ...victim, Reason: "COMPLAINT" }));
  const one = await client.send(new GetSuppressedDestinationCommand(victim));
  assert.equal(one.SuppressedDestination?.Reason, "COMPLAINT");
  const list = await client.send(new ListSuppressedDestinationsCommand({ PageSize: 1 }));
  assert.equal(list.SuppressedDestinationSummaries?.[0]?.EmailAddress, "victim@example.net");
  await client.send(new DeleteSuppressedDestinationCommand(victim));
  await assert.rejects(client.send(new GetSuppressedDestinationCommand(victim)), { name: "NotFoundException" });

  twin.insider.exportRecipients();
  assert.equal((await client.send(new ListExportJobsCommand({}))).ExportJobs?.length, 1);
  assert.deepEqual((await client.send(new ListImportJobsCommand({}))).ImportJobs, []);
  assert.deepEqual((await client.send(new ListEmailTemplatesCommand({}))).TemplatesMetadata, []);
  assert.deepEqual((await client.send(new ListContactListsCommand({}))).ContactLists, []);

  const { MessageId } = await client.send(rawMessage());
  const insights = await client.send(new GetMessageInsightsCommand({ MessageId }));
  assert.equal(insights.Subject, "Hello");
});

test("whom the account's list names gets nothing, and the answer is the same", async (context) => {
  const { twin, client } = await started(context);
  twin.insider.suppress("a@b.example");
  assert.ok((await client.send(rawMessage())).MessageId);
  assert.equal(twin.account.sent[0]?.state, "dropped");
});

test("a sender given beside a raw message takes the place of its author, and a stranger's return path is refused", async (context) => {
  const { twin, client } = await started(context);
  await client.send(rawMessage({ FromEmailAddress: "Somebody <else@account.acme.example>" }));
  assert.match(twin.account.sent[0]?.raw?.toString() ?? "", /^From: Somebody <else@account\.acme\.example>\r$/m);
  const forwarded = rawMessage({ FeedbackForwardingEmailAddress: "a@stranger.example" });
  await assert.rejects(client.send(forwarded), { name: "MessageRejected" });
});

test("what leaves has a Message-ID and a Date of SES's own, and the rest as it was", async (context) => {
  const left: string[] = [];
  const { twin, client } = await started(context, undefined, async (message) => {
    left.push(message.outgoing?.toString() ?? "");
  });
  const given =
    "From: news@account.acme.example\r\nMessage-ID: <1@acme>\r\nDate: Tue, 1 Jan 2019 00:00:00 +0000\r\nX-Postern-Id: s-1\r\n\r\nBye\r\n";
  await client.send(rawMessage({ Content: { Raw: { Data: Buffer.from(given) } } }));
  const [text = ""] = left;
  assert.match(text, new RegExp(`^Message-ID: <${twin.account.sent[0]?.id}@eu-central-1\\.amazonses\\.com>\r$`, "m"));
  assert.doesNotMatch(text, /<1@acme>|2019/);
  assert.match(text, /^From: news@account\.acme\.example\r\nX-Postern-Id: s-1\r\n/);
  assert.ok(text.endsWith("\r\n\r\nBye\r\n"));
});
