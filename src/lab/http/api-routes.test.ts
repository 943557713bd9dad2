import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { HERE, type ServedLab, serveLab } from "./served-lab-for-tests.ts";

let served: ServedLab;
beforeEach(async () => {
  served = await serveLab();
});
afterEach(() => served.stop());

describe("the lab answers programs", () => {
  test("lists newest first, after an id, by words, and says whether more follow", async () => {
    for (const name of ["one", "two", "three"]) await served.mail(`Subject: ${name}\r\nTo: ${name}@example.com`);
    const subjects = async (query: string) => {
      const { messages, more } = await served.json(`/lab/api/messages${query}`);
      return [...messages.map((message: { subject: string }) => message.subject), more];
    };
    assert.deepEqual(await subjects(""), ["three", "two", "one", false]);
    assert.deepEqual(await subjects("?after=1"), ["three", "two", false]);
    assert.deepEqual(await subjects("?limit=1&before=3"), ["two", true]);
    assert.deepEqual(await subjects("?q=TWO@example.com"), ["two", false]);
    assert.deepEqual(await subjects("?q=two&q=three&limit=x&after=-1"), ["three", "two", "one", false]);
  });

  test("gives one message whole, and clears", async () => {
    await served.mail("Subject: s\r\nFrom: a@served.lab.test\r\n\r\nhello");
    const message = await served.json("/lab/api/messages/1");
    assert.equal(message.text, "hello\n");
    assert.equal(message.envelope.recipients[0].address, "mara@example.com");
    assert.equal(message.takenAt, "2022-08-08T19:30:00.000Z");
    assert.equal((await served.ask("/lab/api/messages", { method: "DELETE" })).statusCode, 204);
    assert.equal((await served.json("/lab/api/messages")).total, 0);
  });

  test("switches a mode, and says which there are", async () => {
    const answer = await served.setMode("lantern", "silent");
    assert.deepEqual([answer.statusCode, answer.json().mode], [200, "silent"]);
    assert.match(await served.get("/lab"), /black hole/);
    for (const mode of ["broken", 7, null, ["down"], undefined, "toString"]) {
      const refused = await served.setMode("lantern", mode);
      assert.deepEqual([refused.statusCode, refused.json().code], [400, "lab-mode-unknown"], JSON.stringify(mode));
      assert.match(refused.json().detail, /normal, slow, suspended/);
    }
    const unknown = await served.setMode("nobody", "down");
    assert.deepEqual([unknown.statusCode, unknown.json().code], [404, "lab-provider-unknown"]);
    const broken = await served.ask("/lab/providers/lantern/mode", {
      method: "POST",
      headers: { ...HERE, "content-type": "application/json" },
      payload: '{"mode":',
    });
    assert.deepEqual([broken.statusCode, broken.json().code], [400, "lab-request-malformed"]);
  });

  test("a provider says of an attempt whether it took it, except when it is down", async () => {
    await served.mail("X-Postern-Attempt: one\r\n\r\n");
    assert.deepEqual(await served.json("/lab/activity/harbour?attempt=one"), { taken: true });
    assert.deepEqual(await served.json("/lab/activity/lantern?attempt=one"), { taken: false });
    assert.equal((await served.ask("/lab/activity/harbour")).json().code, "lab-attempt-missing");
    assert.equal((await served.ask("/lab/activity/nobody?attempt=one")).json().code, "lab-provider-unknown");
    await served.setMode("harbour", "down");
    const down = await served.ask("/lab/activity/harbour?attempt=one");
    assert.deepEqual([down.statusCode, down.json().code], [503, "lab-provider-down"]);
  });
});
