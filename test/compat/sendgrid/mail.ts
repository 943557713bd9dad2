import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type SendGridWorld, failureOf, from, reader } from "./asking.ts";
import { EMAIL, messagesIn, soon } from "./message.ts";

export function sendgridMail(world: SendGridWorld): Call[] {
  const { ask, mail, received } = world;
  const { activity, detailsOf, sent } = messagesIn(world);
  return [
    {
      name: "mail.send",
      group: "message",
      note: "`@sendgrid/mail`; text, html, cc, bcc, reply-to, headers, categories, custom args, attachments (inline too), footer, tracking settings",
      async run() {
        const [to, copy, blind] = [reader("to"), reader("cc"), reader("bcc")];
        const pixel = {
          content: Buffer.from("png").toString("base64"),
          filename: "p.png",
          type: "image/png",
          disposition: "inline",
          content_id: "pix",
        };
        const id = await sent({
          to: { email: to, name: "Ada" },
          cc: copy,
          bcc: blind,
          replyToList: [{ email: `help@${from.email.split("@")[1]}` }, { email: "desk@example.com" }],
          html: '<html><body><img src="cid:pix">Click%open%</body></html>',
          headers: { "X-Order": "7" },
          categories: ["welcome"],
          customArgs: { user: "u7" },
          attachments: [pixel],
          mailSettings: { footer: { enable: true, text: "\nBye", html: "<p>Bye</p>" } },
          trackingSettings: {
            openTracking: { enable: true, substitutionTag: "%open%" },
            clickTracking: { enable: true },
          },
        });
        const raw = await received(blind);
        assert.match(raw, /^To: Ada <to-\d+@example\.com>\r\n/m);
        assert.match(raw, /^Reply-To: help@.*, desk@example\.com\r\n/m);
        assert.match(raw, /^X-Order: 7\r\n/m);
        assert.match(raw, /Content-ID: <pix>/i);
        assert.match(raw, /Click<p>Bye<\/p><\/body>/);
        assert.match(raw, /Click\r\nBye/);
        assert.ok(!raw.includes(blind));
        const details = await detailsOf(id);
        assert.deepEqual(details.categories, ["welcome"]);
        assert.deepEqual(JSON.parse(details.unique_args), { user: "u7" });
        assert.equal((await activity(`to_email="${copy}"`))[0]!.msg_id.split(".")[0], id);
      },
    },
    {
      name: "mail.send (several)",
      group: "message",
      note: "a list of messages",
      async run() {
        const [one, other] = [reader("one"), reader("other")];
        await mail.send([
          { ...EMAIL, to: one },
          { ...EMAIL, to: other },
        ]);
        for (const to of [one, other]) assert.equal((await activity(`to_email="${to}"`)).length, 1);
      },
    },
    {
      name: "mail.sendMultiple",
      group: "message",
      note: "a message for each, with substitutions",
      async run() {
        const to = [reader("first"), reader("second")];
        await mail.sendMultiple({
          ...EMAIL,
          to,
          subject: "For {{name}}",
          html: "<b>{{name}}</b>",
          substitutions: { name: "<Ada>" },
        } as never);
        const raw = await received(to[1]!);
        assert.match(raw, /^To: second-\d+@example\.com\r\n/m);
        assert.match(raw, /^Subject: For <Ada>\r\n/m);
        assert.match(raw, /<b>&lt;Ada&gt;<\/b>/);
      },
    },
    {
      name: "POST /v3/mail/send",
      group: "message",
      note: "personalizations with what is their own: from, subject, headers, substitutions and sections, custom args, send_at; `ip_pool_name` has no effect; `asm` is refused",
      async run() {
        const [one, other] = [reader("p"), reader("p")];
        const body = {
          from,
          subject: "Hello -name-",
          content: [{ type: "text/plain", value: "-part-" }],
          sections: { ":one": "You are -name-.", ":two": "Dear -name-!" },
          ip_pool_name: "main",
          personalizations: [
            { to: [{ email: one }], substitutions: { "-name-": "Ada", "-part-": ":one" }, custom_args: { n: 1 } },
            {
              to: [{ email: other }],
              from: { email: `other@${from.email.split("@")[1]}` },
              subject: "Own -name-",
              headers: { "X-Own": "yes" },
              substitutions: { "-name-": "Bob", "-part-": ":two" },
            },
          ],
        };
        assert.equal((await ask("POST", "/v3/mail/send", body)).status, 202);
        const [first, second] = [await received(one), await received(other)];
        assert.match(first, /^Subject: Hello Ada\r\n/m);
        assert.match(first, /You are Ada\./);
        assert.match(second, /^From: other@/m);
        assert.match(second, /^Subject: Own Bob\r\n/m);
        assert.match(second, /^X-Own: yes\r\n/m);
        assert.match(second, /Dear Bob!/);
        const wrong = { ...body, personalizations: [{ to: [{ email: reader("x") }] }, { to: [{ email: "nobody" }] }] };
        const failure = await failureOf(ask("POST", "/v3/mail/send", wrong));
        assert.equal(failure.code, 400);
        assert.deepEqual(failure.response.body.errors, [
          {
            message: "Does not contain a valid address.",
            field: "personalizations.1.to.0.email",
            help: "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message.personalizations.to",
          },
        ]);
        const asm = await failureOf(ask("POST", "/v3/mail/send", { ...body, asm: { group_id: 1 } }));
        assert.equal(asm.response.body.errors[0]!.field, "asm");
      },
    },
    {
      name: "POST /v3/mail/send (sandbox mode)",
      group: "message",
      async run() {
        const to = reader("sandbox");
        const [response] = await mail.send({ ...EMAIL, to, mailSettings: { sandboxMode: { enable: true } } });
        assert.equal(response.statusCode, 200);
        assert.deepEqual(await activity(`to_email="${to}"`), []);
      },
    },
    {
      name: "POST /v3/mail/send (send_at)",
      group: "message",
      async run() {
        const to = reader("later");
        const id = await sent({ to, sendAt: soon(1) });
        assert.deepEqual(
          (await detailsOf(id)).events.map((one) => one.event_name),
          ["processed"],
        );
        const failure = await failureOf(mail.send({ ...EMAIL, to, sendAt: soon(24 * 400) }));
        assert.match(String(failure.response.body.errors[0]!.field), /send_at/);
      },
    },
  ];
}
