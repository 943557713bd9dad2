import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  DeleteSuppressedDestinationCommand,
  GetAccountCommand,
  GetConfigurationSetCommand,
  GetConfigurationSetEventDestinationsCommand,
  GetEmailIdentityCommand,
  GetMessageInsightsCommand,
  GetSuppressedDestinationCommand,
  ListConfigurationSetsCommand,
  ListEmailIdentitiesCommand,
  ListSuppressedDestinationsCommand,
  PutSuppressedDestinationCommand,
  SESv2Client,
} from "@aws-sdk/client-sesv2";
import { type CompatDoor, compatDoor } from "../../../../test/support/compat-door.ts";
import { AWS_KEY } from "../../../../test/support/http-door.ts";
import { EVENT, STORY } from "../../../../test/support/message-story.ts";
import type { EventEntry } from "../../../spool/index.ts";
import { registerSes } from "./index.ts";

let compat: CompatDoor;
let ses: SESv2Client;
before(async () => {
  compat = await compatDoor(registerSes);
  ses = new SESv2Client({ endpoint: compat.door.url, region: "eu-central-1", credentials: AWS_KEY, maxAttempts: 1 });
});
after(async () => {
  ses.destroy();
  await compat.door.stop();
});

const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => assert.fail("was taken"),
    (error: { name: string; $metadata: { httpStatusCode: number } }) => ({
      name: error.name,
      status: error.$metadata.httpStatusCode,
    }),
  );

describe("the official client of Amazon SES keeps the suppression list", () => {
  const EmailAddress = "ada@example.com";
  test("puts, gets, lists and deletes", async () => {
    await ses.send(new PutSuppressedDestinationCommand({ EmailAddress, Reason: "COMPLAINT" }));
    const { SuppressedDestination } = await ses.send(new GetSuppressedDestinationCommand({ EmailAddress }));
    assert.equal(SuppressedDestination!.EmailAddress, EmailAddress);
    assert.ok(SuppressedDestination!.LastUpdateTime instanceof Date);
    const listed = await ses.send(new ListSuppressedDestinationsCommand({ PageSize: 10, StartDate: new Date(0) }));
    assert.deepEqual(
      listed.SuppressedDestinationSummaries!.map((one) => one.EmailAddress),
      [EmailAddress],
    );
    await ses.send(new DeleteSuppressedDestinationCommand({ EmailAddress }));
    for (const call of [
      ses.send(new GetSuppressedDestinationCommand({ EmailAddress })),
      ses.send(new DeleteSuppressedDestinationCommand({ EmailAddress })),
    ]) {
      const error = await errorOf(call);
      assert.deepEqual([error.name, error.status], ["NotFoundException", 404]);
    }
  });

  test("is told of what is no address, and of a token that is none", async () => {
    const put = new PutSuppressedDestinationCommand({ EmailAddress: "nobody", Reason: "BOUNCE" });
    assert.equal((await errorOf(ses.send(put))).name, "BadRequestException");
    const list = new ListSuppressedDestinationsCommand({ NextToken: "§" });
    assert.equal((await errorOf(ses.send(list))).name, "InvalidNextTokenException");
  });
});

describe("the official client of Amazon SES asks about the account", () => {
  test("which is the tenant: its domains are identities, its streams configuration sets", async () => {
    const account = await ses.send(new GetAccountCommand({}));
    assert.deepEqual(
      [account.SendingEnabled, account.EnforcementStatus, account.SendQuota!.Max24HourSend],
      [true, "HEALTHY", -1],
    );
    const { EmailIdentities } = await ses.send(new ListEmailIdentitiesCommand({}));
    assert.deepEqual(
      EmailIdentities!.map((one) => [one.IdentityName, one.VerificationStatus]),
      [["acme.test", "SUCCESS"]],
    );
    const identity = await ses.send(new GetEmailIdentityCommand({ EmailIdentity: "app@mail.acme.test" }));
    assert.deepEqual([identity.IdentityType, identity.VerifiedForSendingStatus], ["EMAIL_ADDRESS", true]);
    assert.equal((await errorOf(ses.send(new GetEmailIdentityCommand({ EmailIdentity: "evil.test" })))).status, 404);
    const sets = await ses.send(new ListConfigurationSetsCommand({ PageSize: 2 }));
    assert.deepEqual(sets.ConfigurationSets, ["alerts", "news"]);
    const rest = await ses.send(new ListConfigurationSetsCommand({ NextToken: sets.NextToken }));
    assert.deepEqual(rest.ConfigurationSets, ["notices", "receipts", "security"]);
    const set = await ses.send(new GetConfigurationSetCommand({ ConfigurationSetName: "news" }));
    assert.deepEqual(set.Tags, [{ Key: "class", Value: "C4" }]);
    const none = new GetConfigurationSetEventDestinationsCommand({ ConfigurationSetName: "nothing" });
    assert.equal((await errorOf(ses.send(none))).name, "NotFoundException");
  });

  test("and what became of a message", async () => {
    compat.story.found = {
      ...STORY,
      recipients: [
        { address: "ada@example.com", state: "delivered", reason: null },
        { address: "bob@example.com", state: "rejected", reason: "mailbox-unavailable" },
        { address: "eve@example.com", state: "delivered", reason: null },
      ],
    };
    const happened = (recipientNumber: number | null, kind: string, change: Partial<EventEntry> = {}): EventEntry => ({
      ...EVENT,
      recipientNumber,
      kind,
      detail: {},
      ...change,
    });
    compat.story.events = [
      ...[0, 1, 2].map((n) => happened(n, "message.accepted")),
      happened(0, "message.deferred"),
      happened(0, "message.handed-off"),
      happened(0, "message.delivered"),
      happened(1, "message.rejected", { detail: { cause: "mailbox-unavailable" }, response: "550 5.1.1 nobody" }),
      happened(2, "message.delayed"),
      happened(2, "message.delivered"),
      happened(2, "message.opened"),
      happened(2, "message.complained"),
      happened(null, "message.clicked"),
    ];
    const story = await ses.send(new GetMessageInsightsCommand({ MessageId: STORY.spoolId }));
    assert.deepEqual(
      story.Insights!.map((one) => [one.Destination, one.Events!.map((event) => event.Type)]),
      [
        ["ada@example.com", ["SEND", "DELIVERY_DELAY", "DELIVERY"]],
        ["bob@example.com", ["SEND", "BOUNCE"]],
        ["eve@example.com", ["SEND", "DELIVERY_DELAY", "DELIVERY", "OPEN", "COMPLAINT"]],
      ],
    );
    const { BounceType, DiagnosticCode } = story.Insights![1]!.Events![1]!.Details!.Bounce!;
    assert.deepEqual([BounceType, DiagnosticCode], ["PERMANENT", "550 5.1.1 nobody"]);
    assert.equal(story.Insights![2]!.Events![3]!.Timestamp!.getTime(), EVENT.at);
    compat.story.found = null;
    const unknown = new GetMessageInsightsCommand({ MessageId: STORY.spoolId });
    assert.equal((await errorOf(ses.send(unknown))).name, "NotFoundException");
  });
});
