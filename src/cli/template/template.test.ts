import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { type CommandLine, commandLine } from "../../../test/support/command-line.ts";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";

/** As React Email's render writes it: doctype of XHTML, comments of React, styles in the tags, escaped quotes. */
const REACT_EMAIL = `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd"><html dir="ltr" lang="en"><head><meta content="text/html; charset=UTF-8" http-equiv="Content-Type"/></head><!--$--><body style="background-color:#fff"><table align="center" width="100%" border="0" cellPadding="0" role="presentation"><tbody><tr><td><p style="font-size:16px">Hello <!-- -->{{name}}<!-- -->,</p>{{#equals plan &quot;pro&quot;}}<b>Pro</b>{{/equals}}<a href="{{url}}" style="color:#067df7" target="_blank"><span><!--[if mso]><i style="mso-font-width:300%" hidden>&#8202;</i><![endif]--></span>Open</a><img src="/static/logo.png"/></td></tr></tbody></table><!--/$--></body></html>`;

/** As MJML writes it: conditional comments around tables, styles in the head, a style sheet of a font. */
const MJML = `<!doctype html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:v="urn:schemas-microsoft-com:vml">
<head><title>{{title}}</title><!--[if !mso]><!--><meta http-equiv="X-UA-Compatible" content="IE=edge"><!--<![endif]-->
<!--[if !mso]><!--><link href="https://fonts.example/css?family=Lato" rel="stylesheet" type="text/css"><style type="text/css">@import url(https://fonts.example/css?family=Lato);</style><!--<![endif]-->
<style type="text/css">@media only screen and (min-width:480px) { .mj-column-per-100 { width:100% !important; } }</style></head>
<body style="word-spacing:normal;"><div><!--[if mso | IE]><table align="center" border="0" width="600"><tr><td style="line-height:0px;"><![endif]-->
<div style="margin:0px auto;max-width:600px;">{{#each items}}<div>{{this}}</div>{{/each}}<a href="{{url}}">Go</a></div>
<!--[if mso | IE]></td></tr></table><![endif]--></div></body></html>`;

let fresh: FreshDatabase;
let line: CommandLine;
before(async () => {
  fresh = await freshDatabase();
  line = commandLine({ POSTERN_DATABASE_URL: fresh.url });
  const write = (name: string, text: string) => writeFileSync(path.join(line.folder, name), text);
  write("react.html", REACT_EMAIL);
  write("mjml.html", MJML);
  write("welcome.txt", "Hello {{name}}\n");
  write(
    "data.json",
    JSON.stringify({ name: "Ada <3", plan: "pro", url: "https://x.example/?a&b", items: ["a", "b"], title: "T" }),
  );
});
after(async () => {
  line.close();
  await fresh.drop();
});

test("what React Email makes is kept, its placeholders work, and what to know is told", async () => {
  const put = await line.run([
    "template",
    "put",
    "welcome",
    "--from",
    "react.html",
    "--text",
    "welcome.txt",
    "--subject",
    "Hi {{name}}",
  ]);
  assert.equal(put.code, 0, put.err);
  assert.match(put.out, /welcome is kept: version 1, goes out from now on/);
  assert.match(put.err, /addresses of the machine[\s\S]*2 escaped characters/);
  const { code, out } = await line.run(["template", "render", "welcome", "--data", "data.json"]);
  assert.equal(code, 0);
  const made = JSON.parse(out) as Record<string, string>;
  assert.equal(made["subject"], "Hi Ada <3");
  assert.match(
    made["html"]!,
    /Hello <!-- -->Ada &lt;3<!-- -->,<\/p><b>Pro<\/b><a href="https:\/\/x\.example\/\?a&amp;b"/,
  );
  assert.match(made["html"]!, /<!--\[if mso\]><i style="mso-font-width:300%" hidden>&#8202;<\/i><!\[endif\]-->/);
});

test("what MJML makes is kept with its conditional comments; MJML itself is told apart", async () => {
  const put = await line.run(["template", "put", "news", "--from", "mjml.html", "--draft", "--json"]);
  const told = JSON.parse(put.out) as { published: boolean; notes: string[] };
  assert.deepEqual([put.code, told.published, told.notes.length], [0, false, 1]);
  assert.match(told.notes[0]!, /style sheet/);
  const { out } = await line.run(["template", "render", "news", "--draft", "--data", "data.json", "--part", "html"]);
  assert.match(out, /<title>T<\/title>[\s\S]*<!--\[if mso \| IE\]><table[\s\S]*<div>a<\/div><div>b<\/div>/);
  assert.equal((await line.run(["template", "render", "news"])).code, 1);
});

test("list, show, change and remove", async () => {
  await line.run(["template", "put", "welcome", "--subject", "Hello {{name}}"]);
  assert.match(
    (await line.run(["template", "list"])).out,
    /news +handlebars +draft[\s\S]*welcome +handlebars +published/,
  );
  assert.match(
    (await line.run(["template", "show", "welcome"])).out,
    /version 2 goes out[\s\S]*Subject: Hello \{\{name\}\}/,
  );
  const bad = await line.run(["template", "put", "welcome", "--subject", "{{#if"]);
  assert.equal(bad.code, 1);
  assert.match(bad.err, /template-syntax: subject, line 1, column 1/);
  assert.equal((await line.run(["template", "remove", "welcome"])).code, 0);
  const gone = await line.run(["template", "show", "welcome"]);
  assert.equal(gone.code, 1);
  assert.match(gone.err, /template-not-found/);
});

test("what cannot be read is named, and an empty template is not begun", async () => {
  const refused = async (...words: string[]) => {
    const { code, err } = await line.run(["template", ...words]);
    assert.equal(code, 1);
    return err.replaceAll(/\s+/g, " ");
  };
  assert.match(await refused("put", "empty"), /^input-unusable There is no template empty yet: begin it with --from/);
  assert.match(await refused("put", "empty", "--from", "none.html"), /The file none\.html cannot be read: it does not/);
  assert.match(
    await refused("render", "news", "--draft", "--data", "mjml.html"),
    /The values in mjml\.html are no JSON/,
  );
  assert.match(await refused("put", "empty", "--subject", "{{> who}}"), /Partials, as `\{\{> who\}\}`, are not known/);
});
