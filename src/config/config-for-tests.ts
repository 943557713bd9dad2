import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import { systemRandom } from "../kernel/index.ts";
import { ConfigMistakes, type Environment, loadSettings } from "./index.ts";

/** Of this test file alone; gone when it ends. */
export const folder = mkdtempSync(path.join(tmpdir(), "postern-config-"));
after(() => rmSync(folder, { recursive: true, force: true }));

export const ENVIRONMENT: Environment = {
  ACME_PASSWORD: "a-long-password",
  ACME_KEY: "key_0123456789abcdef",
  HARBOUR_PASSWORD: "let-me-in-please",
  DATABASE_URL: "postgres://postern:pw@db.internal/postern",
  WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
};

/** A file without mistakes, for the tests to spoil. */
export const GOOD = `
listen: { smtp: 127.0.0.1:2525, http: 127.0.0.1:8025 }
data: ./data
database: { url: env:DATABASE_URL }
tenants:
  - name: acme
    domains: [account.acme.test]
    credentials: [{ name: app, username: acme-app, password: env:ACME_PASSWORD, apiKey: env:ACME_KEY }]
    streams:
      - { name: security, class: C0 }
      - { name: alerts, class: C2, ttl: 12h }
    routes: { default: { prefer: [harbour], standby: [lantern], standbyShare: 0.05 } }
providers:
  - { name: harbour, kind: smtp, ownerGroup: harbour, host: 127.0.0.1, port: 2501, tls: none, auth: { username: u, password: env:HARBOUR_PASSWORD } }
  - { name: lantern, kind: smtp, ownerGroup: lantern, host: 127.0.0.1, port: 2502, tls: starttls }
`;

export const load = (text: string, environment: Environment = ENVIRONMENT) => {
  const file = path.join(folder, "postern.yaml");
  writeFileSync(file, text);
  return loadSettings({ file, environment, cwd: folder, random: systemRandom });
};

/** The mistakes of a file, as `path: sentence`. */
export function mistakesOf(text: string, environment?: Environment): string[] {
  try {
    load(text, environment);
  } catch (error) {
    assert.ok(error instanceof ConfigMistakes, String(error));
    return error.mistakes.map((mistake) => `${mistake.path}: ${mistake.sentence}`);
  }
  return [];
}

export const replaced = (from: string, to: string): string => {
  assert.ok(GOOD.includes(from), `the sample no longer holds ${from}`);
  return GOOD.replace(from, to);
};
