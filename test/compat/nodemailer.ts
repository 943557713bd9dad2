import assert from "node:assert/strict";
import nodemailer from "nodemailer";
import type { ClientCalls } from "./call.ts";
import { type CompatWorld, DOMAIN, KEYS } from "./world.ts";

const FROM = `Acme <hello@${DOMAIN}>`;

/** SMTP has one client most applications in this language use; its transport is what is tried. */
export function nodemailerCalls({ smtp, received }: CompatWorld): ClientCalls {
  const account = { user: KEYS.smtp.username, pass: KEYS.smtp.password };
  const transport = nodemailer.createTransport({ host: "127.0.0.1", port: smtp, auth: account });
  const mail = (to: string) => ({ from: FROM, to, subject: "Confirm", text: "Click" });
  return {
    vendor: "SMTP",
    client: "nodemailer",
    calls: [
      {
        name: "verify",
        group: "other",
        async run() {
          assert.equal(await transport.verify(), true);
          const wrong = nodemailer.createTransport({ host: "127.0.0.1", port: smtp, auth: { ...account, pass: "no" } });
          await assert.rejects(wrong.verify(), /535/);
        },
      },
      {
        name: "sendMail",
        group: "message",
        note: "text, HTML, names in other scripts, attachments, header fields",
        async run() {
          const info = await transport.sendMail({
            ...mail("Ada Ünal <nm-rich@example.com>"),
            html: "<b>Click</b>",
            headers: { "X-Order": "4711" },
            attachments: [{ filename: "Übersicht.txt", content: "hello" }],
          });
          assert.deepEqual(info.accepted, ["nm-rich@example.com"]);
          const raw = await received("nm-rich@example.com");
          assert.match(raw, /^X-Order: 4711/m);
          assert.match(raw, /multipart\/mixed/);
        },
      },
      {
        name: "sendMail with raw",
        group: "message",
        async run() {
          const raw = `From: ${FROM}\r\nTo: nm-raw@example.com\r\nSubject: Raw\r\n\r\n.begins with a dot\r\n`;
          await transport.sendMail({ envelope: { from: `hello@${DOMAIN}`, to: ["nm-raw@example.com"] }, raw });
          assert.match(await received("nm-raw@example.com"), /^\.begins with a dot/m);
        },
      },
      {
        name: "sendMail with envelope",
        group: "message",
        note: "return path and recipients other than the fields say; Bcc is not shown",
        async run() {
          const bcc = "nm-bcc@example.com";
          const info = await transport.sendMail({ ...mail("nm-to@example.com"), bcc });
          assert.deepEqual(info.envelope.to, ["nm-to@example.com", bcc]);
          assert.doesNotMatch(await received(bcc), /nm-bcc/);
        },
      },
      {
        name: "sendMail with dsn",
        group: "message",
        async run() {
          const dsn = { id: "4711", return: "headers" as const, notify: ["failure" as const], recipient: FROM };
          const info = await transport.sendMail({ ...mail("nm-dsn@example.com"), dsn });
          assert.match(info.response, /^250/);
        },
      },
      {
        name: "sendMail with list, priority, icalEvent, alternatives",
        group: "message",
        async run() {
          await transport.sendMail({
            ...mail("nm-more@example.com"),
            priority: "high",
            list: { unsubscribe: "https://acme.example/leave" },
            icalEvent: { method: "REQUEST", content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR" },
          });
          const raw = await received("nm-more@example.com");
          assert.match(raw, /^List-Unsubscribe: <https:\/\/acme\.example\/leave>/m);
          assert.match(raw, /text\/calendar/);
        },
      },
      {
        name: "pool: true",
        group: "message",
        note: "a hundred at once over five connections",
        async run() {
          const pool = nodemailer.createTransport({ pool: true, host: "127.0.0.1", port: smtp, auth: account });
          const all = await Promise.all(
            Array.from({ length: 100 }, (_, n) => pool.sendMail(mail(`nm-pool${n}@example.com`))),
          );
          pool.close();
          assert.equal(new Set(all.map(({ messageId }) => messageId)).size, 100);
        },
      },
      {
        name: "refusals",
        group: "message",
        note: "an author of another domain, with the code and what to do",
        async run() {
          const foreign = transport.sendMail({ ...mail("nm-no@example.com"), from: "x@other.example" });
          await assert.rejects(foreign, (error: Error & { responseCode?: number }) => {
            assert.equal(error.responseCode, 550);
            return /may not|not allowed|domain/i.test(error.message);
          });
        },
      },
    ],
  };
}
