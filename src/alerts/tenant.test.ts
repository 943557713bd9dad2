import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { NO_ALERTS } from "../config/index.ts";
import { targetForTests } from "./target-for-tests.ts";
import { alertsTenant, streamFor } from "./tenant.ts";

const provider = (name: string, ownerGroup = name) => ({ name, ownerGroup });
const post = (via: string | null = null) =>
  targetForTests("post", { kind: "mail", url: null, from: "postern@ops.example", to: ["duty@ops.example"], via });
const THREE = [provider("mandrill", "intuit"), provider("mailchimp", "intuit"), provider("ses", "amazon")];

/** Who may carry an alert of `affected`. */
function carriers(affected: string | null, providers: ReturnType<typeof provider>[], via: string | null = null) {
  const [tenant] = alertsTenant({ ...NO_ALERTS, targets: [post(via)] }, providers);
  const stream = streamFor(post(via), affected, providers);
  return stream === null ? null : tenant!.routes[stream]!.prefer;
}

describe("mail that tells of a provider", () => {
  test("goes by those of other owners, and by its siblings only where there are no others", () => {
    assert.deepEqual(carriers("mandrill", THREE), ["ses"]);
    assert.deepEqual(carriers("ses", THREE), ["mandrill", "mailchimp"]);
    assert.deepEqual(carriers("mandrill", THREE.slice(0, 2)), ["mailchimp"]);
  });

  test("goes by the one its target names, but where that is the affected one or its owner's", () => {
    assert.deepEqual(carriers("mandrill", THREE, "ses"), ["ses"]);
    assert.deepEqual(carriers("ses", THREE, "ses"), ["mandrill", "mailchimp"]);
    assert.deepEqual(carriers("mailchimp", THREE, "mandrill"), ["ses"]);
  });

  test("has no way where there is one provider only; what tells of nobody goes by anybody", () => {
    assert.equal(carriers("ses", [provider("ses")]), null);
    assert.deepEqual(carriers(null, [provider("ses")]), ["ses"]);
    assert.deepEqual(carriers("gone-from-the-file", THREE), ["mandrill", "mailchimp", "ses"]);
  });

  test("never goes by what it tells of, whatever there is", () => {
    const name = fc.constantFrom("a", "b", "c", "d");
    const some = fc.uniqueArray(fc.record({ name, ownerGroup: fc.constantFrom("x", "y") }), {
      minLength: 1,
      selector: (one) => one.name,
    });
    fc.assert(
      fc.property(some, name, fc.option(name), (providers, affected, wish) => {
        const via = providers.some((one) => one.name === wish) ? wish : null;
        if (!providers.some((one) => one.name === affected)) return;
        assert.ok(!(carriers(affected, providers, via) ?? []).includes(affected));
      }),
    );
  });
});

test("the tenant opens no door, may write from its targets' domains only, and is not there where nobody is told by mail", () => {
  const [tenant] = alertsTenant({ ...NO_ALERTS, targets: [post(), targetForTests("chat")] }, THREE);
  assert.deepEqual([tenant!.credentials, tenant!.domains, tenant!.webhooks], [[], ["ops.example"], []]);
  assert.deepEqual(alertsTenant({ ...NO_ALERTS, targets: [targetForTests("chat")] }, THREE), []);
});
