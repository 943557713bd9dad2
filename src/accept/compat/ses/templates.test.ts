import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import {
  CreateEmailTemplateCommand,
  DeleteEmailTemplateCommand,
  GetEmailTemplateCommand,
  ListEmailTemplatesCommand,
  SESv2Client,
  SendBulkEmailCommand,
  type SendBulkEmailCommandInput,
  SendEmailCommand,
  type SendEmailCommandInput,
  TestRenderEmailTemplateCommand,
  UpdateEmailTemplateCommand,
} from "@aws-sdk/client-sesv2";
import { type CompatDoor, compatDoor } from "../../../../test/support/compat-door.ts";
import { AWS_KEY, refusal } from "../../../../test/support/http-door.ts";
import { registerSes } from "./index.ts";

let compat: CompatDoor;
let ses: SESv2Client;
const TemplateName = "Welcome_1";
const TemplateContent = { Subject: "Hello {{name}}", Text: "Hi {{name}}", Html: "<p>Hi {{name}}</p>" };
before(async () => {
  compat = await compatDoor(registerSes);
  ses = new SESv2Client({ endpoint: compat.door.url, region: "eu-west-1", credentials: AWS_KEY, maxAttempts: 1 });
  await ses.send(new CreateEmailTemplateCommand({ TemplateName, TemplateContent, Tags: [{ Key: "k", Value: "v" }] }));
});
after(async () => {
  ses.destroy();
  await compat.door.stop();
});
afterEach(() => {
  compat.port.submissions.length = 0;
  compat.port.answers.length = 0;
});

const nameOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => assert.fail("was taken"),
    (error: Error) => `${error.name}: ${error.message}`,
  );
const texts = () => compat.port.submissions.map((one) => one.raw.toString());

describe("the official client of Amazon SES keeps templates", () => {
  test("creates one once, and reads it as it was given", async () => {
    const found = await ses.send(new GetEmailTemplateCommand({ TemplateName }));
    assert.deepEqual(
      [found.TemplateName, found.TemplateContent, found.Tags],
      [TemplateName, TemplateContent, [{ Key: "k", Value: "v" }]],
    );
    const again = ses.send(new CreateEmailTemplateCommand({ TemplateName, TemplateContent }));
    assert.match(await nameOf(again), /^AlreadyExistsException/);
  });

  test("updates, lists page by page, and deletes", async () => {
    const other = { TemplateName: "other", TemplateContent: { Subject: "a", Text: "b" } };
    await ses.send(new CreateEmailTemplateCommand(other));
    await ses.send(new UpdateEmailTemplateCommand({ ...other, TemplateContent: { Subject: "c", Html: "<b>d</b>" } }));
    const found = await ses.send(new GetEmailTemplateCommand({ TemplateName: "other" }));
    assert.deepEqual(found.TemplateContent, { Subject: "c", Html: "<b>d</b>" });
    const first = await ses.send(new ListEmailTemplatesCommand({ PageSize: 1 }));
    const rest = await ses.send(new ListEmailTemplatesCommand({ NextToken: first.NextToken }));
    const names = [...first.TemplatesMetadata!, ...rest.TemplatesMetadata!].map((one) => one.TemplateName);
    assert.deepEqual(names, [TemplateName, "other"]);
    assert.ok(first.TemplatesMetadata![0]!.CreatedTimestamp instanceof Date);
    await ses.send(new DeleteEmailTemplateCommand({ TemplateName: "other" }));
    for (const call of [
      ses.send(new GetEmailTemplateCommand({ TemplateName: "other" })),
      ses.send(new DeleteEmailTemplateCommand({ TemplateName: "other" })),
      ses.send(new UpdateEmailTemplateCommand(other)),
      ses.send(new TestRenderEmailTemplateCommand({ TemplateName: "other", TemplateData: "{}" })),
    ]) {
      assert.match(await nameOf(call), /^NotFoundException: Template other does not exist/);
    }
  });

  test("is told what is wrong with a name or a template", async () => {
    const named = (name: string) => ses.send(new CreateEmailTemplateCommand({ TemplateName: name, TemplateContent }));
    assert.match(await nameOf(named("with space")), /^BadRequestException: TemplateName/);
    const broken = { TemplateName: "broken", TemplateContent: { Subject: "{{#if}", Text: "x" } };
    assert.match(await nameOf(ses.send(new CreateEmailTemplateCommand(broken))), /^BadRequestException: The template/);
  });

  test("renders one for a look, and is told of a value that is not there", async () => {
    const render = (TemplateData: string) =>
      ses.send(new TestRenderEmailTemplateCommand({ TemplateName, TemplateData }));
    const { RenderedTemplate: mail } = await render('{"name":"Ada & Co"}');
    assert.match(mail!, /^Subject: Hello Ada & Co\r\nMIME-Version: 1\.0\r\n/);
    assert.match(mail!, /<p>Hi Ada &amp; Co<\/p>/);
    assert.match(await nameOf(render("{}")), /^BadRequestException: The template cannot be used: subject, line 1/);
    assert.match(await nameOf(render("[]")), /^BadRequestException: TemplateData must be a JSON object/);
  });
});

