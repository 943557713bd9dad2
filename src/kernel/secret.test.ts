import assert from "node:assert/strict";
import { format, inspect } from "node:util";
import { test } from "node:test";
import { Secret } from "./secret.ts";

test("a secret shows in no way of printing, alone or inside of something", () => {
  const secret = new Secret("hunter2");
  const holder = { password: secret, list: [secret], map: new Map([["key", secret]]) };
  for (const shown of [
    String(secret),
    `${secret}`,
    JSON.stringify(holder),
    inspect(holder, { depth: 10, showHidden: true }),
    inspect(secret, { customInspect: false, showHidden: true }),
    format("%s %o %O %j", secret, secret, secret, secret),
    new Error("x", { cause: holder }).toString(),
    Object.entries(secret).join(),
    JSON.stringify(structuredClone({ ...secret })),
  ])
    assert.ok(!shown.includes("hunter2"), shown);
  assert.equal(secret.reveal(), "hunter2");
});
