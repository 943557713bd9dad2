import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type TestDoor, startTestDoor } from "../../../test/support/http-door.ts";

let door: TestDoor;
before(async () => {
  door = await startTestDoor();
});
after(() => door.stop());
const ask = async (path: string) => {
  const answer = await door.ask(`/v1/assurance${path}`);
  return { status: answer.status, body: (await answer.json()) as Record<string, never> };
};

test("tells a tenant how its mail fares, and asks for nobody else's", async () => {
  const { status, body } = await ask("");
  assert.equal(status, 200);
  assert.deepEqual(door.story.asked, [{ tenant: "acme", assurance: true }]);
  const { streams, providers, countedUntil } = body as unknown as {
    countedUntil: string;
    streams: Record<string, unknown>[];
    providers: Record<string, unknown>[];
  };
  assert.equal(countedUntil, "2022-08-08T19:29:00.000Z");
  assert.deepEqual(streams[0]!["budget"], { inTime: 98, decided: 100, left: -1 });
  assert.deepEqual(streams[0]!["objective"], { withinSeconds: 60, target: 0.99, windowSeconds: 2_592_000 });
  assert.equal(streams[0]!["minutes"], undefined, "curves are of one stream");
  assert.deepEqual(providers[0]!["standing"], { state: "DOWN", since: "2022-08-08T19:30:00.000Z", because: "silence" });
  assert.doesNotMatch(JSON.stringify(body), /operators/, "what an operator wrote is not a tenant's to read");
});

test("one stream and one provider come with their curves; of another name there is none", async () => {
  for (const path of ["/streams/alerts", "/providers/harbour"]) {
    const { status, body } = await ask(path);
    assert.equal(status, 200);
    assert.equal((body["minutes"] as unknown as unknown[]).length, 1);
  }
  for (const path of ["/streams/constructor", "/providers/other"]) {
    const { status, body } = await ask(path);
    assert.deepEqual([status, body["code"]], [404, "assurance-not-found"]);
  }
});

test("needs a credential, as everything below /v1 does", async () => {
  assert.equal((await fetch(`${door.url}/v1/assurance`)).status, 401);
});
