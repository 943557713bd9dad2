import assert from "node:assert/strict";
import { test } from "node:test";
import mailchimp from "@mailchimp/mailchimp_transactional";
import { mandrillCalls } from "../mandrill.ts";
import type { CompatWorld } from "../world.ts";

test("every method of Mandrill's client is tried", () => {
  const groups = Object.entries(mailchimp("key") as unknown as Record<string, unknown>);
  const methods = groups.flatMap(([group, api]) =>
    typeof api !== "object" || api === null
      ? []
      : Object.entries(api).flatMap(([name, member]) => (typeof member === "function" ? [`${group}.${name}`] : [])),
  );
  const { calls } = mandrillCalls({ url: "http://127.0.0.1" } as CompatWorld);
  assert.ok(methods.length > 90);
  assert.deepEqual(calls.map(({ name }) => name).toSorted(), methods.toSorted());
});
