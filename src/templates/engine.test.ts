import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dialect } from "./dialects/index.ts";
import { NAME_FIELDS } from "./names.ts";
import type { TemplatePart } from "./problem.ts";
import { type TemplateRules, renderMerge } from "./template.ts";

/** One part of one dialect, rendered; problems as `code line:column`. */
export function made(
  dialect: Dialect,
  part: TemplatePart,
  source: string,
  data: unknown,
  rules: TemplateRules & { tags?: string[]; fallbacks?: Record<string, string | number> } = {},
): string {
  const { tags, fallbacks, ...more } = rules;
  const sources = { subject: null, html: null, text: null, [part]: source };
  const options = { dialect, ...(tags ? { tags } : {}), ...(fallbacks ? { fallbacks } : {}) };
  const rendering = renderMerge(sources, options, data, more);
  return rendering.kind === "rendered"
    ? rendering.rendered[part]!
    : rendering.problems.map(({ code, line, column }) => `${code} ${line}:${column}`).join(", ");
}
const html = (source: string, data: unknown, rules?: TemplateRules) => made("handlebars", "html", source, data, rules);
const text = (source: string, data: unknown, rules?: TemplateRules) => made("handlebars", "text", source, data, rules);

test("a value is written as its place in the HTML demands", () => {
  const evil = `"><script>alert('1')</script>&`;
  assert.equal(
    html("<p>{{x}}</p>", { x: evil }),
    "<p>&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</p>",
  );
  assert.equal(
    html('<p title="{{x}}">', { x: evil }),
    '<p title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;">',
  );
  assert.equal(html("<p title={{x}}>", { x: "a b>" }), "<p title=a&#32;b&#62;>");
  assert.equal(
    html('<a href="{{x}}">', { x: "https://a.example/?a=1&b=2" }),
    '<a href="https://a.example/?a=1&amp;b=2">',
  );
  assert.equal(
    html('<a href="https://a.example/?t={{x}}&u=1">', { x: "a&b=c d" }),
    '<a href="https://a.example/?t=a%26b%3Dc%20d&u=1">',
  );
  assert.equal(html('<a href="https://a.example/?t={{x}}">', { x: "a%2Bb" }), '<a href="https://a.example/?t=a%2Bb">');
  assert.equal(
    html("<!--[if mso]><v:rect href='{{x}}'><![endif]-->", { x: "https://a.example/'" }),
    "<!--[if mso]><v:rect href='https://a.example/%27'><![endif]-->",
  );
  assert.equal(
    html('<script type="application/ld+json">{"url":"{{x}}"}</script>', { x: '</script>"' }),
    '<script type="application/ld+json">{"url":"\\u003c/script\\u003e\\""}</script>',
  );
  assert.equal(made("handlebars", "subject", "Hi {{{x}}}", { x: "a\r\nBcc: b@c.example" }), "Hi a Bcc: b@c.example");
  assert.equal(text("{{x}}", { x: "<b>&" }), "<b>&");
});

test("an address made of values has a harmless scheme, however it is put together", () => {
  const refused = /^template-value-unusable/;
  for (const x of ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"]) {
    assert.match(html('<a href="{{x}}">', { x }), refused, x);
    assert.match(html('<a href="{{{x}}}">', { x }), refused, x);
  }
  assert.equal(html('<a href="{{x}}">', { x: "java\nscript:x" }), '<a href="java%0Ascript:x">'); // a place, no scheme
  assert.match(html('<a href="{{{x}}}">', { x: "javascript&colon;alert(1)" }), refused);
  assert.match(html('<a href="{{a}}{{b}}">', { a: "java", b: "script:alert(1)" }), refused);
  assert.match(html('<a href="java{{b}}">', { b: "script:alert(1)" }), refused);
  assert.match(html('<a href="{{a}}:{{b}}">', { a: "javascript", b: "alert(1)" }), refused);
  assert.match(html('<a href="{{#if x}}javascript:{{/if}}{{y}}">', { x: 1, y: "alert(1)" }), refused);
  assert.equal(html('<a href="javascript:{{x}}">', { x: 1 }), "template-place-unsafe 1:21");
  assert.equal(
    html('<a href="mailto:{{x}}"><img src="cid:{{x}}"><a href="tel:{{x}}">', { x: "a" }),
    '<a href="mailto:a"><img src="cid:a"><a href="tel:a">',
  );
  assert.equal(html('<a href="{{x}}/b">', { x: "https://a.example" }), '<a href="https://a.example/b">');
});

