import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DirectMxProviderSettings } from "../../src/config/index.ts";
import { silentLog, systemClock } from "../../src/kernel/index.ts";
import { startLabDns } from "../../src/lab/dns/index.ts";
import { createProvider } from "../../src/providers/index.ts";
import { authority } from "../support/certificates.ts";
import { line, type Script, startScriptedServer } from "../support/scripted-smtp-server.ts";
import { accepted, deferred, providerContract, rejected, type Situation, type Twin } from "./provider-contract.ts";

const QUICKLY = { connectTimeoutMs: 1_000, replyTimeoutMs: 200, dataEndTimeoutMs: 200 };
const NO_ACCOUNT = { cannot: "nobody has an account of ours there" };
const OFFERS = ["PIPELINING", "8BITMIME", "SIZE 10000000", "STARTTLS"];

type Scene = {
  script: Partial<Script>;
  settings?: Partial<DirectMxProviderSettings>;
  gone?: boolean;
  /** The domain's TLSA record is of its server's key, or of another. */
  dane?: "right" | "wrong";
};

/** How a recipient's own server gets into each situation. */
const SCENES: Record<Situation, Scene | { cannot: string }> = {
  accepted: { script: {}, dane: "right" },
  "recipient unknown": { script: { rcpt: () => line("550 5.1.1 <rcpt0@example.net>: User unknown") } },
  "one of two recipients refused": {
    script: { rcpt: (command) => line(command.includes("rcpt1@") ? "550 5.1.1 User unknown" : "250 2.1.5 Ok") },
  },
  "rate limited": { script: { mail: () => line("450 4.7.28 Unusual rate of mail from your address") } },
  "account suspended, said at the login": NO_ACCOUNT,
  "account suspended, said of the sender": NO_ACCOUNT,
  "account suspended, said of the recipient": {
    script: { rcpt: () => line("550 5.2.1 The account of rcpt0@example.net is suspended") },
  },
  "account suspended, said before the text": NO_ACCOUNT,
  "account suspended, said after the text": NO_ACCOUNT,
  "wrong password": NO_ACCOUNT,
  "accepted, then closed": { script: { text: () => line("250 2.0.0 Ok: queued as Q1", "close") } },
  "closed without an answer to the text": { script: { text: () => "close" } },
  "no answer to the text": { script: { text: () => "hang" }, settings: QUICKLY },
  "unreadable answer to the text": { script: { text: () => line("OK, thank you") } },
  "no greeting": { script: { greeting: "hang" }, settings: QUICKLY },
  "closed before the text": { script: { data: () => "close" } },
  "connection refused": { script: {}, gone: true },
  "TLS not offered": { script: { offers: ["PIPELINING"] }, dane: "right" },
  "certificate not to be trusted": { script: {}, dane: "wrong" },
  "unreadable answer before the text": { script: { mail: () => ({ say: "HTTP/1.1 400 Bad Request\r\n\r\n" }) } },
  "endless answer": { script: { mail: () => ({ say: `250-${"x".repeat(70)}\r\n`.repeat(1_000) }) } },
  "answer that carries lines of its own": {
    script: {
      rcpt: () => ({ say: `550-5.1.1 rcpt0@example.net\u001b[31m\u2028X-Evil: 1\r\n550 5.1.1 ${"é".repeat(900)}\r\n` }),
    },
  },
  "text refused": { script: { text: () => line("554 5.6.0 Message content is not acceptable") } },
  "not now, after the text": { script: { text: () => line("451 4.3.0 Try later") } },
  "too large": { script: { offers: ["PIPELINING", "SIZE 20", "STARTTLS"] } },
  "queued, but suspended": { script: { text: () => line("250 2.0.0 Ok: queued as Q1; account suspended") } },
  "queued, but paused": { script: { text: () => line("250 Ok queued (sending paused for this domain)") } },
  "a success nobody knows": { script: { text: () => line("290 Perhaps") } },
};

async function makeTwin(situation: Situation): Promise<Twin | { cannot: string }> {
  const scene = SCENES[situation];
  if ("cannot" in scene) return scene;
  const folder = mkdtempSync(path.join(tmpdir(), "postern-mx-"));
  const root = authority("Test Root");
  const issued = root.issue(["mx.example.net"]);
  writeFileSync(path.join(folder, "root.pem"), root.certificate);
  const tls = { cert: issued.chain, key: issued.key };
  const server = await startScriptedServer({ offers: OFFERS, ...scene.script }, { tls });
  if (scene.gone) await server.close();
  const dns = await startLabDns();
  dns.zone.set("example.net", "MX", { preference: 10, exchange: "mx.example.net" });
  dns.zone.set("mx.example.net", "A", "127.0.0.1");
  dns.zone.setSigned("example.net", true);
  if (scene.dane) {
    const certificate = (scene.dane === "right" ? issued : root).x509.publicKey.export({ type: "spki", format: "der" });
    dns.zone.set("_25._tcp.mx.example.net", "TLSA", { usage: 3, selector: 1, matchingType: 0, certificate });
  }
  const settings: DirectMxProviderSettings = {
    kind: "direct-mx",
    name: "own",
    ownerGroup: "self",
    hostname: null,
    resolver: dns.address,
    port: server.port,
    policyPort: 443,
    caFile: path.join(folder, "root.pem"),
    bounds: { concurrency: 50, ratePerS: null },
    perDomain: { connections: 4, ratePerS: null },
    privateNetworks: ["127.0.0.0/8"],
    connectTimeoutMs: 20_000,
    replyTimeoutMs: 20_000,
    dataEndTimeoutMs: 20_000,
    tlsReports: null,
    ...scene.settings,
  };
  return {
    provider: createProvider(settings, { clock: systemClock, log: silentLog, hostname: "postern.example" }),
    taken: () => server.messages.map((message) => message.raw),
    stop: async () => {
      rmSync(folder, { recursive: true });
      await dns.stop();
      if (!scene.gone) await server.close();
    },
  };
}

/** A receiver speaks of its own domain, never of all that can be sent from here: a deferral is of these recipients. */
const ofDomain = (cause: string, taken = 0) => ({ outcomes: [deferred(cause, "recipient")], taken });
const unknownOf = (cause: string) => ({
  outcomes: [{ kind: "indeterminate", scope: "recipient", cause } as const],
  taken: 1,
});

providerContract("direct-mx", makeTwin, {
  "rate limited": ofDomain("rate-limited"),
  "account suspended, said of the recipient": { outcomes: [rejected("mailbox-unavailable", "recipient")], taken: 0 },
  "no greeting": ofDomain("reply-timeout"),
  "closed before the text": ofDomain("connection-lost"),
  "connection refused": ofDomain("connection-refused"),
  "TLS not offered": ofDomain("tls-unavailable"),
  "certificate not to be trusted": ofDomain("dane-mismatch"),
  "unreadable answer before the text": ofDomain("protocol-error"),
  "endless answer": ofDomain("protocol-error"),
  "not now, after the text": ofDomain("temporary-failure", 1),
  "closed without an answer to the text": unknownOf("connection-lost-after-data"),
  "no answer to the text": unknownOf("no-answer"),
  "unreadable answer to the text": unknownOf("protocol-error"),
  "a success nobody knows": {
    outcomes: [{ kind: "held", scope: "recipient", cause: "unknown-answer" }],
    taken: 1,
  },
  // Who takes it here is who delivers it: there is nothing behind that could be suspended.
  "queued, but suspended": { outcomes: [accepted], taken: 1 },
  "queued, but paused": { outcomes: [accepted], taken: 1 },
});
