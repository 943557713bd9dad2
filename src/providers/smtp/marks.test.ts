import assert from "node:assert/strict";
import { test } from "node:test";
import { someHandoff } from "../../../test/contract/provider-contract.ts";
import { smtpPair } from "../../../test/support/smtp-settings.ts";
import { SMTP_VENDORS, type SmtpVendor } from "../../config/index.ts";
import type { AttemptId, SpoolId } from "../../kernel/index.ts";

const ATTEMPT = "0123456789abcdef0123456789abcdef" as AttemptId;
const ID = "0190c2a4-7b1e-7c3d-8f00-0123456789ab" as SpoolId;
const BODY = "\r\nX-SMTPAPI: {} is what a line of the text may be\r\n";

/** What a vendor's relay gets of a message whose author wrote these fields. */
async function sentTo(context: Parameters<typeof smtpPair>[0], change: object, fields: string): Promise<string> {
  const { provider, server } = await smtpPair(context, {}, change);
  const raw = Buffer.from(`Subject: hi\r\n${fields}${BODY}`);
  const handoff = { ...someHandoff(1, { raw }), attemptId: ATTEMPT, spoolId: ID };
  const { recipients } = await provider.handOff(handoff, new AbortController().signal);
  assert.equal(recipients[0]!.kind, "accepted");
  return server.messages[0]!.raw.toString();
}

const IDS = `"postern_attempt":"${ATTEMPT}","postern_id":"${ID}"`;
const EXPECTED: Record<SmtpVendor, string> = {
  sendgrid: `X-SMTPAPI: {"unique_args":{${IDS}}}\r\n`,
  mandrill: `X-MC-Metadata: {${IDS}}\r\n`,
  ses: `X-SES-MESSAGE-TAGS: postern_attempt=${ATTEMPT}, postern_id=${ID}\r\n`,
  mailgun: `X-Mailgun-Variables: {${IDS}}\r\n`,
  postmark: `X-PM-Metadata-postern_attempt: ${ATTEMPT}\r\nX-PM-Metadata-postern_id: ${ID}\r\n`,
  resend: "",
  brevo: `X-Mailin-custom: {${IDS}}\r\n`,
  mailjet: `X-MJ-EventPayload: {${IDS}}\r\n`,
  sparkpost: `X-MSYS-API: {"metadata":{${IDS}}}\r\n`,
  mailersend: "",
  mailtrap: `X-MT-Custom-Variables: {${IDS}}\r\n`,
  postal: `X-Postal-Tag: postern ${ID} ${ATTEMPT}\r\n`,
  "unisender-go": `X-UNISENDER-GO: {"global_metadata":{${IDS}}}\r\n`,
};

for (const vendor of SMTP_VENDORS) {
  test(`${vendor} gets our ids, and no orders of the author in that field`, async (context) => {
    const names = EXPECTED[vendor].split("\r\n").flatMap((line) => line.split(":")[0] || []);
    const orders = names.map((name) => `${name.toUpperCase()}:\r\n {"to":["eve@example.net"]}\r\n`).join("");
    const sent = await sentTo(context, { vendor }, `${orders}X-Other: kept\r\n`);
    assert.equal(sent, `${EXPECTED[vendor]}Subject: hi\r\nX-Other: kept\r\n${BODY}`);
  });
}

test("a relay of nobody that is known gets the message as it is", async (context) => {
  const fields = 'X-SMTPAPI: {"category":"a"}\r\n';
  assert.equal(await sentTo(context, {}, fields), `Subject: hi\r\n${fields}${BODY}`);
});
