import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { TwinAccount } from "../../src/lab/twins/index.ts";
import { adoptWorld } from "./world.ts";

/** The account of the page: some things right, some not. */
function fill(account: TwinAccount): void {
  account.things("setting").delete("metadata postern_attempt");
  account.put("domain", { id: "old.example.net", valid: false });
  account.put("sender", { id: "nobody@elsewhere.example" });
  account.put("webhook", { id: "7", url: "https://app.acme.example/mandrill", events: ["hard_bounce", "spam"] });
  account.put("template", { id: "welcome", name: "Welcome", code: "<p>Hi *|NAME|*</p>", subject: "Hello *|NAME|*" });
  account.put("template", { id: "receipt", code: "<p>{{#each lines}}{{this}}{{/each}}</p>", subject: "Your receipt" });
  account.put("template", { id: "newsletter", code: "<p>News. <a href='*|UNSUB|*'>No more</a></p>", subject: "News" });
  for (const [n, reason] of ["hard-bounce", "hard-bounce", "spam", "unsub", "soft-bounce"].entries()) {
    account.put("suppression", { id: `someone-${n}@example.com`, reason, at: Date.UTC(2026, 1, n + 1) });
  }
}

test("the page about adopting shows what really comes", async () => {
  const world = await adoptWorld("mandrill", fill, { name: "mandrill" });
  try {
    const page = readFileSync(path.join(import.meta.dirname, "../../docs/adopt.md"), "utf8");
    const blocks = [...page.matchAll(/```console\n\$ postern adopt mandrill([^\n]*)\n([\s\S]*?)\n```/g)];
    assert.equal(blocks.length, 2);
    for (const [, words, shown] of blocks) {
      const { code, err, out } = await world.adopt(...["mandrill", ...words!.split(" ")].filter((word) => word !== ""));
      assert.equal(code, 0, err);
      const said = `${err}${out}`.replace(/[ \t]+$/gm, "").trimEnd();
      // The second block ends where it says the same as the first.
      assert.equal(said.slice(0, shown!.replace(/\n…$/, "").length), shown!.replace(/\n…$/, ""));
      if (!shown!.endsWith("\n…")) assert.equal(said, shown);
    }
  } finally {
    await world.close();
  }
});
