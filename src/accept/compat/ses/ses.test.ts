import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import {
  ListContactListsCommand,
  SESv2Client,
  SendEmailCommand,
  type SendEmailCommandInput,
} from "@aws-sdk/client-sesv2";
import { type CompatDoor, compatDoor } from "../../../../test/support/compat-door.ts";
import { AWS_KEY, refusal } from "../../../../test/support/http-door.ts";
import { registerSes } from "./index.ts";

let compat: CompatDoor;
let ses: SESv2Client;
const clients: SESv2Client[] = [];
before(async () => {
  compat = await compatDoor(registerSes);
  ses = clientWith({});
});
after(async () => {
  for (const client of clients) client.destroy();
  await compat.door.stop();
});
afterEach(() => {
  compat.port.submissions.length = 0;
  compat.port.answers.length = 0;
  compat.port.closed = null;
});

function clientWith(change: ConstructorParameters<typeof SESv2Client>[0]): SESv2Client {
  const client = new SESv2Client({
    endpoint: compat.door.url,
    region: "eu-central-1",
    credentials: AWS_KEY,
    maxAttempts: 1,
    ...change,
  });
  clients.push(client);
  return client;
}

const SIMPLE: SendEmailCommandInput = {
  FromEmailAddress: "Acme <app@acme.test>",
  Destination: {
    ToAddresses: ["Ada <ada@example.com>"],
    CcAddresses: ["bob@example.com"],
    BccAddresses: ["eve@example.com"],
  },
  ReplyToAddresses: ["help@acme.test"],
  Content: { Simple: { Subject: { Data: "Hello" }, Body: { Text: { Data: "Hi" }, Html: { Data: "<p>Hi</p>" } } } },
};
const simple = (change: object): SendEmailCommandInput => ({
  ...SIMPLE,
  Content: { Simple: { ...SIMPLE.Content!.Simple!, ...change } },
});
const raw = (text: string, change: Partial<SendEmailCommandInput> = {}): SendEmailCommandInput => ({
  Content: { Raw: { Data: Buffer.from(text) } },
  ...change,
});
const send = (input: SendEmailCommandInput, client = ses) => client.send(new SendEmailCommand(input));
const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => assert.fail("was taken"),
    (error: { name: string; message: string; $metadata: { httpStatusCode: number } }) => ({
      name: error.name,
      message: error.message,
      status: error.$metadata.httpStatusCode,
    }),
  );
const last = () => compat.port.submissions.at(-1)!;
const textOf = () => last().raw.toString();
const recipientsOf = () => last().envelope.recipients.map(({ mailbox }) => mailbox.address);

describe("the official client of Amazon SES sends in fields", () => {
  test("and gets the id of the message", async () => {
    const { MessageId, $metadata } = await send({ ...SIMPLE, EmailTags: [{ Name: "kind", Value: "welcome" }] });
    assert.match(MessageId!, /^[0-9a-f-]{36}$/);
    assert.match($metadata.requestId!, /^[0-9a-f-]{36}$/);
    assert.deepEqual(last().tags, { kind: "welcome" });
    assert.deepEqual(recipientsOf(), ["ada@example.com", "bob@example.com", "eve@example.com"]);
    assert.match(
      textOf(),
      /^From: Acme <app@acme\.test>\r\nReply-To: help@acme\.test\r\nTo: Ada <ada@example\.com>\r\n/,
    );
    assert.doesNotMatch(textOf(), /eve/);
  });

  test("with attachments, header fields and names beyond ASCII", async () => {
    const change = {
      Subject: { Data: "=?UTF-8?B?R3LDvMOfZQ==?=", Charset: "UTF-8" },
      Headers: [{ Name: "List-Unsubscribe", Value: "<https://acme.test/u>" }],
      Attachments: [
        { RawContent: Buffer.from("pdf"), FileName: "a.pdf" },
        { RawContent: Buffer.from("png"), FileName: "b.png", ContentDisposition: "INLINE" as const, ContentId: "logo" },
      ],
    };
    await send({ ...simple(change), FromEmailAddress: "=?UTF-8?Q?J=C3=BCrgen, Acme?= <app@acme.test>" });
    const text = textOf();
    assert.match(text, /\r\nSubject: =\?UTF-8\?B\?R3LDvMOfZQ==\?=\r\n/);
    assert.match(text, /^From: =\?UTF-8\?B\?[^\r]+\?= <app@acme\.test>\r\n/);
    assert.match(text, /\r\nList-Unsubscribe: <https:\/\/acme\.test\/u>\r\n/);
    assert.match(text, /Content-Type: application\/pdf\r\n/);
    assert.match(
      text,
      /Content-Type: image\/png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <logo>\r\nContent-Disposition: inline/,
    );
  });

  test("to a stream named as its configuration set, with reports where it wants them", async () => {
    await send({ ...SIMPLE, ConfigurationSetName: "receipts", FeedbackForwardingEmailAddress: "bounces@acme.test" });
    assert.equal(last().stream, "receipts");
    assert.equal(last().envelope.returnPath!.address, "bounces@acme.test");
  });

  test("once, however often the client sends the same call again", async () => {
    compat.port.answers.push(null);
    const flaky = clientWith({ maxAttempts: 3 });
    let calls = 0;
    flaky.middlewareStack.add(
      (next) => async (given) => {
        const answer = await next(given);
        calls += 1;
        // The answer is lost on its way: it was taken, and the client does not know.
        if (calls === 1) throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET", name: "TimeoutError" });
        return answer;
      },
      { step: "finalizeRequest", priority: "low", name: "loseTheFirstAnswer" },
    );
    const { MessageId } = await send(SIMPLE, flaky);
    assert.equal(calls, 2);
    assert.equal(compat.port.submissions.length, 1);
    assert.match(MessageId!, /^[0-9a-f-]{36}$/);
    await send(SIMPLE);
    assert.equal(compat.port.submissions.length, 2);
  });
});