test("where no way of writing a value is safe, the template is refused with the place", () => {
  for (const [source, place] of [
    ["<{{x}}>", "1:2"],
    ["<a {{x}}>", "1:4"],
    ["a\n<a {{x}}=1>", "2:4"],
    ['<a onclick="{{x}}">', "1:13"],
    ["<script>{{x}}</script>", "1:9"],
    ["<!doctype {{x}}>", "1:11"],
    ["<a {{#if a}}href='{{/if}}>{{x}}", "1:4"],
    ["{{#each a}}<a {{/each}}", "1:1"],
    ["<a href={{x}}>", "1:9"],
  ]) {
    assert.equal(html(source!, { x: 1, a: 1 }), `template-place-unsafe ${place}`, source);
  }
  assert.equal(html('<a {{#if a}}href="{{x}}"{{else}}href="y"{{/if}}>', { x: "z", a: 1 }), '<a href="z">');
  assert.equal(html('<p style="color:{{x}}">', { x: "#fff" }), '<p style="color:#fff">');
  assert.equal(html('<p style="color:{{x}}">', { x: "red;position:fixed" }), "template-value-unusable 1:17");
});

test("Handlebars: values, conditions, lists, as the providers' documents have them", () => {
  assert.equal(text("{{user.profile.firstName}}", { user: { profile: { firstName: "Ben" } } }), "Ben");
  assert.equal(text("{{#if a}}A{{else if b}}B{{else}}C{{/if}}", { b: true }), "B");
  assert.equal(text("{{#unless a}}A{{/unless}}", {}), "A");
  assert.equal(text("{{#if l}}x{{else}}none{{/if}}", { l: [] }), "none");
  assert.equal(
    text("{{#each xs}}{{@index}}{{this}}{{#unless @last}},{{/unless}}{{else}}none{{/each}}", { xs: ["a", "b"] }),
    "0a,1b",
  );
  assert.equal(text("{{#each xs}}{{n}}{{../n}}{{@root.n}};{{/each}}", { n: 0, xs: [{ n: 1 }, { n: 2 }] }), "100;200;");
  assert.equal(text("{{#each o}}{{@key}}={{this}} {{/each}}", { o: { a: 1, b: 2 } }), "a=1 b=2 ");
  assert.equal(text("{{#with a}}{{b}}{{/with}}", { a: { b: 1 } }), "1");
  assert.equal(text("{{#a}}{{b}}{{/a}}{{^c}}no{{/c}}", { a: [{ b: 1 }, { b: 2 }] }), "12no");
  assert.equal(
    text('{{#equals a "x"}}A{{else}}B{{/equals}}{{#greaterThan n 3}}>{{/greaterThan}}', { a: "x", n: "10" }),
    "A>",
  );
  assert.equal(text("{{#and a b}}A{{/and}}{{#or a b}}O{{/or}}{{length xs}}", { a: 1, xs: [1, 2] }), "O2");
  assert.equal(text('{{insert name "default=Customer"}}', {}), "Customer");
  assert.equal(text("{{#greaterThan (length xs) 1}}many{{/greaterThan}}", { xs: [1, 2] }), "many");
  assert.equal(
    text('{{upper a}}{{title "ab cd"}}{{url b}}{{striptags "<b>x</b>"}}', { a: "x", b: "a b" }),
    "XAb Cda%20bx",
  );
  assert.equal(text("{{! no }}{{!-- {{no}} --}}\\{{x}} {{~ x ~}} .", { x: 1 }), "{{x}}1.");
  assert.equal(text("a\n{{#if x}}\nb\n{{/if}}\nc", { x: 1 }), "a\nb\nc");
});

