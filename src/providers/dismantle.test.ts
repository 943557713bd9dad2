import assert from "node:assert/strict";
import { test } from "node:test";
import { dismantle } from "./dismantle.ts";

const crlf = (text: string) => Buffer.from(text.replaceAll("\n", "\r\n"));
const partsOf = async (text: string) => {
  const taken = await dismantle(crlf(text));
  assert.ok(taken.kind === "parts", taken.kind === "cannot" ? taken.what : "");
  return taken.parts;
};
const obstacleOf = async (text: string) => {
  const taken = await dismantle(crlf(text));
  return taken.kind === "cannot" ? taken.what : null;
};

test("a message of two texts, an image in the HTML and an attachment comes apart without loss", async () => {
  const parts = await partsOf(`Received: by somewhere
DKIM-Signature: v=1; d=acme.example
From: =?utf-8?Q?J=C3=BCrg?= <news@acme.example>
Reply-To: help@acme.example
To: "Doe, Jane" <jane@example.net>, joe@example.net
Cc: boss@example.net
Subject: =?utf-8?B?R3LDvMOfZQ==?=
Message-ID: <1@acme.example>
List-Unsubscribe: <https://acme.example/u>
X-Tag: a
X-Tag: b
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=o

--o
Content-Type: multipart/alternative; boundary=i

--i
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe
--i
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html; charset=utf-8

<img src="cid:logo@acme">
--r
Content-Type: image/png
Content-ID: <logo@acme>
Content-Disposition: inline; filename=logo.png
Content-Transfer-Encoding: base64

iVBORw==
--r--
--i--
--o
Content-Type: application/pdf; name="bill.pdf"
Content-Disposition: attachment; filename="bill.pdf"
Content-Transfer-Encoding: base64

JVBERg==
--o--
`);
  assert.deepEqual(parts.from, { name: "Jürg", email: "news@acme.example" });
  assert.deepEqual(parts.replyTo, [{ name: "", email: "help@acme.example" }]);
  assert.deepEqual(parts.to, [
    { name: "Doe, Jane", email: "jane@example.net" },
    { name: "", email: "joe@example.net" },
  ]);
  assert.deepEqual(parts.cc, [{ name: "", email: "boss@example.net" }]);
  assert.equal(parts.subject, "Grüße");
  assert.equal(parts.text?.trim(), "Grüße");
  assert.equal(parts.html?.trim(), '<img src="cid:logo@acme">');
  assert.deepEqual(
    parts.attachments.map((one) => ({ ...one, content: one.content.toString("base64") })),
    [
      { filename: "logo.png", contentType: "image/png", content: "iVBORw==", contentId: "logo@acme", inline: true },
      { filename: "bill.pdf", contentType: "application/pdf", content: "JVBERg==", contentId: null, inline: false },
    ],
  );
  assert.deepEqual(parts.headers, [
    { name: "Message-ID", value: "<1@acme.example>" },
    { name: "List-Unsubscribe", value: "<https://acme.example/u>" },
    { name: "X-Tag", value: "a" },
    { name: "X-Tag", value: "b" },
  ]);
});

test("a message inside of a message stays an attachment", async () => {
  const parts = await partsOf(`From: a@acme.example
Content-Type: multipart/mixed; boundary=o

--o

See below.
--o
Content-Type: message/rfc822

From: x@example.net
Subject: inner

inner text
--o--
`);
  assert.equal(parts.text?.trim(), "See below.");
  assert.equal(parts.attachments[0]?.contentType, "message/rfc822");
  assert.match(parts.attachments[0]!.content.toString(), /inner text/);
});

test("texts of one kind only leave the other one null", async () => {
  assert.equal((await partsOf("From: a@acme.example\n\nhi\n")).html, null);
  assert.equal((await partsOf("From: a@acme.example\nContent-Type: text/html\n\n<b>hi</b>\n")).text, null);
});

test("what cannot be taken apart faithfully is named", async () => {
  assert.equal(
    await obstacleOf("From: a@acme.example\nContent-Type: multipart/signed; boundary=o\n\n--o--\n"),
    "a body of type multipart/signed",
  );
  assert.equal(await obstacleOf("From: a@acme.example\nTo: Team: b@example.net;\n\nhi\n"), "an address group");
  assert.equal(await obstacleOf("From: a@acme.example\nTo: undisclosed-recipients:;\n\nhi\n"), null);
  assert.equal(await obstacleOf("Subject: x\n\nhi\n"), "other than one From address");
  assert.equal(await obstacleOf("From: a@acme.example, b@acme.example\n\nhi\n"), "other than one From address");
  const deep = Array.from({ length: 30 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`);
  assert.match(
    (await obstacleOf(`From: a@acme.example\n${deep.join("")}\nx`)) ?? "",
    /^a structure that cannot be read/,
  );
});