describe("the official client of Amazon SES sends MIME text", () => {
  const MIME = "From: Acme <app@acme.test>\nTo: ada@example.com\nBcc: eve@example.com\nSubject: Hi\n\nHello\n";

  test("as it is, to whom its fields name", async () => {
    await send(raw(MIME));
    assert.equal(textOf(), MIME.replaceAll("\n", "\r\n"));
    assert.deepEqual(recipientsOf(), ["ada@example.com", "eve@example.com"]);
    assert.equal(last().envelope.returnPath!.address, "app@acme.test");
  });

  test("to the recipients of the request where it names some", async () => {
    await send(raw(MIME, { Destination: { ToAddresses: ["Bob <bob@example.com>"] } }));
    assert.deepEqual(recipientsOf(), ["bob@example.com"]);
  });

  test("under another author and for other answers where the request names them", async () => {
    await send(raw(MIME, { FromEmailAddress: "app@acme.test" }));
    assert.match(textOf(), /^From: Acme <app@acme\.test>\r\n/);
    await send(raw(MIME, { FromEmailAddress: "News <news@acme.test>", ReplyToAddresses: ["help@acme.test"] }));
    assert.match(textOf(), /\r\nFrom: News <news@acme\.test>\r\nReply-To: help@acme\.test\r\n\r\nHello/);
    assert.doesNotMatch(textOf(), /Acme/);
    assert.equal(last().envelope.returnPath!.address, "news@acme.test");
  });

  test("with orders in its fields, which are obeyed and go no further", async () => {
    await send(
      raw(`X-SES-CONFIGURATION-SET: alerts\nX-SES-MESSAGE-TAGS: a=1, b=2\nReturn-Path: <bounces@acme.test>\n${MIME}`, {
        EmailTags: [{ Name: "b", Value: "3" }],
      }),
    );
    assert.equal(last().stream, "alerts");
    assert.deepEqual(last().tags, { a: "1", b: "3" });
    assert.equal(last().envelope.returnPath!.address, "bounces@acme.test");
    assert.doesNotMatch(textOf(), /x-ses/i);
  });

  test("with octets beyond ASCII as they were", async () => {
    await send(raw("From: app@acme.test\r\nTo: ada@example.com\r\nSubject: x\r\n\r\nGrüße\r\n"));
    assert.match(textOf(), /Grüße/);
    assert.equal(last().envelope.needs8bit, true);
  });
});

describe("what cannot be done is refused by name and nothing is sent", () => {
  const cases: [string, SendEmailCommandInput, RegExp][] = [
    [
      "contact lists",
      { ...SIMPLE, ListManagementOptions: { ContactListName: "x" } },
      /ListManagementOptions is not supported/,
    ],
    ["tenants of SES", { ...SIMPLE, TenantName: "x" }, /TenantName is not supported/],
    [
      "contact lists in a field",
      raw("X-SES-LIST-MANAGEMENT-OPTIONS: x\nFrom: app@acme.test\nTo: a@b.example\n\nx"),
      /LIST-MANAGEMENT-OPTIONS is not supported/,
    ],
    [
      "a description of a file",
      simple({ Attachments: [{ RawContent: Buffer.from("x"), FileName: "x", ContentDescription: "x" }] }),
      /ContentDescription is not supported/,
    ],
    [
      "orders as header fields",
      simple({ Headers: [{ Name: "X-SES-CONFIGURATION-SET", Value: "x" }] }),
      /x-ses-configuration-set is not supported/,
    ],
    [
      "a field twice",
      simple({
        Headers: [
          { Name: "X-A", Value: "1" },
          { Name: "X-A", Value: "2" },
        ],
      }),
      /x-a is there twice/,
    ],
    ["no content", { ...SIMPLE, Content: {} }, /exactly one of Raw, Simple and Template/],
    ["no author", { ...SIMPLE, FromEmailAddress: undefined }, /FromEmailAddress/],
    ["nobody", { ...SIMPLE, Destination: {} }, /names nobody/],
    ["no address", { ...SIMPLE, Destination: { ToAddresses: ["nobody"] } }, /exactly one address/],
    [
      "an address in a name",
      { ...SIMPLE, FromEmailAddress: "=?UTF-8?Q?a?= <eve@evil.test> <app@acme.test>" },
      /exactly one address/,
    ],
    ["a line break in the subject", simple({ Subject: { Data: "Hi\r\nBcc: eve@evil.test" } }), /line breaks/],
    [
      "a line break in an encoded subject",
      simple({ Subject: { Data: "=?UTF-8?Q?Hi=0D=0ABcc:_eve=40evil.test?=" } }),
      /line breaks/,
    ],
    [
      "a line break in the author of a text",
      raw("To: a@b.example\n\nx", { FromEmailAddress: "a <a@acme.test>\r\nBcc: eve@evil.test" }),
      /From: /,
    ],
    ["a text without header", raw("Hello there"), /header section/],
    ["a text without recipients", raw("From: app@acme.test\n\nx"), /no recipient/],
  ];
  for (const [name, input, words] of cases) {
    test(name, async () => {
      const error = await errorOf(send(input));
      assert.equal(error.name, "BadRequestException");
      assert.equal(error.status, 400);
      assert.match(error.message, words);
      assert.equal(compat.port.submissions.length, 0);
    });
  }

  test("operations that are not there", async () => {
    const error = await errorOf(ses.send(new ListContactListsCommand({})));
    assert.deepEqual(error, {
      name: "UnknownOperationException",
      message: "GET /v2/email/contact-lists is not supported by this server (Postern).",
      status: 404,
    });
  });
});