test("what a dialect knows and we do not is named, with its place", () => {
  for (const source of [
    "{{> footer}}",
    '{{formatDate d "YYYY"}}',
    "{{lookup a b}}",
    "{{#each a as |b|}}{{/each}}",
    "{{{{raw}}}}",
    "{{#foo a b}}{{/foo}}",
    "{{#>layout}}",
  ]) {
    assert.match(text(source, {}), /^template-not-supported/, source);
  }
  assert.equal(text("x\n {{unsubscribe}}", {}), "template-value-missing 2:4");
  for (const tag of ["UNSUB", "DATE:Y", "LIST:NAME", "UPDATE_PROFILE", "INTERESTED:a:b", "MC:SUBJECT"]) {
    assert.equal(made("mailchimp", "text", `ab *|${tag}|*`, {}), "template-not-supported 1:4", tag);
  }
  assert.match(made("mustachio", "text", "{{> x}}", {}), /^template-not-supported/);
  assert.match(made("mustachio", "html", "{{{ @content }}}", {}), /^template-not-supported/);
  assert.match(made("resend", "html", "{{#if A}}", {}), /^template-not-supported/);
  assert.match(made("recipient-variables", "text", "%unsubscribe_url%", {}), /^template-not-supported/);
});

test("Mailchimp's merge tags: names without case, conditions, HTML where it is asked for", () => {
  const mc = (source: string, data: unknown, rules?: TemplateRules) => made("mailchimp", "html", source, data, rules);
  assert.equal(mc("Hi *|FNAME|*, *|html:Bio|*", { fname: "<A>", BIO: "<b>x</b>" }), "Hi &lt;A&gt;, <b>x</b>");
  const conditions = "*|IF:P=gold|*G*|ELSEIF:P=silver|*S*|ELSE:|*N*|END:IF|*";
  assert.deepEqual(
    ["gold", "silver", "x"].map((p) => mc(conditions, { p })),
    ["G", "S", "N"],
  );
  assert.equal(mc("*|IFNOT:A|*no*|END:IF|**|IF:N >= 10|*many*|END:IF|**|IF:N != 9|*!*|END:IF|*", { n: 10 }), "nomany!");
  assert.equal(mc("*|UPPER:A|**|TITLE:A|*", { a: "ab cd" }), "AB CDAb Cd");
  assert.equal(mc("*|HTML:A|*", { a: "<b>" }, { refuseRaw: true }), "template-raw-refused 1:1");
});

test("Mustachio: sections open scopes step by step and do not repeat", () => {
  const mu = (source: string, data: unknown) => made("mustachio", "text", source, data);
  assert.equal(mu("{{#person}}{{first_name}}{{/person}}", { person: { first_name: "A" } }), "A");
  assert.equal(
    mu("{{#each xs}}{{name}} of {{../../company}};{{/each}}", { company: "ACME", xs: [{ name: "A" }, { name: "B" }] }),
    "A of ACME;B of ACME;",
  );
  assert.equal(mu("{{#xs}}{{#each .}}{{.}}{{/each}}{{/xs}}", { xs: [1, 2] }), "12");
  assert.equal(mu("{{^xs}}none, {{../name}}{{/xs}}", { name: "A", xs: [] }), "none, A");
});

test("Resend's variables, SendGrid's substitutions, Mailgun's recipient variables", () => {
  assert.equal(made("resend", "html", "{{{A}}} {{{B|x}}} {{{C}}}", { A: "<" }, { fallbacks: { C: 25 } }), "&lt; x 25");
  assert.equal(made("resend", "html", "{{{A}}}", {}), "template-value-missing 1:1");
  assert.equal(
    made("substitution", "text", "-name- -names-", { "-name-": "A", "-names-": "B" }, { tags: ["-name-", "-names-"] }),
    "A B",
  );
  assert.equal(made("substitution", "html", "$x$", { $x$: "<" }, { tags: ["$x$"] }), "&lt;");
  assert.equal(
    made("recipient-variables", "text", "100% %recipient.a% %recipient.b.c%", { a: 1, b: { c: 2 } }),
    "100% 1 2",
  );
});

test("nothing but own plain values is reached", () => {
  class Account {
    secret = "s";
  }
  const getter = Object.defineProperty({}, "a", { enumerable: true, get: () => "called" });
  for (const [source, data] of [
    ["{{constructor.name}}", {}],
    ["{{__proto__.toString}}", {}],
    ["{{a.constructor}}", { a: "x" }],
    ["{{a.length}}", { a: "x" }],
    ["{{a.0}}{{a.[0]}}", { a: ["x"] }],
    ["{{toString}}", {}],
    ["{{secret}}", new Account()],
    ["{{a}}", getter],
    ["{{a.b}}", Object.create({ a: { b: 1 } })],
  ] as [string, unknown][]) {
    assert.equal(text(source, data), "", source);
  }
  assert.match(text("{{a}}", { a: {} }), /^template-value-unusable/);
  assert.match(text("{{a}}", { a: [1] }), /^template-value-unusable/);
  assert.match(text("{{a}}", { a: () => 1 }), /^template-value-unusable/);
});

