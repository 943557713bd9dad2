import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { ConfigMistakes, loadSettings } from "../../src/config/index.ts";
import { systemRandom } from "../../src/kernel/index.ts";
import { fuzzRuns } from "../support/fuzz-runs.ts";

/** Any file at all: it loads, or every mistake has a place and a sentence; it never throws anything else and repeats no secret. */
const folder = mkdtempSync(path.join(tmpdir(), "postern-fuzz-config-"));
after(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, "postern.yaml");
const SECRET = "a-secret-of-the-environment";
const WEBHOOK = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

const GOOD = {
  listen: { smtp: "127.0.0.1:2525", http: "127.0.0.1:8025" },
  tenants: [
    {
      name: "acme",
      domains: ["acme.test"],
      credentials: [{ name: "app", username: "app", password: "env:SECRET", apiKey: "env:SECRET" }],
      streams: [{ name: "alerts", class: "C2", ttl: "1h" }],
      routes: { default: { prefer: ["one"], standby: ["two"], standbyShare: 0.05 } },
      webhooks: [{ name: "hook", url: "https://hooks.example/x", secret: "env:WEBHOOK" }],
    },
  ],
  providers: [
    { name: "one", kind: "smtp", ownerGroup: "one", host: "smtp.one.example", port: 587, tls: "starttls" },
    { name: "two", kind: "smtp", ownerGroup: "two", host: "smtp.two.example", port: 587, tls: "starttls" },
  ],
  limits: { messageBytes: "10MiB", smtpIdle: "5m" },
  retention: { body: { C0: 0 }, messageRow: "30d" },
};

/** Puts a value somewhere in a copy of the good file. */
function changed(steps: number[], value: unknown): unknown {
  const copy = structuredClone(GOOD) as unknown;
  let here = copy as Record<string, unknown>;
  for (const step of steps) {
    const keys = Object.keys(here);
    const key = keys[step % keys.length]!;
    const inner = here[key];
    if (typeof inner !== "object" || inner === null) {
      here[key] = value;
      return copy;
    }
    here = inner as Record<string, unknown>;
  }
  here[Object.keys(here)[0] ?? "x"] = value;
  return copy;
}
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    Number.POSITIVE_INFINITY,
    "",
    " ",
    [],
    {},
    "env:NONE",
    "env:SECRET",
    "file:/etc/none",
    "127.0.0.1",
    "x:99999",
    "5 fortnights",
    "1e9MiB",
    "\u0000",
    "__proto__",
    "*x",
  ),
  fc.jsonValue() as fc.Arbitrary<unknown>,
);
const nearly = fc
  .tuple(fc.array(fc.nat(9), { minLength: 1, maxLength: 7 }), odd)
  .map(([at, value]) => stringify(changed(at, value)));
const text = fc.oneof(
  { weight: 5, arbitrary: nearly },
  { weight: 1, arbitrary: fc.string({ maxLength: 80 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "a: &a [*a]",
      "a: &x 1\nb: *y",
      "? {}\n: 1",
      "%YAML 9.9\n---\n",
      "- 1\n- 2",
      "tenants: !!js/function x",
      "\ttenants: []",
      "a: 1\na: 2",
      "<<: {tenants: []}",
    ),
  },
);

test("the file that all of them begin as is good", () => {
  writeFileSync(file, stringify(GOOD));
  loadSettings({ file, environment: { SECRET, WEBHOOK }, cwd: folder, random: systemRandom });
});

test("any file loads or is told what is wrong with it, place by place", () => {
  fc.assert(
    fc.property(text, (content) => {
      writeFileSync(file, content);
      try {
        loadSettings({ file, environment: { SECRET, WEBHOOK }, cwd: folder, random: systemRandom });
      } catch (error) {
        if (!(error instanceof ConfigMistakes)) throw error;
        assert.ok(error.mistakes.length > 0);
        for (const one of error.mistakes) assert.match(one.sentence, /\w.*[.?]$/s);
        assert.doesNotMatch(error.message + JSON.stringify(error.mistakes), new RegExp(SECRET));
      }
    }),
    { numRuns: fuzzRuns() },
  );
});
