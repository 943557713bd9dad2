import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { after, test } from "node:test";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { commandLine } from "../../test/support/command-line.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const WHSEC = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const line = commandLine({
  ACME_KEY: "0123456789abcdef0123",
  RELAY_PASSWORD: "let-me-in-please",
  SIGNING_KEY: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  WHSEC,
});
after(() => line.close());

const config = (webhooks: string): string => `
tenants:
  - name: acme
    domains: [acme.test]
    credentials: [{ name: app, apiKey: env:ACME_KEY }]
    streams: [{ name: alerts, class: C2 }]
    routes: { default: { prefer: [harbour] } }
    webhooks: [${webhooks}]
providers:
  - { name: harbour, kind: smtp, ownerGroup: h, host: smtp.test, port: 587, tls: starttls }
`;

async function listed(webhooks: string, ...words: string[]) {
  const file = path.join(line.folder, "webhooks.yaml");
  writeFileSync(file, config(webhooks));
  return line.run(["--config", file, "webhooks", ...words]);
}

test("webhooks are listed with their receivers' words, and the key SendGrid's verify with", async () => {
  const { code, out } = await listed(
    `{ name: own, url: https://a.test/x, secret: env:WHSEC, events: [message.held] },
     { name: grid, url: https://b.test/x, format: sendgrid, secret: env:SIGNING_KEY, events: [message.bounced, message.rejected] }`,
    "--json",
  );
  assert.equal(code, 0);
  const [own, grid] = JSON.parse(out) as { format: string; events: string[]; publicKey: string | null }[];
  assert.deepEqual([own?.format, own?.events, own?.publicKey], ["postern", ["message.held"], null]);
  assert.deepEqual([grid?.format, grid?.events], ["sendgrid", ["bounce", "dropped"]]);
  const key = createPublicKey({ key: Buffer.from(grid!.publicKey!, "base64"), format: "der", type: "spki" });
  assert.ok(key.equals(publicKey));
});

test("no secret is shown", async () => {
  const { out } = await listed(
    `{ name: own, url: https://a.test/x, secret: env:WHSEC },
     { name: grid, url: https://b.test/x, format: sendgrid, secret: env:SIGNING_KEY }`,
  );
  assert.match(out, /acme\/own {2}https:\/\/a\.test\/x\n {2}format {6}postern\n/);
  assert.match(out, /public key {2}MFkw/);
  assert.ok(!out.includes(WHSEC) && !out.includes("PRIVATE"));
});

test("a tenant that does not exist is no tenant without webhooks", async () => {
  const { code, out, err } = await listed("", "--tenant", "acne");
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /^tenant-unclear\n {2}There is no tenant acne\. Name one of the tenants with --tenant: acme\./);
});

test("where there are none it says so", async () => {
  assert.match((await listed("")).out, /No webhooks are configured\./);
});
