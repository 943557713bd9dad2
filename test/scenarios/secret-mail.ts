import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createTransport } from "nodemailer";
import { silentLog, systemClock } from "../../src/kernel/index.ts";
import { type Database, connectDatabase, embeddedTarget } from "../../src/store/index.ts";
import { eventually } from "../support/eventually.ts";
import { plant } from "../support/planted.ts";
import { type PosternProcess, runPosternProcess, startPostern, started } from "../support/postern-process.ts";
import { type ScriptedServer, line, startScriptedServer } from "../support/scripted-smtp-server.ts";

/** In every place where a secret could be. */
export const secrets = plant([
  "subject",
  "body",
  "html",
  "attachment",
  "filename",
  "field",
  "displayname",
  "idempotencykey",
  "password",
  "apikey",
  "providerpassword",
  "webhooksecret",
  "webhookpath",
  "bodykey",
  "wrongpassword",
  "wrongusername",
  "wrongapikey",
  "unknowncommand",
  "badrecipient",
  "badjson",
  "badpath",
  "badquery",
  "badauthor",
]);
/** Stand in `recipients` until their message is forgotten, and nowhere else. */
export const recipients = plant([
  "delivered",
  "refused",
  "quoted",
  "later",
  "original",
  "held",
  "cancelled",
  "expired",
  "bcc",
]);
/** Stand in `messages` as they came (docs/data.md), and so prove that the search finds what is there. */
export const kept = plant(["tag", "messageid"]);

const BODY_KEY = secrets.bodykey.padEnd(32, "x").slice(0, 32); // 32 octets that hold the word
export const address = (name: keyof typeof recipients): string => `${recipients[name]}@example.net`;

/** Postern as people run it, between clients and providers that say too much. */
export type SecretWorld = {
  folder: string;
  http: string;
  smtpPort: number;
  database: Database;
  serve: PosternProcess;
  /** The provider that takes mail, and what it took. */
  polite: ScriptedServer;
  /** `postern queue <name> <id>` */
  act(name: string, id: string): Promise<void>;
  stop(): Promise<void>;
};

