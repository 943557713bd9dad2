import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { type PosternProcess, ROOT, startPostern, started } from "../support/postern-process.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";
import { type ScriptedServer, TLS_FOLDER, startScriptedServer } from "../support/scripted-smtp-server.ts";

/** The same programs over TLS, begun by STARTTLS and from the first octet, with AUTH behind it. */
let folder: string;
let fresh: FreshDatabase;
let provider: ScriptedServer;
let serve: PosternProcess;
let starttls: string;
let implicit: string;
const PASSWORD = "a-long-password";

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-tls-"));
  chmodSync(folder, 0o755);
  [fresh, provider] = await Promise.all([freshDatabase(), startScriptedServer()]);
  const file = path.join(folder, "postern.yaml");
  const [cert, key] = ["localhost.crt", "localhost.key"].map((name) => path.join(TLS_FOLDER, name));
  writeFileSync(
    file,
    `
hostname: localhost
listen: { smtp: 127.0.0.1:0, smtps: 127.0.0.1:0, http: 127.0.0.1:0, tls: { cert: ${cert}, key: ${key} } }
data: ./data
database: { url: env:URL }
tenants:
  - name: acme
    domains: [acme.test]
    credentials: [{ name: app, username: app, password: env:PASSWORD }]
    streams: [{ name: alerts, class: C2 }]
    routes: { default: { prefer: [one] } }
providers: [{ name: one, kind: smtp, ownerGroup: one, host: 127.0.0.1, port: ${provider.port}, tls: none }]
`,
  );
  serve = startPostern(["serve", "--config", file], { environment: { URL: fresh.url, PASSWORD }, cwd: folder });
  ({ smtp: starttls } = await started(serve));
  implicit = /"smtps":"([^"]+)"/.exec(serve.out)![1]!;
});
after(async () => {
  serve.child.kill("SIGTERM");
  await serve.ended;
  await provider.close();
  await fresh.drop();
  rmSync(folder, { recursive: true });
});

const port = (place: string): string => place.split(":")[1]!;
const TEXT = String.raw`printf 'From: hello@acme.test\r\nSubject: It works\r\n\r\nSent.\r\n'`;
const ENVELOPE = "--mail-from hello@acme.test --mail-rcpt you@example.com --upload-file -";
const SWAKS = `swaks --auth PLAIN --auth-user app --auth-password ${PASSWORD} --from hello@acme.test --to you@example.com --body Sent.`;
const python = (open: string): string => `
import smtplib, ssl
c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE
with ${open} as s:
    if not isinstance(s, smtplib.SMTP_SSL): s.starttls(context=c)
    s.login("app", "${PASSWORD}")
    s.sendmail("hello@acme.test", ["you@example.com"], "From: hello@acme.test\\r\\nSubject: It works\\r\\n\\r\\nSent.\\r\\n")
`;
const nodemailer = (options: string): string => `
import nodemailer from "nodemailer";
await nodemailer.createTransport({ host: "127.0.0.1", tls: { rejectUnauthorized: false }, auth: { user: "app", pass: "${PASSWORD}" }, ${options} })
  .sendMail({ from: "hello@acme.test", to: "you@example.com", subject: "It works", text: "Sent." });`;

describe("over STARTTLS", () => {
  sends("curl", () => [
    "sh",
    "-c",
    `${TEXT} | curl -sS --insecure --ssl-reqd smtp://${starttls} --user app:${PASSWORD} ${ENVELOPE}`,
  ]);
  sends("swaks", () => ["sh", "-c", `${SWAKS} --server ${starttls} --tls`]);
  sends("python3", () => ["python3", "-c", python(`smtplib.SMTP("127.0.0.1", ${port(starttls)})`)]);
  sends("node", () => [
    "node",
    "--input-type=module",
    "--eval",
    nodemailer(`port: ${port(starttls)}, requireTLS: true`),
  ]);
});

describe("over TLS from the first octet", () => {
  sends("curl", () => [
    "sh",
    "-c",
    `${TEXT} | curl -sS --insecure smtps://${implicit} --user app:${PASSWORD} ${ENVELOPE}`,
  ]);
  sends("swaks", () => ["sh", "-c", `${SWAKS} --server ${implicit} --tls-on-connect`]);
  sends("python3", () => ["python3", "-c", python(`smtplib.SMTP_SSL("127.0.0.1", ${port(implicit)}, context=c)`)]);
  sends("node", () => ["node", "--input-type=module", "--eval", nodemailer(`port: ${port(implicit)}, secure: true`)]);
});

function sends(program: string, words: () => string[]): void {
  const skip = spawnSync(program, ["--version"]).status === null ? `${program} is not installed here` : false;
  test(program === "node" ? "nodemailer" : program === "python3" ? "Python's smtplib" : program, { skip }, async () => {
    const had = provider.messages.length;
    const [first, ...rest] = words();
    const child = spawn(first!, rest, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], timeout: 30_000 });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(code, 0, said);
    await eventually(() => provider.messages.length > had);
    assert.equal(provider.messages.length, had + 1);
    assert.match(provider.messages.at(-1)!.raw.toString(), /\r\n\r\nSent\.\r\n/);
  });
}
