import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { testData } from "../../test/support/test-data.ts";
import type { Dialect } from "./dialects/index.ts";
import { renderMerge } from "./template.ts";

/** What providers give their customers to begin with. */
const FOLDERS: readonly [folder: string, dialect: Dialect, least: number][] = [
  ["postmark", "mustachio", 30],
  ["sendgrid", "handlebars", 8],
  ["mailgun", "handlebars", 2],
];
const DATA = {
  name: "Ada <b>",
  action_url: "https://x.example/?a=1&b=2",
  receipt_details: [{ description: "A & B", amount: "$1" }],
  attachment_details: [{ attachment_name: "a.pdf" }],
  news: [{ article: "x" }],
  english: true,
};

for (const [folder, dialect, least] of FOLDERS) {
  const data = testData("legit-templates", "open", folder);
  test(`the templates ${folder} publishes compile, and values in them change no markup`, { skip: data.skip }, () => {
    const files = globSync("**/*.{html,txt}", { cwd: data.folder });
    assert.ok(files.length >= least, `${files.length} files`);
    for (const file of files) {
      const source = readFileSync(path.join(data.folder, file), "utf8");
      const isHtml = file.endsWith(".html");
      const sources = { subject: null, html: isHtml ? source : null, text: isHtml ? null : source };
      const rendering = renderMerge(sources, { dialect }, DATA);
      assert.equal(rendering.kind, "rendered", `${file}: ${JSON.stringify(rendering)}`);
      const made = rendering.kind === "rendered" ? (rendering.rendered.html ?? rendering.rendered.text)! : "";
      assert.doesNotMatch(made, /\{\{/, file);
      if (isHtml) assert.doesNotMatch(made, /Ada <b>/, file);
    }
  });
}