export async function startSecretWorld(): Promise<SecretWorld> {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-secret-"));
  chmodSync(folder, 0o755); // the database runs as a user that must get in
  // Repeats what it was given, as real servers do.
  const polite = await startScriptedServer({
    rcpt: (command) => {
      const to = /<([^>]*)>/.exec(command)?.[1] ?? "";
      if (to.startsWith(recipients.refused))
        return line(`550 5.1.1 <${to}>: no such user; see https://h.test/?r=${to.replace("@", "%40")}`);
      return to.startsWith(recipients.delivered) || to.startsWith(recipients.quoted) || to.startsWith(recipients.bcc)
        ? line("250 2.1.5 Ok")
        : line(`451 4.7.1 <${to}>: greylisted, ${to} may come again`);
    },
    text: ({ recipients: [to] }, count) =>
      to?.includes(recipients.quoted)
        ? line(`554 5.7.1 "${secrets.subject}" is spam: https://acme.test/reset?token=${secrets.body} to ${to}`)
        : line(`250 2.0.0 Ok: queued as Q${count}`),
  });
  const locked = await startScriptedServer({
    offers: ["AUTH PLAIN LOGIN", "PIPELINING"],
    auth: (command) => line(`535 5.7.8 bad login ${command} (${secrets.providerpassword})`),
  });
  const environment: Record<string, string> = {
    S_PASSWORD: secrets.password,
    S_API_KEY: secrets.apikey,
    S_PROVIDER: secrets.providerpassword,
    S_WEBHOOK: `whsec_${Buffer.from(secrets.webhooksecret.padEnd(33, "x")).toString("base64")}`,
    S_BODY_KEY: Buffer.from(BODY_KEY, "latin1").toString("hex"),
    POSTERN_LOG_LEVEL: "debug",
  };
  const file = path.join(folder, "postern.yaml");
  writeFileSync(file, configurationText(polite, locked));
  const serve = startPostern(["serve", "--config", file], { environment, cwd: folder });
  const places = await started(serve);
  const http = `http://${places.http}`;
  const smtpPort = Number(places.smtp.split(":")[1]);
  const target = await eventually(() => embeddedTarget(path.join(folder, "data")));
  const database = connectDatabase({ target, clock: systemClock, log: silentLog });
  return {
    folder,
    http,
    smtpPort,
    database,
    serve,
    polite,
    async act(name, id) {
      const { code, err } = await runPosternProcess(["queue", name, id, "--config", file], {
        environment,
        cwd: folder,
      });
      assert.equal(code, 0, err);
    },
    async stop() {
      await database.close();
      if (serve.child.exitCode === null) serve.child.kill("SIGTERM");
      await serve.ended;
      await Promise.all([polite.close(), locked.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const configurationText = (polite: ScriptedServer, locked: ScriptedServer): string => `
hostname: postern.example
listen: { smtp: 127.0.0.1:0, http: 127.0.0.1:0 }
data: ./data
bodyKey: env:S_BODY_KEY
tenants:
  - name: acme
    domains: [acme.test]
    credentials: [{ name: app, username: acme-app, password: env:S_PASSWORD, apiKey: env:S_API_KEY }]
    streams: [{ name: alerts, class: C2 }, { name: security, class: C0 }]
    routes: { default: { prefer: [one], standby: [two], standbyShare: 0 } }
    webhooks: [{ name: hook, url: "https://127.0.0.1/${secrets.webhookpath}", secret: env:S_WEBHOOK }]
providers:
  - { name: one, kind: smtp, ownerGroup: one, host: 127.0.0.1, port: ${polite.port}, tls: none }
  - { name: two, kind: smtp, ownerGroup: two, host: 127.0.0.1, port: ${locked.port}, tls: none, auth: { username: u, password: env:S_PROVIDER } }
`;

export const authorization = () => ({ authorization: `Bearer ${secrets.apikey}` });

export async function sendBySmtp(
  { smtpPort }: SecretWorld,
  name: string,
  to: string[],
  { headerTo = to.join(", ") } = {},
): Promise<void> {
  const transport = createTransport({
    host: "127.0.0.1",
    port: smtpPort,
    auth: { user: "acme-app", pass: secrets.password },
    ignoreTLS: true,
  });
  await transport.sendMail({
    envelope: { from: "app@acme.test", to },
    from: `"${secrets.displayname}" <app@acme.test>`,
    to: headerTo,
    subject: secrets.subject,
    messageId: name === "delivered" ? `<${kept.messageid}@acme.test>` : undefined,
    headers: { "X-Customer": secrets.field },
    dsn:
      name === "delivered"
        ? { id: "env-1", return: "headers", notify: "failure", recipient: address("original") }
        : undefined,
    text: `https://acme.test/reset?token=${secrets.body}`,
    html: `<p>${secrets.html}</p>`,
    attachments: [{ filename: `${secrets.filename}.txt`, content: secrets.attachment.repeat(20) }],
  });
  transport.close();
}

export async function sendByHttp(
  { http }: SecretWorld,
  name: "held" | "cancelled" | "expired",
  stream: string,
): Promise<string> {
  const reply = await fetch(`${http}/v1/messages`, {
    method: "POST",
    headers: {
      ...authorization(),
      "content-type": "application/json",
      "idempotency-key": `${secrets.idempotencykey}-${name}`,
    },
    body: JSON.stringify({
      from: { email: "app@acme.test", name: secrets.displayname },
      to: [address(name)],
      subject: secrets.subject,
      text: secrets.body,
      html: `<p>${secrets.html}</p>`,
      headers: { "X-Customer": secrets.field },
      attachments: [
        {
          filename: `${secrets.filename}.bin`,
          contentType: "application/pdf",
          content: Buffer.from(secrets.attachment).toString("base64"),
        },
      ],
      tags: { order: kept.tag },
      stream,
    }),
  });
  assert.equal(reply.status, 202);
  return ((await reply.json()) as { id: string }).id;
}

/** What people and programs get wrong, with secrets in the wrong place. */
export async function mistakes({ http, smtpPort }: SecretWorld): Promise<void> {
  const socket = connect(smtpPort, "127.0.0.1");
  socket.on("error", () => {});
  let heard = "";
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  const login = (user: string, password: string) => Buffer.from(`\0${user}\0${password}`).toString("base64");
  for (const text of [
    "EHLO client.test",
    `AUTH PLAIN ${login(secrets.wrongusername, secrets.wrongpassword)}`,
    `${secrets.unknowncommand} ${secrets.unknowncommand}`,
    `AUTH PLAIN ${login("acme-app", secrets.password)}`,
    "MAIL FROM:<app@acme.test>",
    `RCPT TO:<"${secrets.badrecipient}"@example.net>`,
    "QUIT",
  ]) {
    const heardBefore = heard.length;
    socket.write(`${text}\r\n`);
    await eventually(() => heard.length > heardBefore || socket.closed);
  }
  socket.destroy();
  const json = { ...authorization(), "content-type": "application/json" };
  const message = { from: `${secrets.badauthor}@other.test`, to: ["a@b.test"], subject: "s", text: "t" };
  const answers = await Promise.all([
    fetch(`${http}/v1/messages`, { headers: { authorization: `Bearer ${secrets.wrongapikey}` } }),
    fetch(`${http}/v1/messages`, { method: "POST", headers: json, body: `{"subject": "${secrets.badjson}"` }),
    fetch(`${http}/v1/messages`, { method: "POST", headers: json, body: JSON.stringify(message) }),
    fetch(`${http}/v1/messages/${secrets.badpath}`, { headers: authorization() }),
    fetch(`${http}/${secrets.badpath}?${secrets.badquery}`, { headers: authorization() }),
    fetch(`${http}/v1/messages?recipient=${secrets.badquery}@example.net`, { headers: authorization() }),
  ]);
  assert.deepEqual(
    answers.map((one) => one.status),
    [401, 400, 403, 404, 404, 200],
  );
}
