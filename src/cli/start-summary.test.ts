import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { loadSettings } from "../config/index.ts";
import { systemRandom } from "../kernel/index.ts";
import { noPaint } from "./paint.ts";
import { startSummary } from "./start-summary.ts";

test("the start is told in a few lines, with what should be thought about again", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-summary-"));
  const file = path.join(folder, "postern.yaml");
  writeFileSync(
    file,
    `listen: { smtp: 0.0.0.0:2525, http: "[::1]:8025" }
data: /srv/postern
tenants:
  - name: acme
    domains: [acme.test]
    credentials: [{ name: app, apiKey: env:ACME_KEY }]
    streams: [{ name: alerts, class: C2 }, { name: news, class: C4 }]
    routes: { default: { prefer: [harbour] } }
providers:
  - { name: harbour, kind: smtp, ownerGroup: harbour, host: smtp.harbour.test, port: 587, tls: starttls }
`,
  );
  const settings = loadSettings({
    file,
    environment: { ACME_KEY: "key_0123456789abcdef" },
    cwd: folder,
    random: systemRandom,
  });
  rmSync(folder, { recursive: true });
  const app = { smtp: { host: "0.0.0.0", port: 2525 }, smtps: null, http: { host: "::1", port: 8025 } };
  assert.equal(
    startSummary(app, settings, { paint: noPaint, width: 80 }),
    `
Postern runs.
  SMTP       0.0.0.0:2525, without TLS
  HTTP       http://[::1]:8025, health at /healthz, metrics at /metrics
  Database   embedded, in /srv/postern
  Tenants    acme (2 streams)
  Providers  harbour (smtp.harbour.test:587)

  ! listen.smtp is open to other hosts without TLS, so nobody there can log in:
    set listen.tls.
  ! tenants[0].routes.default rests on one owner group: when that company stops
    your account, this mail stops. Add a provider of another owner.
`,
  );
});
