import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { API_KINDS } from "../../src/config/index.ts";
import { allAre, type ObservedPostern, startObservedPostern } from "../support/observed-postern.ts";

let postern: ObservedPostern;
before(async () => {
  postern = await startObservedPostern();
});
after(() => postern.stop());

for (const kind of API_KINDS) {
  describe(`notices of ${kind}`, () => {
    test("a message is handed off, and delivered once the provider says so", async () => {
      const id = await postern.send(kind);
      const story = await postern.until(id, allAre("delivered"));
      const told = story.events.filter((event) => event.kind === "message.delivered");
      assert.equal(told.length, 1);
      assert.equal(told[0]!.detail["provider"], kind);
      assert.equal(told[0]!.detail["attempt"], 1);
    });
  });
}
