import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type NoticeSettings, SMTP_VENDORS, type SmtpVendor } from "../../src/config/index.ts";
import { Secret } from "../../src/kernel/index.ts";
import { eventually } from "../support/eventually.ts";
import { allAre, type ObservedPostern, startObservedPostern } from "../support/observed-postern.ts";
import { KEY, LOGIN, POSTAL_KEY, RELAY_NOTICES, RESEND_KEY, TOPIC } from "../support/relay-notices.ts";
import { type ScriptedServer, startScriptedServer } from "../support/scripted-smtp-server.ts";
import { smtpSettings } from "../support/smtp-settings.ts";

/** Services spoken to by SMTP: what they give back of a message makes their notices its own. */
const PROOF: Record<SmtpVendor, Partial<NoticeSettings>> = {
  sendgrid: { basic: new Secret(LOGIN) },
  mandrill: { key: new Secret(KEY) },
  ses: { topicArn: TOPIC },
  mailgun: { key: new Secret(KEY) },
  postmark: { basic: new Secret(LOGIN) },
  resend: { key: new Secret(RESEND_KEY) },
  brevo: { basic: new Secret(LOGIN) },
  mailjet: { basic: new Secret(LOGIN) },
  sparkpost: { basic: new Secret(LOGIN) },
  mailersend: { key: new Secret(KEY) },
  mailtrap: { basic: new Secret(LOGIN) },
  postal: { key: new Secret(POSTAL_KEY) },
  "unisender-go": { key: new Secret(KEY) },
};
const nameOf = (vendor: SmtpVendor): string => `relay-${vendor}`;

let postern: ObservedPostern;
const relays = new Map<SmtpVendor, ScriptedServer>();
before(async () => {
  for (const vendor of SMTP_VENDORS) relays.set(vendor, await startScriptedServer());
  postern = await startObservedPostern({
    kinds: ["resend"],
    relays: SMTP_VENDORS.map((vendor) =>
      smtpSettings(relays.get(vendor)!.port, {
        name: nameOf(vendor),
        vendor,
        connections: 1,
        webhook: { key: null, basic: null, topicArn: null, url: null, ...PROOF[vendor] },
      }),
    ),
  });
});
after(async () => {
  await postern.stop();
  for (const relay of relays.values()) await relay.close();
});

/** Sends a message by that relay, and says what the relay gives back of it. */
async function sent(vendor: SmtpVendor): Promise<{ id: string; field: (name: string) => string }> {
  const id = await postern.send("resend", { stream: nameOf(vendor) });
  await postern.until(id, allAre("handed-off"));
  const text = relays.get(vendor)!.messages.at(-1)!.raw.toString();
  const field = (name: string) => new RegExp(`^${name}: (.*)\r$`, "im").exec(text)?.[1] ?? assert.fail(name);
  return { id, field };
}

async function post(vendor: SmtpVendor, field: (name: string) => string, n: number): Promise<Response> {
  const url = `${postern.base}/v1/notices/${nameOf(vendor)}`;
  const { headers, body } = RELAY_NOTICES[vendor]({ field, url, nowMs: Date.now(), n });
  return fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
}

const foreign = async (vendor: SmtpVendor): Promise<number> => {
  const text = `SELECT count(*) AS n FROM foreign_notices WHERE provider = '${nameOf(vendor)}'`;
  return (await postern.place.database.query<{ n: number }>(text))[0]!.n;
};

for (const vendor of SMTP_VENDORS.filter((one) => one !== "mailersend")) {
  describe(`${vendor} by SMTP:`, () => {
    test("its notice of a delivery is that message's", async () => {
      const { id, field } = await sent(vendor);
      assert.equal((await post(vendor, field, 1)).status, 200);
      const story = await postern.until(id, allAre("delivered"));
      const told = story.events.find((event) => event.kind === "message.delivered");
      assert.deepEqual([told?.detail["provider"], told?.detail["attempt"]], [nameOf(vendor), 1]);
      assert.equal(await foreign(vendor), 0);
    });

    test("one that names an attempt nobody was given changes nothing", async () => {
      const { id, field } = await sent(vendor);
      const attempt = field("X-Postern-Attempt");
      const other = (name: string) => field(name).replaceAll(attempt, "f".repeat(32));
      assert.equal((await post(vendor, other, 2)).status, 200);
      await eventually(async () => (await foreign(vendor)) === 1);
      assert.ok(allAre("handed-off")(await postern.story(id)));
    });
  });
}

test("what MailerSend tells brings nothing of ours back: it is kept as mail that is not known", async () => {
  const { id, field } = await sent("mailersend");
  assert.equal((await post("mailersend", field, 1)).status, 200);
  assert.equal(await foreign("mailersend"), 1);
  assert.ok(allAre("handed-off")(await postern.story(id)));
});
