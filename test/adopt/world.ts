import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { ApiKind } from "../../src/config/index.ts";
import { silentLog, systemClock } from "../../src/kernel/index.ts";
import { type RunningTwin, startTwin, type TwinAccount } from "../../src/lab/twins/index.ts";
import { type CommandLine, commandLine, type Ran } from "../support/command-line.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";
import { type QuickClock, quickClock } from "../support/quick-clock.ts";

/** What a question is answered with instead of the twin's answer; null: the twin answers. */
export type Interference = (asked: { n: number; path: string }) => { status: number; retryAfter?: string } | null;

export type AdoptWorld = {
  twin: RunningTwin;
  line: CommandLine;
  clock: QuickClock;
  /** Paths that were asked for. */
  asked: string[];
  interfere(how: Interference): void;
  adopt(...words: string[]): Promise<Ran>;
  /** Without any configuration. */
  adoptUnconfigured(...words: string[]): Promise<Ran>;
  /** Every row that adopting writes, without what a clock or chance makes. */
  rows(): Promise<unknown[]>;
  database: FreshDatabase["database"];
  close(): Promise<void>;
};

/** A twin with an account, a Postern with a database and a configuration, and between them what breaks. */
export async function adoptWorld(
  vendor: ApiKind,
  fill: (account: TwinAccount) => void,
  more: { settings?: Record<string, string>; limit?: number; name?: string } = {},
): Promise<AdoptWorld> {
  const twin = await startTwin(vendor, { clock: systemClock, log: silentLog });
  fill(twin.account);
  const asked: string[] = [];
  let interference: Interference = () => null;
  const between = createServer((incoming, response) => {
    asked.push(incoming.url ?? "");
    const instead = interference({ n: asked.length, path: incoming.url ?? "" });
    if (instead) {
      incoming.resume();
      const headers = instead.retryAfter === undefined ? {} : { "retry-after": instead.retryAfter };
      response.writeHead(instead.status, { ...headers, "content-type": "application/json" }).end("{}");
      return;
    }
    const { method, url, headers } = incoming;
    const onward = httpRequest(`${twin.baseUrl}${url}`, { ...(method === undefined ? {} : { method }), headers });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(between.address() as AddressInfo).port}`;

  const fresh = await freshDatabase();
  const line = commandLine({
    DATABASE_URL: fresh.url,
    APP_PASSWORD: "a-long-password",
    APP_KEY: "key_0123456789abcdef",
    API_KEY: twin.apiKey,
    READ_KEY: twin.readKey,
    WRONG_KEY: "00000000-wrong-key",
  });
  const clock = quickClock((ms) => ms >= 5_000 && ms !== 8_000 && ms !== 90_000);
  const settings = Object.entries(more.settings ?? {}).map(([name, value]) => `, ${name}: ${value}`);
  writeFileSync(
    path.join(line.folder, "acme.yaml"),
    `listen: { publicUrl: "https://postern.acme.example" }
database: { url: env:DATABASE_URL }
limits: { suppressionsPerTenant: ${more.limit ?? 100_000} }
tenants:
  - name: acme
    domains: [${twin.domain}]
    credentials: [{ name: app, username: acme-app, password: env:APP_PASSWORD, apiKey: env:APP_KEY }]
    streams: [{ name: alerts, class: C2 }]
    routes: { default: { prefer: [${more.name ?? "old"}] } }
providers:
  - { name: ${more.name ?? "old"}, kind: ${vendor}, ownerGroup: old, baseUrl: "${baseUrl}", apiKey: env:API_KEY${settings.join("")} }
`,
  );
  return {
    twin,
    line,
    clock,
    asked,
    interfere: (how) => {
      asked.length = 0;
      interference = how;
    },
    adopt: (...words) => line.run(["--config", "acme.yaml", "adopt", ...words], { clock, columns: 100 }),
    adoptUnconfigured: (...words) =>
      line.run(["adopt", "--kind", vendor, "--base-url", baseUrl, ...words], { clock, columns: 100 }),
    rows: async () => [
      ...(await fresh.database.query(
        `SELECT t.name, display_name, dialect, author, reply_to, labels, t.extra, t.uuid, t.published, t.draft, v.n, v.label, v.subject, v.html, v.text,
           v.fallbacks, v.version_id = t.published AS is_published
         FROM templates t JOIN template_versions v USING (template_id) ORDER BY t.name, v.n`,
      )),
      ...(await fresh.database.query("SELECT name, is_alias FROM template_names ORDER BY name")),
      ...(await fresh.database.query("SELECT tenant, address, reason, created_at FROM suppressions ORDER BY address")),
    ],
    database: fresh.database,
    async close() {
      line.close();
      await twin.stop();
      between.closeAllConnections();
      await new Promise((resolve) => between.close(resolve));
      await fresh.drop();
    },
  };
}