test("a value that is not there is empty, or an error where that is asked for", () => {
  assert.equal(text("a{{x}}b", {}), "ab");
  assert.equal(text("a{{x}}b", {}, { missing: "error" }), "template-value-missing 1:2");
  assert.equal(text("a{{#if x}}{{x}}{{/if}}b", {}, { missing: "error" }), "ab");
});

test("secrets: no HTML values, links to allowed origins alone, no address for a name", () => {
  const mayLink = (link: URL) => link.origin === "https://app.example.com";
  assert.equal(html("{{{x}}}", { x: "<b>" }, { refuseRaw: true }), "template-raw-refused 1:1");
  assert.equal(
    html('<a href="{{{x}}}">', { x: "https://app.example.com/r" }, { refuseRaw: true, mayLink }),
    '<a href="https://app.example.com/r">',
  );
  for (const link of [
    "https://app.example.com.evil.example/",
    "http://app.example.com/",
    "//evil.example",
    "https://app.example.com@evil.example/",
  ]) {
    assert.match(html('<a href="{{x}}">', { x: link }, { mayLink }), /^template-link-refused/, link);
    assert.match(text("Go: {{x}}", { x: link.replace(/^\/\//, "www.") }, { mayLink }), /^template-link-refused/, link);
  }
  assert.match(html("<p>see {{x}}</p>", { x: "https://evil.example" }, { mayLink }), /^template-link-refused/);
  for (const name of [
    "www.evil.example",
    "Go to evil.com now",
    "evil.example/x",
    "http://x",
    "ｅvil．com",
    "evil.zip",
    "my.evil.icu",
  ]) {
    assert.match(
      text("Hi {{u.first_name}}", { u: { first_name: name } }, { nameFields: ["firstName"] }),
      /^template-name-refused/,
      name,
    );
  }
  for (const key of ["first", "last", "customer_name", "contactName"]) {
    const refused = text(`Hi {{${key}}}`, { [key]: "evil.com" }, { nameFields: NAME_FIELDS });
    assert.match(refused, /^template-name-refused/, key);
  }
  for (const name of ["Ada Lovelace", "Dr.Smith", "J. R. R. Tolkien", "José", "St.John", "Prof.Clubb"]) {
    assert.equal(text("Hi {{name}}", { name }, { nameFields: ["name"] }), `Hi ${name}`);
  }
});

test("bounds hold: size, nodes, depth, output and work", () => {
  assert.match(text("x".repeat(65_537), {}), /^template-too-large/);
  assert.match(text("{{a}}".repeat(10_001), {}), /^template-too-large/);
  assert.match(text("{{#if a}}".repeat(33), {}), /^template-too-deep/);
  assert.match(text(`{{#if ${"(and a ".repeat(9)}a${")".repeat(9)}}}{{/if}}`, {}), /^template-too-deep/);
  assert.match(
    text("{{#each a}}{{../x}}{{/each}}", { a: Array(100).fill(0), x: "x".repeat(20_000) }),
    /^template-output-too-large/,
  );
  const many = Array(300).fill(Array(300).fill(Array(300).fill(1)));
  assert.match(
    text("{{#each a}}{{#each this}}{{#each this}}{{/each}}{{/each}}{{/each}}", { a: many }),
    /^template-too-much-work/,
  );
});

test("what is not closed is told where it was opened", () => {
  assert.equal(text("a\n {{#if x}}", {}), "template-syntax 2:2");
  assert.equal(text("{{#if x}}{{/each}}", {}), "template-syntax 1:10");
  assert.equal(text("{{/if}}", {}), "template-syntax 1:1");
  assert.equal(text("a {{x", {}), "template-syntax 1:3");
  assert.equal(text("{{}}", {}), "template-syntax 1:3");
  assert.equal(made("mailchimp", "text", "*|IF:A|*", {}), "template-syntax 1:1");
});
