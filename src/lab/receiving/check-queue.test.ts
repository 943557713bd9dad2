import assert from "node:assert/strict";
import { test } from "node:test";
import { CheckQueue } from "./check-queue.ts";
import { type Authentication, authenticationLine, dmarcLabel, type Receipt } from "./receipt.ts";

const RESULT: Authentication = {
  spf: { domain: "out.example", result: "fail" },
  dkim: [{ domain: "acme.example", selector: "s1", result: "pass" }],
  dmarc: { domain: "acme.example", result: "pass", policy: "reject" },
};
const receipt = (): Receipt => ({
  client: { address: "127.0.0.1", helo: "c.test", tls: null },
  authentication: "waiting",
});

test("checks run one after the other; one that breaks leaves its message unchecked and the others go on", async () => {
  const errors: unknown[] = [];
  const queue = new CheckQueue((error) => void errors.push(error));
  const receipts = [receipt(), receipt(), receipt()];
  let running = 0;
  for (const [index, one] of receipts.entries()) {
    queue.add(one, 10, async () => {
      running += 1;
      assert.equal(running, 1);
      await new Promise(setImmediate);
      running -= 1;
      if (index === 1) throw new Error("broken");
      return RESULT;
    });
  }
  assert.deepEqual(
    receipts.map(({ authentication }) => authentication),
    ["waiting", "waiting", "waiting"],
  );
  await queue.settled();
  assert.deepEqual(
    receipts.map(({ authentication }) => authentication),
    [RESULT, "unchecked", RESULT],
  );
  assert.deepEqual(
    errors.map((error) => error === null),
    [true, false, true],
  );
});

test("what finds no room is unchecked at once, by count and by size, and so is what waits at the end", async () => {
  const queue = new CheckQueue(() => {});
  let finish = (): void => {};
  queue.add(receipt(), 1, () => new Promise((resolve) => (finish = () => resolve(RESULT))));
  const waiting = Array.from({ length: 500 }, receipt);
  for (const one of waiting) queue.add(one, 1, async () => RESULT);
  const surplus = receipt();
  queue.add(surplus, 1, async () => RESULT);
  assert.deepEqual([waiting[499]!.authentication, surplus.authentication], ["waiting", "unchecked"]);
  const stopped = queue.stop();
  finish();
  await stopped;
  assert.equal(waiting[499]!.authentication, "unchecked");
  const large = receipt();
  queue.add(large, 64 * 1024 * 1024, async () => RESULT);
  assert.equal(large.authentication, "unchecked");
});

test("verdicts are told in one line, with the domain each speaks of", () => {
  assert.equal(
    authenticationLine(RESULT),
    "SPF fail (out.example), DKIM pass (acme.example), DMARC pass (acme.example)",
  );
  assert.match(authenticationLine({ ...RESULT, dkim: [] }), /no DKIM signature/);
  assert.deepEqual(
    [authenticationLine("waiting"), authenticationLine("unchecked"), dmarcLabel("waiting"), dmarcLabel(RESULT)],
    ["being checked", "not checked", null, "DMARC pass"],
  );
});
