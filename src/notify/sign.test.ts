import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "../kernel/index.ts";
import { signedHeaders, webhookId } from "./sign.ts";

test("a signature is the one the specification's own libraries make", () => {
  // The example of the reference implementations' tests: secret, id, timestamp and body with the signature they expect.
  const headers = signedHeaders(
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    Buffer.from('{"test": 2432232314}'),
    new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    1_614_265_330_999,
  );
  assert.deepEqual(headers, {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

test("an id stays the same for an event, differs between events, and tells nothing of their number", () => {
  const spoolId = "019ab3c0-6e2f-7c1a-9d53-0f6a5e1b2c3d";
  assert.equal(webhookId(spoolId, 7), webhookId(spoolId, 7));
  assert.notEqual(webhookId(spoolId, 7), webhookId(spoolId, 8));
  assert.match(webhookId(spoolId, 7), /^evt_[0-9a-f]{32}$/); // no full stop: it would make two readings of what is signed
});