const mail = (template: object): SendEmailCommandInput => ({
  FromEmailAddress: "app@acme.test",
  Destination: { ToAddresses: ["ada@example.com"] },
  Content: { Template: { TemplateData: '{"name":"Ada"}', ...template } },
});

describe("the official client of Amazon SES sends by template", () => {
  test("one that is kept, or one that comes along, with attachments and fields of the message", async () => {
    const attached = {
      Attachments: [{ RawContent: Buffer.from("x"), FileName: "a.txt" }],
      Headers: [{ Name: "X-Kind", Value: "a" }],
    };
    await ses.send(new SendEmailCommand(mail({ TemplateName, ...attached })));
    await ses.send(new SendEmailCommand(mail({ TemplateContent: { Subject: "To {{name}}", Text: "x" } })));
    const [kept, brought] = texts();
    assert.match(kept!, /\r\nSubject: Hello Ada\r\n/);
    assert.match(kept!, /\r\nX-Kind: a\r\n/);
    assert.match(kept!, /filename="a\.txt"/);
    assert.match(brought!, /\r\nSubject: To Ada\r\n/);
  });

  test("and is told what cannot be done, before anything is sent", async () => {
    const send = (template: object) => nameOf(ses.send(new SendEmailCommand(mail(template))));
    assert.match(await send({ TemplateName: "nothing" }), /^NotFoundException/);
    assert.match(await send({ TemplateName, TemplateData: "{" }), /^BadRequestException: TemplateData/);
    assert.match(await send({ TemplateName, TemplateData: "{}" }), /^BadRequestException: The template/);
    assert.match(await send({ TemplateArn: "arn:aws:ses:eu-west-1:1:template/x" }), /TemplateArn without TemplateName/);
    assert.equal(compat.port.submissions.length, 0);
  });

  test("a value cannot write into the header", async () => {
    const TemplateData = JSON.stringify({ name: "x\r\nBcc: eve@evil.test" });
    await ses.send(new SendEmailCommand(mail({ TemplateName, TemplateData })));
    const [header] = texts()[0]!.split("\r\n\r\n");
    assert.match(header!, /\r\nSubject: Hello x Bcc: eve@evil\.test\r\n/);
    assert.doesNotMatch(header!, /^Bcc:/m);
  });
});

const bulk = (change: Partial<SendBulkEmailCommandInput> = {}): SendBulkEmailCommandInput => ({
  FromEmailAddress: "app@acme.test",
  DefaultEmailTags: [{ Name: "kind", Value: "news" }],
  DefaultContent: {
    Template: { TemplateName, TemplateData: '{"name":"friend"}', Headers: [{ Name: "X-A", Value: "1" }] },
  },
  BulkEmailEntries: [
    {
      Destination: { ToAddresses: ["ada@example.com"] },
      ReplacementTags: [{ Name: "user", Value: "7" }],
      ReplacementEmailContent: { ReplacementTemplate: { ReplacementTemplateData: '{"name":"Ada"}' } },
      ReplacementHeaders: [{ Name: "X-A", Value: "2" }],
    },
    { Destination: { ToAddresses: ["bob@example.com"] } },
  ],
  ...change,
});
const send = (input: SendBulkEmailCommandInput) => ses.send(new SendBulkEmailCommand(input));

