import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { htmlFromText, textFromHtml } from "../auto-parts.ts";
import { dateThere, readDate } from "./dates.ts";
import { type MandrillError, mandrillError, statusOf } from "./errors.ts";
import { labelsFor, labelsThere } from "./labels.ts";
import { filtersOf, readQuery } from "./query.ts";
import { slugOf } from "./template-there.ts";
import { draftFrom, fromChange, publishedFrom } from "./template-from.ts";
import type { Template } from "../../../templates/index.ts";

test("dates are in UTC, and a day that is none is not another one", () => {
  const at = Date.UTC(2026, 10, 25, 9, 30);
  assert.equal(readDate("2026-11-25 09:30:00"), at);
  assert.equal(readDate(dateThere(at)), at);
  assert.equal(readDate("2026-11-25T09:30:00.000Z"), at);
  assert.equal(readDate("2026-11-25"), Date.UTC(2026, 10, 25));
  for (const text of ["2026-02-31 00:00:00", "2026-11-25 25:00:00", "0000-01-01", "tomorrow", "", "1764063000"]) {
    assert.equal(readDate(text), null, text);
  }
});

test("version 1.0 says 500 to every error, later ones tell them apart", () => {
  const status = (name: string, version: string) => statusOf(mandrillError(name, "") satisfies MandrillError, version);
  assert.equal(status("Invalid_Key", "1.0"), 500);
  assert.deepEqual(
    ["Invalid_Key", "ValidationError", "Unknown_Message", "GeneralError"].map((name) => status(name, "1.3")),
    [401, 422, 404, 500],
  );
});

describe("labels", () => {
  test("a recipient's own metadata stands above the message's; ten are kept, the template's name among them", () => {
    const message = {
      tags: ["Spring sale!", ""],
      metadata: { a: "1", b: { c: 1 } },
      recipient_metadata: [
        { rcpt: "ADA@example.com", values: { a: "2" } },
        { rcpt: "bob@example.com", values: { a: "3" } },
      ],
    };
    const labels = labelsFor(message, "ada@example.com", "welcome");
    assert.deepEqual(labels, { _template: "welcome", "Spring-sale-": "", a: "2", b: '{"c":1}' });
    assert.deepEqual(labelsThere(labels), {
      tags: ["Spring-sale-"],
      metadata: { a: "2", b: '{"c":1}' },
      template: "welcome",
    });
    const many = labelsFor({ tags: Array.from({ length: 20 }, (_, n) => `t${n}`) }, "", "welcome");
    assert.deepEqual([Object.keys(many).length, many["_template"]], [10, "welcome"]);
  });

  test("hold no line breaks and no half characters", () => {
    const { a, b } = labelsFor({ metadata: { a: "x\r\ny", b: `${"z".repeat(255)}😀` } }, "", null);
    assert.equal(a, "x  y");
    assert.ok(b!.isWellFormed() && b!.length <= 256);
  });

  test("a name of everything's prototype is a name", () => {
    const labels = labelsFor({ metadata: JSON.parse('{"__proto__":"x","constructor":"y"}') as object as {} }, "", null);
    assert.equal(Object.getPrototypeOf(labels), Object.prototype);
    assert.equal(labels["constructor"], "y");
  });
});

describe("a query", () => {
  test("names fields, joined with AND", () => {
    assert.deepEqual(readQuery('full_email:ada@example.com AND tags:"Spring sale" state:Sent u_user:7'), {
      recipients: ["ada@example.com"],
      authors: [],
      either: [],
      tags: [
        { name: "Spring-sale", value: "" },
        { name: "user", value: "7" },
      ],
      states: ["sent"],
    });
    const empty = { recipients: [], authors: [], either: [], tags: [], states: [] };
    assert.deepEqual([readQuery(""), readQuery("*")], [empty, empty]);
  });

  test("that would be answered with something else than asked for is refused", () => {
    for (const text of [
      "hello",
      "subject:Hi",
      "a@b.example OR c@d.example",
      "-tags:x",
      "tags:wel*",
      "ts:1",
      "(tags:a)",
    ]) {
      assert.equal(typeof readQuery(text), "string", text);
    }
  });

  test("of one address is asked as author and as recipient; several tags and senders one by one", () => {
    const base = { tenant: "acme" };
    const query = readQuery("ada@example.com");
    assert.ok(typeof query === "object");
    assert.deepEqual(filtersOf(base, query, [], []), [
      { ...base, recipient: "ada@example.com" },
      { ...base, author: "ada@example.com" },
    ]);
    const all = readQuery("");
    assert.ok(typeof all === "object");
    assert.equal(filtersOf(base, all, ["a", "b"], ["c@d.example", "e@d.example"]).length, 4);
    assert.ok(filtersOf(base, all, ["a"], ["c@d.example"]).every(({ tenant }) => tenant === "acme"));
  });
});

test("a text made of HTML holds what is read, and where links lead", () => {
  const html = `<html><head><title>No</title><style>p > a { x: "</p>" }</style></head><body>
    <h1>Hello&nbsp;Ada</h1><p>1 &lt; 2 &amp;&#x20;3<br>next <!-- never --> <a class="b" href="https://a.example/?x=1&amp;y=2">go</a></p>
    <ul><li>one</li><li>two</li></ul><script>alert(1)</script>a < b</body></html>`;
  assert.equal(
    textFromHtml(html),
    "Hello Ada\n\n1 < 2 & 3\nnext go (https://a.example/?x=1&y=2)\n\n* one\n* two\n\na < b",
  );
  const startedAt = performance.now();
  for (const piece of ["<", "<a ", "<!--", "<a href=", "&#", "<style>"]) textFromHtml(piece.repeat(50_000));
  assert.ok(performance.now() - startedAt < 2_000);
});

test("HTML made of a text holds no markup of it", () => {
  assert.equal(htmlFromText("1 < 2\r\n<b>&"), "<p>1 &lt; 2<br>\n&lt;b&gt;&amp;</p>");
});

test("a template's name becomes what it is called for good", () => {
  assert.deepEqual(["Example Template", "  --a  b--", "Ünï", "!!!", "x".repeat(200)].map(slugOf), [
    "example-template",
    "a-b",
    "n",
    "",
    "x".repeat(100),
  ]);
});

test("the author of a draft is not that of what goes out until it is published", () => {
  const first = fromChange({ email: "a@acme.test", name: 'Ada "A" Low' }, true, null);
  assert.equal(first.from, '"Ada \\"A\\" Low" <a@acme.test>');
  const kept = first as unknown as Template;
  assert.deepEqual(publishedFrom(kept), { email: "a@acme.test", name: 'Ada "A" Low' });
  const draft = fromChange({ email: "b@acme.test", name: null }, false, kept) as unknown as Template;
  assert.deepEqual(publishedFrom(draft), publishedFrom(kept));
  assert.deepEqual(draftFrom(draft), { email: "b@acme.test", name: null });
  const nameAlone = fromChange({ email: null, name: "Acme" }, true, null) as unknown as Template;
  assert.deepEqual(publishedFrom(nameAlone), { email: null, name: "Acme" });
});
