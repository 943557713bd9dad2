import assert from "node:assert/strict";
import { test } from "node:test";
import { templateRowsInMemory } from "../../../../test/support/template-rows.ts";
import { systemClock, systemRandom } from "../../../kernel/index.ts";
import { templateStore } from "../../../templates/index.ts";
import { refOf } from "./template-ref.ts";

test("a number is that of Postmark where a template was adopted from there, and ours otherwise", async () => {
  const store = templateStore({ rows: templateRowsInMemory(), clock: systemClock, random: systemRandom });
  await store.put("acme", { name: "welcome" }, { dialect: "mustachio", text: "a", aliases: ["4711"], publish: true });
  assert.deepEqual(await refOf(store, "acme", 4711), { name: "4711" });
  assert.equal((await store.get("acme", await refOf(store, "acme", "4711")))?.name, "welcome");
  assert.deepEqual(await refOf(store, "acme", 1), { id: 1 });
  assert.deepEqual(await refOf(store, "other", 4711), { id: 4711 }, "a tenant's names are its own");
  assert.deepEqual(await refOf(store, "acme", "welcome"), { name: "welcome" });
});
