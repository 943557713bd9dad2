import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { WebhookSecrets } from "../events.ts";
import {
  answerToRecorded,
  disagreements,
  partsAt,
  recordedRequest,
  recordedSecrets,
  recordedWebhooks,
} from "../recorded-webhooks-for-tests.ts";
import { NOTICES, type NoticeVendor } from "./index.ts";

const NOW = Date.UTC(2026, 10, 25);

/** No password is set there, and without one anybody could tell us anything. */
const REFUSED = "sparkpost test_warns_if_no_auth";

for (const vendor of Object.keys(NOTICES) as NoticeVendor[]) {
  const receive = NOTICES[vendor];
  const recorded = recordedWebhooks(vendor);
  describe(vendor, { skip: recorded.skip }, () => {
    test("every recorded notice is read as its suite reads it", async () => {
      assert.ok(recorded.all.length >= 5);
      for (const one of recorded.all) {
        const answer = await answerToRecorded(receive, one, NOW);
        if (`${vendor} ${one.name}` === REFUSED) assert.equal(answer.kind, "refused");
        else assert.deepEqual(disagreements(one, answer), [], one.name);
      }
    });

    test("one with another secret, or none, or that was seen before, is refused; a changed one is not what it was", async () => {
      for (const one of recorded.all.filter(({ expect }) => expect.status === 200 && expect.events.length > 0)) {
        const request = recordedRequest(one);
        for (const secrets of recordedSecrets(one)) {
          const parts = partsAt(NOW);
          const first = await receive(request, secrets, parts);
          if (first.kind !== "events") continue;
          assert.equal((await receive(request, secrets, parts)).kind, "refused");
          const wrong: WebhookSecrets = { ...secrets, basic: "user:wrong", key: "wrong" };
          assert.equal((await receive(request, wrong, partsAt(NOW))).kind, "refused");
          const none: WebhookSecrets = { key: null, basic: null, topicArn: null };
          assert.equal((await receive(request, none, partsAt(NOW))).kind, "refused");
          const { authorization: _, ...headers } = request.headers;
          if (secrets.basic !== null)
            assert.equal((await receive({ ...request, headers }, secrets, partsAt(NOW))).kind, "refused");
          if (secrets.key === null) continue;
          const body = Buffer.from(request.body);
          body[body.length >> 1]! ^= 1;
          assert.equal((await receive({ ...request, body }, secrets, partsAt(NOW))).kind, "refused");
        }
      }
    });

    test("what is no JSON is malformed, and JSON of any shape does no harm", async () => {
      const headers = { authorization: `Basic ${Buffer.from("a:b").toString("base64")}` };
      const secrets: WebhookSecrets = { key: null, basic: "a:b", topicArn: null };
      for (const text of ["", "{", "7", '[null,1,"x",{"msys":[]}]', '{"event":{},"events":[[]],"tag":{}}', "[]"]) {
        const request = { method: "POST", url: "https://postern.example/hook", headers, body: Buffer.from(text) };
        const answer = await receive(request, secrets, partsAt(NOW));
        assert.ok(answer.kind === "events" || answer.kind === "refused", text);
      }
    });
  });
}
