import assert from "node:assert/strict";
import { test } from "node:test";
import { fillRegions } from "./regions.ts";

const fill = (source: string, contents: Record<string, string>) =>
  fillRegions(source, new Map(Object.entries(contents)));

test("regions get what is brought for them, whatever is nested in them; others keep theirs", () => {
  const source = `<div mc:edit="main" class="a"><div>old</div></div><p mc:edit='foot'>kept</p>`;
  assert.equal(
    fill(source, { main: "<b>*|NAME|*</b>", none: "x" }),
    `<div mc:edit="main" class="a"><b>*|NAME|*</b></div><p mc:edit='foot'>kept</p>`,
  );
  assert.equal(
    fill(source, { foot: "$& new" }),
    `<div mc:edit="main" class="a"><div>old</div></div><p mc:edit='foot'>$& new</p>`,
  );
});

test("a region that is never closed, and text that only looks like one, stay as they are", () => {
  for (const source of [`<div mc:edit="main">old`, `mc:edit="main"`, `<div mc:edit=main>old</div>`]) {
    assert.equal(fill(source, { main: "x" }), source);
  }
  const startedAt = performance.now();
  fill(`<a mc:edit="m"`.repeat(4_000), { m: "x" });
  fill(`<a mc:edit="m">`.repeat(4_000), { m: "x" });
  assert.ok(performance.now() - startedAt < 2_000);
});
