import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { someEnvelope, someHandoff } from "../../../test/contract/provider-contract.ts";
import { authority, type Issued } from "../../../test/support/certificates.ts";
import { type Script, type ScriptedServer, startScriptedServer } from "../../../test/support/scripted-smtp-server.ts";
import type { DirectMxProviderSettings } from "../../config/index.ts";
import { type Clock, type Log, silentLog, systemClock } from "../../kernel/index.ts";
import { type LabDns, startLabDns } from "../../lab/dns/index.ts";
import { type Envelope, type MessageClass, parseMailbox } from "../../mail/index.ts";
import { createProvider, type Provider } from "../index.ts";

export const ACCEPTED = "accepted message accepted";

/** Kind, scope and cause of each recipient's outcome. */
export async function handOff(
  provider: Provider,
  to: string[],
  messageClass: MessageClass = "C2",
  change: Partial<Envelope> = {},
): Promise<string[]> {
  const recipients = to.map((address) => ({ mailbox: parseMailbox(address)!, dsn: {} }));
  const envelope = someEnvelope(1, { recipients, ...change });
  const answer = await provider.handOff(someHandoff(1, { messageClass, envelope }), new AbortController().signal);
  return answer.recipients.map(({ kind, scope, cause }) => `${kind} ${scope} ${cause}`);
}

const OFFERS = ["PIPELINING", "8BITMIME", "SIZE 10000000", "ENHANCEDSTATUSCODES", "STARTTLS"];

/** A small internet on loopback: a nameserver, an authority, and servers of mail at 127.0.0.2, .3, … on one port. */
export class MxWorld {
  readonly dns: LabDns;
  readonly root = authority("Test Root");
  readonly #context: TestContext;
  readonly #folder: string;
  #port = 0;
  #last = 1;
  policyPort = 443;

  private constructor(context: TestContext, dns: LabDns) {
    this.#context = context;
    this.dns = dns;
    this.#folder = mkdtempSync(path.join(tmpdir(), "postern-mx-"));
    writeFileSync(path.join(this.#folder, "root.pem"), this.root.certificate);
    context.after(async () => {
      rmSync(this.#folder, { recursive: true });
      await dns.stop();
    });
  }

  static async start(context: TestContext): Promise<MxWorld> {
    return new MxWorld(context, await startLabDns());
  }

  /** A server of mail, and A for its name. Its certificate is good for that name unless another is given. */
  async server(
    host: string,
    {
      script = {},
      issued = this.root.issue([host]),
      isGone = false,
    }: { script?: Partial<Script>; issued?: Issued; isGone?: boolean } = {},
  ): Promise<ScriptedServer & { issued: Issued }> {
    this.#last += 1;
    const address = `127.0.0.${this.#last}`;
    this.dns.zone.set(host, "A", address);
    const server = await startScriptedServer(
      { offers: OFFERS, ...script },
      { host: address, port: this.#port, tls: { cert: issued.chain, key: issued.key } },
    );
    this.#port = server.port;
    this.#context.after(() => server.close());
    if (isGone) await server.close();
    return Object.assign(server, { issued });
  }

  mx(domain: string, ...hosts: string[]): void {
    this.dns.zone.set(domain, "MX", ...hosts.map((exchange, n) => ({ preference: 10 * (n + 1), exchange })));
  }

  /** A policy of MTA-STS: its record, and the file behind https. */
  async policy(
    domain: string,
    text: string | null,
    { issued = this.root.issue([`mta-sts.${domain}`]), status = 200 } = {},
  ): Promise<{ requests: string[] }> {
    const requests: string[] = [];
    const server = createServer({ cert: issued.chain, key: issued.key }, (request, response) => {
      requests.push(`${request.method} https://${request.headers.host}${request.url}`.replace(/:\d+\//, "/"));
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        this.posted.push(Buffer.concat(chunks));
        response.writeHead(status, { "content-type": "text/plain" }).end(text);
      });
    });
    this.#last += 1;
    const address = `127.0.0.${this.#last}`;
    await new Promise<void>((resolve) =>
      server.listen(this.policyPort === 443 ? 0 : this.policyPort, address, resolve),
    );
    this.policyPort = (server.address() as { port: number }).port;
    this.#context.after(() => {
      server.closeAllConnections();
      server.close();
    });
    this.dns.zone.set(`mta-sts.${domain}`, "A", address);
    this.dns.zone.set(`_mta-sts.${domain}`, "TXT", "v=STSv1; id=20261125;");
    return { requests };
  }
  readonly posted: Buffer[] = [];

  /** 3 1 1, or as told, of a certificate; and the domain signed. */
  tlsa(
    host: string,
    { x509 }: Issued,
    [usage, selector, matchingType]: readonly [number, number, number] = [3, 1, 1],
  ): void {
    const selected = selector === 1 ? x509.publicKey.export({ type: "spki", format: "der" }) : x509.raw;
    const certificate =
      matchingType === 0
        ? selected
        : createHash(matchingType === 1 ? "sha256" : "sha512")
            .update(selected)
            .digest();
    this.dns.zone.set(`_25._tcp.${host}`, "TLSA", { usage, selector, matchingType, certificate });
  }

  settings(change: Partial<DirectMxProviderSettings> = {}): DirectMxProviderSettings {
    return {
      kind: "direct-mx",
      name: "own",
      ownerGroup: "self",
      hostname: "out.acme.example",
      resolver: this.dns.address,
      port: this.#port || 25,
      policyPort: this.policyPort,
      caFile: path.join(this.#folder, "root.pem"),
      bounds: { concurrency: 50, ratePerS: null },
      perDomain: { connections: 4, ratePerS: null },
      privateNetworks: ["127.0.0.0/8"],
      connectTimeoutMs: 20_000,
      replyTimeoutMs: 20_000,
      dataEndTimeoutMs: 20_000,
      tlsReports: null,
      ...change,
    };
  }

  provider(
    change: Partial<DirectMxProviderSettings> = {},
    { clock = systemClock, log = silentLog }: { clock?: Clock; log?: Log } = {},
  ): Provider {
    const provider = createProvider(this.settings(change), { clock, log, hostname: "postern.example" });
    this.#context.after(() => provider.close());
    return provider;
  }
}
