import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../../../../test/support/virtual-clock.ts";
import { DAY_MS, MINUTE_MS } from "../../../kernel/index.ts";
import type { Ask } from "../dns/answers.ts";
import type { PolicyFetch } from "./fetch-policy.ts";
import { StsStore } from "./sts-store.ts";

/** A domain whose record and file change under a store with a clock of its own. */
function domain() {
  const clock = virtualClock();
  const is = { id: "a1" as string | null, file: policy("enforce", 7), fetches: 0, dns: "works" as "works" | "fails" };
  const ask = ((_name: string) =>
    Promise.resolve(
      is.dns === "fails"
        ? { kind: "failed", reason: "timeout" }
        : is.id === null
          ? { kind: "none", exists: false, authentic: false, ttlS: 0 }
          : { kind: "records", records: [`v=STSv1; id=${is.id}`], canonical: "", authentic: false, ttlS: 0 },
    )) as unknown as Ask;
  const fetch = (): Promise<PolicyFetch> => {
    is.fetches += 1;
    return Promise.resolve(is.file);
  };
  const store = new StsStore({ ask, clock, fetch });
  const mode = async () => {
    const { policy: found, trouble } = await store.policyOf("there.example");
    return `${found?.mode ?? "nothing"}${trouble === null ? "" : `, ${trouble}`}`;
  };
  return { is, clock, mode };
}
const policy = (mode: string, days: number): PolicyFetch => ({
  kind: "text",
  text: `version: STSv1\nmode: ${mode}\nmx: mx.there.example\nmax_age: ${days * 86_400}\n`,
});
const FAILED: PolicyFetch = { kind: "failed", why: "unreachable" };

test("a policy is fetched once, and again when its id is another", async () => {
  const { is, mode } = domain();
  for (let n = 0; n < 3; n += 1) assert.equal(await mode(), "enforce");
  assert.equal(is.fetches, 1);
  is.id = "a2";
  is.file = policy("testing", 7);
  assert.equal(await mode(), "testing");
  assert.equal(is.fetches, 2);
});

test("whoever hides the record, the file or both does not get rid of a policy before its time is over", async () => {
  const { is, clock, mode } = domain();
  assert.equal(await mode(), "enforce");
  is.id = null;
  assert.equal(await mode(), "enforce");
  is.dns = "fails";
  assert.equal(await mode(), "enforce");
  is.dns = "works";
  is.id = "a2";
  is.file = FAILED;
  assert.equal(await mode(), "enforce, fetch");
  await clock.advance(6 * DAY_MS);
  assert.equal(await mode(), "enforce, fetch");
  await clock.advance(DAY_MS);
  assert.equal(await mode(), "nothing, fetch");
});

test("a policy in use is looked at again each day, so that it does not run out", async () => {
  const { is, clock, mode } = domain();
  for (let day = 0; day < 30; day += 1) {
    assert.equal(await mode(), "enforce");
    await clock.advance(DAY_MS);
  }
  assert.equal(is.fetches, 30);
});

test("after a failure the file is left alone for a while, and messages do not wait for it", async () => {
  const { is, clock, mode } = domain();
  is.file = FAILED;
  for (let n = 0; n < 5; n += 1) assert.equal(await mode(), "nothing, fetch");
  assert.equal(is.fetches, 1);
  is.file = { kind: "text", text: "<html>" };
  await clock.advance(5 * MINUTE_MS);
  assert.equal(await mode(), "nothing, invalid");
  assert.equal(is.fetches, 2);
});

test("messages that come together wait for one fetch", async () => {
  const { is, mode } = domain();
  assert.deepEqual(new Set(await Promise.all(Array.from({ length: 20 }, mode))), new Set(["enforce"]));
  assert.equal(is.fetches, 1);
});
