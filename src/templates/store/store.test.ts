import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import { templateRowsInMemory } from "../../../test/support/template-rows.ts";
import { systemClock, systemRandom } from "../../kernel/index.ts";
import { renderTemplate } from "../template.ts";
import { STORE_BOUNDS } from "./bounds.ts";
import { templateRows } from "./rows-in-postgres.ts";
import { templateStore } from "./store.ts";
import type { PutAnswer, Template, TemplateChange, TemplateStore } from "./template.ts";

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
});
after(() => fresh.drop());

const stored = (answer: PutAnswer): Template => {
  assert.equal(answer.kind, "stored", JSON.stringify(answer));
  return (answer as Extract<PutAnswer, { kind: "stored" }>).template;
};
const HELLO: TemplateChange = { dialect: "handlebars", subject: "Hi {{name}}", text: "Hello {{name}}", publish: true };

const KINDS = {
  PostgreSQL: () => templateRows(fresh.database),
  memory: () => templateRowsInMemory(),
};
for (const [kind, rows] of Object.entries(KINDS)) {
  describe(`templates in ${kind}`, () => {
    let store: TemplateStore;
    before(() => {
      store = templateStore({ rows: rows(), clock: systemClock, random: systemRandom });
    });
    const render = async (name: string, data: object, which: "published" | "draft" = "published") => {
      const found = await store.compiled("acme", { name }, which);
      const rendering = found && renderTemplate(found.compiled, data);
      return rendering?.kind === "rendered" ? rendering.rendered.text : rendering;
    };

    test("a template is found by its name, an alias, its number and its UUID, by its tenant alone", async () => {
      const made = stored(
        await store.put("acme", { name: "welcome" }, { ...HELLO, aliases: ["hi", "welcome"], labels: ["x"] }),
      );
      assert.deepEqual([made.name, made.aliases, made.labels, made.draft.number], ["welcome", ["hi"], ["x"], 1]);
      for (const ref of [{ name: "welcome" }, { name: "hi" }, { id: made.id }, { uuid: made.uuid }]) {
        assert.equal((await store.get("acme", ref))?.id, made.id);
        assert.equal(await store.get("other", ref), null);
      }
      for (const ref of [{ name: "Welcome" }, { id: 1.5 }, { uuid: "d-1" }, { name: "a\0" }]) {
        assert.equal(await store.get("acme", ref), null);
      }
      assert.equal(await render("hi", { name: "Ada" }), "Hello Ada");
    });

    test("a change makes a version; a draft goes out only once it is published", async () => {
      await store.put("acme", { name: "draft" }, HELLO);
      const next = stored(await store.put("acme", { name: "draft" }, { text: "Bye {{name}}", publish: false }));
      assert.deepEqual([next.draft.subject, next.draft.number, next.published?.number], ["Hi {{name}}", 2, 1]);
      assert.equal(await render("draft", { name: "Ada" }), "Hello Ada");
      assert.equal(await render("draft", { name: "Ada" }, "draft"), "Bye Ada");
      assert.equal(await store.publish("acme", { name: "draft" }), true);
      assert.equal(await render("draft", { name: "Ada" }), "Bye Ada");
      const [, first] = (await store.versions("acme", { name: "draft" }))!;
      assert.equal(await store.publish("acme", { name: "draft" }, first!.uuid), true);
      assert.equal(await render("draft", { name: "Ada" }), "Hello Ada");
      assert.equal(await store.removeVersion("acme", { name: "draft" }, first!.uuid), false);
      assert.equal(await store.removeVersion("acme", { name: "draft" }, next.draft.uuid), true);
      assert.equal((await store.get("acme", { name: "draft" }))?.draft.number, 1);
      assert.equal(await store.publish("acme", { name: "draft" }, "nonsense"), false);
    });

    test("what does not compile is not kept, and the version before goes on", async () => {
      await store.put("acme", { name: "broken" }, HELLO);
      const answer = await store.put("acme", { name: "broken" }, { text: "{{#if", publish: true });
      assert.equal(answer.kind, "problems");
      assert.equal(await render("broken", { name: "Ada" }), "Hello Ada");
    });

    test("a name or an alias belongs to one template of a tenant", async () => {
      await store.put("acme", { name: "one" }, { ...HELLO, aliases: ["first"] });
      const taken = await store.put("acme", { name: "two" }, { ...HELLO, aliases: ["first"] });
      assert.equal(taken.kind === "refused" && taken.code, "template-name-taken");
      stored(await store.put("other", { name: "first" }, HELLO));
      const renamed = stored(await store.put("acme", { name: "first" }, { name: "uno", publish: false }));
      assert.deepEqual([renamed.name, renamed.aliases, renamed.draft.number], ["uno", ["first"], 1]);
      assert.equal(await store.get("acme", { name: "one" }), null);
    });

    test("a template is removed with its names and versions", async () => {
      stored(await store.put("acme", { name: "gone" }, { ...HELLO, aliases: ["away"] }));
      assert.equal(await store.remove("other", { name: "gone" }), false);
      assert.equal(await store.remove("acme", { name: "away" }), true);
      assert.equal(await store.remove("acme", { name: "gone" }), false);
      assert.equal(await store.versions("acme", { name: "gone" }), null);
      stored(await store.put("acme", { name: "away" }, HELLO));
    });

    test("pages go by name; old versions go, the published one stays; what is too long is refused", async () => {
      for (const name of ["b", "a", "c"]) await store.put("pages", { name }, { ...HELLO, publish: false });
      assert.deepEqual(
        (await store.list("pages", 2, null)).map((one) => [one.name, one.isPublished]),
        [
          ["a", false],
          ["b", false],
        ],
      );
      assert.deepEqual(
        (await store.list("pages", 2, "b")).map((one) => one.name),
        ["c"],
      );
      await store.put("pages", { name: "a" }, { text: "kept", publish: true });
      for (let n = 0; n < STORE_BOUNDS.versions + 3; n += 1)
        await store.put("pages", { name: "a" }, { text: `${n}`, publish: false });
      const versions = (await store.versions("pages", { name: "a" }))!;
      assert.equal(versions.length, STORE_BOUNDS.versions + 1);
      assert.equal(versions.at(-1)!.text, "kept");
      const refusals = await Promise.all([
        store.put("pages", { name: "x\n" }, HELLO),
        store.put("pages", { name: "x" }, { publish: true }),
        store.put("pages", { id: 5 }, HELLO),
        store.put("pages", { name: "x" }, { ...HELLO, labels: Array(11).fill("x") }),
        store.put("pages", { name: "x" }, { ...HELLO, extra: { a: "x".repeat(5_000) } }),
      ]);
      assert.deepEqual(
        refusals.map((one) => one.kind === "refused" && one.code),
        [
          "template-name-invalid",
          "template-change-invalid",
          "template-not-found",
          "template-change-invalid",
          "template-change-invalid",
        ],
      );
    });
  });
}

test("two changes of one template take turns", async () => {
  const store = templateStore({ rows: templateRows(fresh.database), clock: systemClock, random: systemRandom });
  const answers = await Promise.all([1, 2, 3, 4].map(() => store.put("race", { name: "one" }, HELLO)));
  assert.deepEqual(answers.map((one) => one.kind === "stored" && one.isNew).toSorted(), [false, false, false, true]);
  assert.equal((await store.versions("race", { name: "one" }))!.length, 4);
});
