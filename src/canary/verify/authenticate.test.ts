import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import DKIM from "nodemailer/lib/dkim";
import { authenticate } from "./authenticate.ts";
import { firstReceivedAt } from "./first-received.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "der" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const RECORDS: Record<string, string> = {
  "TXT s1._domainkey.acme.test": `v=DKIM1; k=rsa; p=${publicKey.toString("base64")}`,
  "TXT s1._domainkey.vendor.test": `v=DKIM1; k=rsa; p=${publicKey.toString("base64")}`,
  "TXT _dmarc.acme.test": "v=DMARC1; p=reject",
};
const ask = async (name: string, type: string): Promise<string[][]> => {
  const found = RECORDS[`${type} ${name}`];
  if (found === undefined) throw Object.assign(new Error("none"), { code: "ENOTFOUND" });
  return [[found]];
};
const TEXT = "From: hello@acme.test\r\nTo: m@c.test\r\nSubject: hi\r\n\r\nhello\r\n";
async function signed(domainName: string): Promise<string> {
  const chunks: Buffer[] = [];
  const keys = [{ domainName, keySelector: "s1", privateKey }];
  for await (const chunk of new DKIM({ keys }).sign(TEXT)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
const codesOf = async (
  text: string,
  peer: { address: string } | null = { address: "192.0.2.1" },
): Promise<string[]> => {
  const mail = { raw: Buffer.from(text), returnPath: "b@vendor.test", peer };
  return (await authenticate(mail, "acme.test", ask)).map(({ code }) => code);
};

test("a signature of the author's domain that holds is all there is to say", async () => {
  assert.deepEqual(await codesOf(await signed("acme.test")), []);
  assert.deepEqual(await codesOf(await signed("acme.test"), null), []);
});

test("no signature, and one of the provider's domain alone: DKIM is missing and DMARC fails", async () => {
  assert.deepEqual(await codesOf(TEXT), ["dkim-missing", "dmarc-failed"]);
  assert.deepEqual(await codesOf(await signed("vendor.test")), ["dkim-missing", "dmarc-failed"]);
  assert.deepEqual(await codesOf(TEXT, null), ["dkim-missing"]);
});

test("a body that was changed behind the signature", async () => {
  assert.deepEqual(await codesOf((await signed("acme.test")).replace("hello\r\n", "hallo\r\n")), [
    "dkim-failed",
    "dmarc-failed",
  ]);
});

test("a mail of a hundred signatures is not checked", async () => {
  assert.deepEqual(await codesOf("DKIM-Signature: v=1\r\n".repeat(100) + TEXT), ["not-checked"]);
});

test("the first server after ours is the oldest Received field that is none of ours", () => {
  const fields = [
    "Received: from b by c; Mon, 08 Aug 2022 19:30:09 +0000",
    "Received: from a by b\r\n\tid 1; Mon, 08 Aug 2022 19:30:02 +0000 (UTC)",
    "Received: by postern.test (Postern) with HTTP id x;\r\n\tMon, 08 Aug 2022 19:30:00 +0000",
  ];
  assert.equal(firstReceivedAt(Buffer.from(`${fields.join("\r\n")}\r\n\r\nhi`)), Date.UTC(2022, 7, 8, 19, 30, 2));
  assert.equal(firstReceivedAt(Buffer.from("Subject: hi\r\n\r\nhi")), null);
});