describe("refusals come under SES's names", () => {
  for (const [code, status, name, theirStatus] of [
    ["author-not-allowed", 403, "MessageRejected", 400],
    ["return-path-not-allowed", 403, "MessageRejected", 400],
    ["stream-unknown", 422, "NotFoundException", 404],
    ["message-too-large", 413, "BadRequestException", 400],
    ["mail-loop", 422, "MessageRejected", 400],
    ["intake-busy", 503, "TooManyRequestsException", 429],
    ["queue-full", 503, "TooManyRequestsException", 429],
    ["disk-low", 503, "ServiceUnavailable", 503],
    ["internal-error", 500, "InternalServiceErrorException", 500],
  ] as const) {
    test(`${code}: ${name}`, async () => {
      compat.port.answers.push(refusal(code, status));
      const error = await errorOf(send(SIMPLE));
      assert.deepEqual([error.name, error.status], [name, theirStatus]);
      assert.match(error.message, new RegExp(code));
    });
  }

  test("of an author it says what applications look for", async () => {
    compat.port.answers.push(refusal("author-not-allowed", 403));
    assert.match((await errorOf(send(SIMPLE))).message, /^Email address is not verified\./);
  });

  test("while nothing is taken the client comes again by itself", async () => {
    compat.port.closed = refusal("disk-low", 503, 1);
    const error = await errorOf(send(SIMPLE));
    assert.deepEqual([error.name, error.status], ["ServiceUnavailable", 503]);
    const patient = clientWith({ maxAttempts: 3 });
    compat.port.closed = null;
    compat.port.answers.push(refusal("intake-busy", 503, 1));
    assert.match((await send(SIMPLE, patient)).MessageId!, /^[0-9a-f-]{36}$/);
  });
});

describe("who asks is known by the signature", () => {
  test("a wrong secret, an unknown id, an old time: each by its name", async () => {
    const wrong = clientWith({ credentials: { ...AWS_KEY, secretAccessKey: "wrong" } });
    assert.deepEqual((({ name, status }) => [name, status])(await errorOf(send(SIMPLE, wrong))), [
      "InvalidSignatureException",
      403,
    ]);
    const nobody = clientWith({ credentials: { ...AWS_KEY, accessKeyId: "AKIANOBODY" } });
    assert.equal((await errorOf(send(SIMPLE, nobody))).name, "UnrecognizedClientException");
    const late = clientWith({ systemClockOffset: -10 * 60_000 });
    assert.match((await errorOf(send(SIMPLE, late))).message, /Signature expired/);
    assert.equal(compat.port.submissions.length, 0);
  });

  test("a client whose clock is wrong mends that by the time in our answer", async () => {
    const late = clientWith({ systemClockOffset: -10 * 60_000, maxAttempts: 2 });
    assert.match((await send(SIMPLE, late)).MessageId!, /^[0-9a-f-]{36}$/);
  });

  test("a body changed on its way is refused, whether its hash was announced or not", async () => {
    for (const isAnnounced of [true, false]) {
      const tampered = clientWith({});
      tampered.middlewareStack.add(
        (next) => (given) => {
          const request = given.request as { body: string; headers: Record<string, string> };
          request.body = request.body.replace("Hello", "Hullo");
          if (!isAnnounced) delete request.headers["x-amz-content-sha256"];
          return next(given);
        },
        { step: "finalizeRequest", priority: "low", name: "tamper" },
      );
      const error = await errorOf(send(SIMPLE, tampered));
      assert.equal(error.status, 403);
    }
    assert.equal(compat.port.submissions.length, 0);
  });

  test("a request without a signature is told so", async () => {
    const answer = await fetch(`${compat.door.url}/v2/email/account`);
    assert.equal(answer.status, 403);
    assert.equal(answer.headers.get("x-amzn-errortype"), "MissingAuthenticationTokenException");
  });
});
