import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { HERE, type ServedLab, serveLab } from "./served-lab-for-tests.ts";

let served: ServedLab;
beforeEach(async () => {
  served = await serveLab();
});
afterEach(() => served.stop());

describe("the lab lets nobody in by a side door", () => {
  const addresses = ["/lab", "/lab/live", "/lab/events", "/lab/api/messages", "/lab/activity/harbour?attempt=a"];
  test("a name that somebody else points to this machine is refused everywhere", async () => {
    for (const host of ["evil.example", "evil.example:8025", "127.0.0.1.evil.example", "localhost.evil.example:8025"]) {
      for (const address of addresses) {
        const { statusCode, body } = await served.ask(address, { headers: { host } });
        assert.deepEqual([statusCode, JSON.parse(body).code], [403, "lab-host-not-allowed"], `${host} ${address}`);
      }
    }
    for (const host of ["localhost", "localhost:8025", "127.0.0.1:8025", "[::1]:8025"])
      assert.equal((await served.ask("/lab", { headers: { host } })).statusCode, 200, host);
  });

  const foreign: Record<string, string>[] = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "https://evil.example" },
    { origin: "http://127.0.0.1:9999" },
    { origin: "null" },
  ];
  test("a page of another origin can neither switch a mode nor clear the inbox", async () => {
    await served.mail("Subject: kept");
    for (const headers of foreign) {
      const switched = await served.setMode("harbour", "down", headers);
      const cleared = await served.ask("/lab/api/messages", { method: "DELETE", headers: { ...HERE, ...headers } });
      for (const answer of [switched, cleared])
        assert.deepEqual([answer.statusCode, answer.json().code], [403, "lab-cross-origin"], JSON.stringify(headers));
    }
    assert.equal((await served.json("/lab/api/providers")).providers[0].mode, "normal");
    assert.equal((await served.json("/lab/api/messages")).total, 1);
  });

  test("a page of another origin cannot mark a message as read by embedding it", async () => {
    await served.mail("Subject: kept");
    await served.ask("/lab/messages/1", { headers: { ...HERE, "sec-fetch-site": "cross-site" } });
    assert.equal((await served.json("/lab/api/messages")).unseen, 1);
    await served.ask("/lab/messages/1", { headers: { ...HERE, "sec-fetch-site": "same-origin" } });
    assert.equal((await served.json("/lab/api/messages")).unseen, 0);
  });

  test("our own page and a program without Origin may change things", async () => {
    const own = { origin: "http://127.0.0.1:8025", "sec-fetch-site": "same-origin" };
    assert.equal((await served.setMode("harbour", "silent", own)).statusCode, 200);
    assert.equal((await served.setMode("harbour", "normal")).statusCode, 200);
    assert.equal((await served.ask("/lab/api/messages", { method: "DELETE" })).statusCode, 204);
  });

  test("a mode is never switched by GET or by a form", async () => {
    assert.equal((await served.ask("/lab/providers/harbour/mode?mode=down")).statusCode, 404);
    const form = await served.ask("/lab/providers/harbour/mode", {
      method: "POST",
      headers: { ...HERE, "content-type": "text/plain" },
      payload: '{"mode":"down"}',
    });
    assert.deepEqual([form.statusCode, form.json().code], [415, "lab-json-expected"]);
    assert.equal((await served.json("/lab/api/providers")).providers[0].mode, "normal");
  });

  test("every page says what a browser may do with it", async () => {
    await served.mail("Content-Type: text/html\r\n\r\n<b>x</b>");
    for (const address of ["/lab", "/lab/messages/1", "/lab/messages/99", "/lab/assets/lab.js"]) {
      const { headers } = await served.ask(address);
      const policy = String(headers["content-security-policy"]);
      assert.match(policy, /^default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe/);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["referrer-policy"], "no-referrer");
      assert.equal(headers["cross-origin-resource-policy"], "same-origin");
    }
    assert.equal(
      (await served.ask("/lab/messages/1/html")).headers["content-security-policy"],
      "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
    );
  });

  test("the pages hold nothing inline, so that the policy costs them nothing", async () => {
    await served.mail("Subject: x");
    for (const address of ["/lab", "/lab/messages/1"])
      assert.doesNotMatch(
        await served.get(address),
        /\sstyle=|\son\w+=|<style|<script(?! src="\/lab\/assets\/)|javascript:/i,
      );
  });
});
