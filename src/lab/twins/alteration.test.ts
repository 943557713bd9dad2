import assert from "node:assert/strict";
import { test } from "node:test";
import PostalMime from "postal-mime";
import { AS_IT_IS, altered } from "./alteration.ts";
import { composed } from "./composed.ts";

test("mail is written anew with a footer and other links; what else it holds stays", async () => {
  const raw = await composed({
    from: "Acme <hello@acme.test>",
    to: "mara@c.test",
    subject: "Grüße",
    messageId: "<1@acme.test>",
    text: "Go to https://acme.test/a now",
    html: '<html><body><a href="https://acme.test/a">go</a></body></html>',
    headers: { "X-Postern-Id": "7" },
    attachments: [{ filename: "a.txt", content: "kept" }],
  });
  assert.equal(await altered(raw, AS_IT_IS), raw);
  const email = await PostalMime.parse(
    await altered(raw, { footer: "Ask <ops@evil.test>", linksTo: "https://evil.test/x" }),
  );
  assert.equal(email.text?.trim(), "Go to https://evil.test/x now\n\nAsk <ops@evil.test>");
  assert.match(email.html!, /<a href="https:\/\/evil\.test\/x">go<\/a><p>Ask &lt;ops@evil\.test><\/p><\/body>/);
  assert.deepEqual(
    [email.subject, email.messageId, email.from?.address, email.to?.[0]?.address],
    ["Grüße", "<1@acme.test>", "hello@acme.test", "mara@c.test"],
  );
  assert.equal(email.headers.find(({ key }) => key === "x-postern-id")?.value, "7");
  assert.equal(email.attachments[0]?.filename, "a.txt");
});