describe("the official client of Amazon SES sends to many", () => {
  test("one message each, with its own values, tags and fields", async () => {
    const { BulkEmailEntryResults: results } = await send(bulk());
    assert.deepEqual(
      results!.map((one) => one.Status),
      ["SUCCESS", "SUCCESS"],
    );
    assert.notEqual(results![0]!.MessageId, results![1]!.MessageId);
    const [ada, bob] = texts();
    assert.match(ada!, /\r\nTo: ada@example\.com\r\nSubject: Hello Ada\r\nX-A: 2\r\n/);
    assert.match(bob!, /\r\nTo: bob@example\.com\r\nSubject: Hello friend\r\nX-A: 1\r\n/);
    assert.deepEqual(
      compat.port.submissions.map((one) => one.tags),
      [{ kind: "news", user: "7" }, { kind: "news" }],
    );
    assert.notEqual(compat.port.submissions[0]!.idempotency!.key, compat.port.submissions[1]!.idempotency!.key);
  });

  test("what is wrong with one is told of that one", async () => {
    compat.port.answers.push(null, refusal("author-not-allowed", 403), refusal("intake-busy", 503));
    const entry = { Destination: { ToAddresses: ["ada@example.com"] } };
    const broken = { ReplacementEmailContent: { ReplacementTemplate: { ReplacementTemplateData: "{" } } };
    const entries = [entry, entry, entry, { ...entry, ...broken }, { Destination: { ToAddresses: ["nobody"] } }];
    const { BulkEmailEntryResults: results } = await send(bulk({ BulkEmailEntries: entries }));
    assert.deepEqual(
      results!.map((one) => one.Status),
      ["SUCCESS", "MAIL_FROM_DOMAIN_NOT_VERIFIED", "ACCOUNT_THROTTLED", "INVALID_PARAMETER", "INVALID_PARAMETER"],
    );
    assert.equal(compat.port.submissions.length, 1);
  });

  test("an entry that goes to a stream of secrets by a field of its own is held to the rules of secrets", async () => {
    const raw = { Subject: "Code", Html: "<p>{{{code}}}</p>" };
    const toSecrets = [{ Name: "X-Postern-Stream", Value: "security" }];
    const values = { ReplacementTemplate: { ReplacementTemplateData: '{"code":"<a href=//evil.test>here</a>"}' } };
    const entry = { Destination: { ToAddresses: ["ada@example.com"] }, ReplacementEmailContent: values };
    const { BulkEmailEntryResults: results } = await send(
      bulk({
        DefaultContent: { Template: { TemplateContent: raw, TemplateData: "{}" } },
        BulkEmailEntries: [{ ...entry, ReplacementHeaders: toSecrets }, entry],
      }),
    );
    assert.deepEqual(
      results!.map((one) => one.Status),
      ["INVALID_PARAMETER", "SUCCESS"],
    );
    assert.deepEqual(
      compat.port.submissions.map((one) => one.stream),
      [undefined],
    );
  });

  test("what is wrong with all is an error of the call", async () => {
    const content = (template: object) => ({ DefaultContent: { Template: template } });
    assert.match(await nameOf(send(bulk(content({ TemplateName: "nothing" })))), /^NotFoundException/);
    assert.match(await nameOf(send(bulk({ TenantName: "x" }))), /TenantName is not supported/);
    const many = Array.from({ length: 51 }, () => ({ Destination: { ToAddresses: ["ada@example.com"] } }));
    assert.match(await nameOf(send(bulk({ BulkEmailEntries: many }))), /At most 50 entries/);
    assert.equal(compat.port.submissions.length, 0);
  });
});
