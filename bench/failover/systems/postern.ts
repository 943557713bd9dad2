import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createTransport } from "nodemailer";
import { stringify } from "yaml";
import type { Deliver, RunningTwin } from "../../../src/lab/twins/index.ts";
import { sendgridWebhookKeys } from "../../../src/lab/twins/sendgrid-notice.ts";
import { endOf, freePort, startProcess } from "../../relay/systems/system.ts";
import { DOMAIN, PRIMARY, STANDBY } from "../pair.ts";
import type { Undo } from "../../relay/undo.ts";
import type { Told } from "../book.ts";
import type { Client, Letter, System } from "./system.ts";

const ROOT = path.join(import.meta.dirname, "../../..");
const START_MS = 60_000;

/** The program as a user starts it, with its embedded database; the application speaks HTTP to it. */
export const postern: System = {
  name: "postern",
  title: "Postern",
  made: "bin/postern serve, embedded PostgreSQL, HTTP door",
  spreads: false,
  keeps: true,
  missing: () => null,
  async start({ pair, folder, undo }): Promise<Client> {
    mkdirSync(folder, { recursive: true });
    const [httpPort, canaryPort] = [await freePort(), await freePort()];
    const apiKey = `key_${randomBytes(16).toString("hex")}`;
    const sendgrid = sendgridWebhookKeys();
    const mandrill = randomBytes(16).toString("hex");
    const configFile = path.join(folder, "postern.yaml");
    const logFile = path.join(folder, "postern.log");
    const base = `http://127.0.0.1:${httpPort}`;
    writeFileSync(configFile, stringify(configuration(pair, httpPort, canaryPort)));
    const own = startProcess(
      [path.join(ROOT, "bin/postern"), "serve", "--config", configFile],
      logFile,
      {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        BENCH_API_KEY: apiKey,
        BENCH_MANDRILL: pair.primary.apiKey,
        BENCH_SENDGRID: pair.standby.apiKey,
        BENCH_MANDRILL_WEBHOOK: mandrill,
        BENCH_SENDGRID_WEBHOOK: sendgrid.publicKey,
      },
      undo,
    );
    pair.others(toCanaries(canaryPort, undo));
    const tell = (twin: RunningTwin, name: string, secret: string): void =>
      twin.setNotices("normal", { url: `${base}/v1/notices/${name}`, secret });
    tell(pair.primary, PRIMARY, mandrill);
    tell(pair.standby, STANDBY, sendgrid.secret);
    await untilReady(base, () => own.ended, logFile);
    const { version } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as { version: string };
    return { version, send: (letter) => send(base, apiKey, letter) };
  },
};

async function send(base: string, apiKey: string, { from, to, subject, text }: Letter): Promise<Told> {
  try {
    const response = await fetch(`${base}/v1/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ from, to: [to], subject, text }),
    });
    await response.arrayBuffer();
    return response.status === 202 ? "accepted" : "refused";
  } catch {
    return "refused";
  }
}

/** What the providers deliver besides the load: canaries, to Postern's own receiving server. */
function toCanaries(port: number, undo: Undo): Deliver {
  const transport = createTransport({ host: "127.0.0.1", port, secure: false, ignoreTLS: true, pool: true });
  undo.add(() => transport.close());
  return async ({ outgoing, raw, from, recipients }) => {
    const bytes = outgoing ?? raw;
    if (bytes) await transport.sendMail({ envelope: { from, to: [...recipients] }, raw: bytes });
  };
}

const configuration = (
  pair: { primary: RunningTwin; standby: RunningTwin },
  httpPort: number,
  canaryPort: number,
): object => ({
  hostname: "postern.bench.test",
  listen: { smtp: null, http: `127.0.0.1:${httpPort}` },
  data: "./data",
  canaries: {
    receivers: [{ name: "own", kind: "mx", listen: `127.0.0.1:${canaryPort}`, domain: "canary.test" }],
  },
  tenants: [
    {
      name: "bench",
      domains: [DOMAIN],
      credentials: [{ name: "app", apiKey: "env:BENCH_API_KEY" }],
      streams: [{ name: "alerts", class: "C2" }],
      // No share for the standby: what arrives by it was moved there.
      routes: { default: { prefer: [PRIMARY], standby: [STANDBY], standbyShare: 0 } },
    },
  ],
  providers: [
    provider(PRIMARY, pair.primary, "env:BENCH_MANDRILL", "env:BENCH_MANDRILL_WEBHOOK"),
    provider(STANDBY, pair.standby, "env:BENCH_SENDGRID", "env:BENCH_SENDGRID_WEBHOOK"),
  ],
});

const provider = (kind: string, { baseUrl }: RunningTwin, apiKey: string, key: string): object => ({
  name: kind,
  kind,
  ownerGroup: kind,
  apiKey,
  baseUrl,
  webhook: { key },
});

async function untilReady(base: string, ended: () => string | null, logFile: string): Promise<void> {
  for (const from = performance.now(); ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const isUp = await fetch(`${base}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) return;
    const end = ended() ?? (performance.now() - from > START_MS ? `not ready in ${START_MS / 1_000} s` : null);
    if (end !== null)
      throw new Error(
        `Postern did not start (${end}).${existsSync(logFile) ? ` Its log ends so:\n${endOf(logFile)}` : ""}`,
      );
  }
}
