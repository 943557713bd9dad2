import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { type Address, LAB_DOMAIN } from "../../config/index.ts";
import type { Clock, Log } from "../../kernel/index.ts";
import { type LabDns, resolverOf } from "../dns/index.ts";
import type { LabInbox } from "../inbox.ts";
import { MODE_RULES } from "../modes.ts";
import type { LabEnvelope } from "../smtp/envelope.ts";
import { type SessionDesk, type SessionPeer, speakSmtp } from "../smtp/session.ts";
import { selfSigned } from "../twins/self-signed.ts";
import { authenticateMail } from "./authenticate.ts";
import { CheckQueue } from "./check-queue.ts";
import type { Receipt } from "./receipt.ts";

const MX_HOST = `mx.${LAB_DOMAIN}`;
/** The nameserver is in this process: what it does not answer at once it was told not to answer. */
const DNS_TIMEOUT_MS = 500;
/** Eight providers with two connections each, and Postern's own. */
const CONNECTIONS = 200;

export type ReceivingParts = {
  dns: LabDns;
  inbox: LabInbox;
  clock: Clock;
  log: Log;
  /** Called after anything a page shows has changed. */
  changed: () => void;
  /** Whose server a connection comes from; null: nobody's the lab knows. */
  carrierOf: (client: SessionPeer) => string | null;
  port?: number;
};

/** The receiving server at work. */
export type Receiving = {
  address: Address;
  /** Its certificate in PEM, made at the start, which nobody but the lab has a reason to trust. */
  certificate: string;
  /** From now on mail to this address is refused with that reply, as `550 5.1.1 No such user`; null takes it again. */
  setRefusal(recipient: string, reply: string | null): void;
  /** Everything that arrived so far has its verdicts. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * The mail server of everybody mail is written to in the lab: the MX of every domain there is, on loopback.
 * 1. Takes every message (but for addresses it was told to refuse), over STARTTLS where the client wants it, and puts it into the inbox as it came.
 * 2. Behind its answer, checks SPF, DKIM and DMARC against the lab's nameserver and writes the verdicts to the message.
 * It judges nothing: what a receiver would do with a failure is for the reader to see.
 * Standards: RFC 5321, RFC 3207, RFC 7672 (its key is published as TLSA 3 1 1).
 */
export async function startReceiving(parts: ReceivingParts): Promise<Receiving> {
  const { dns, inbox, clock, log, changed } = parts;
  const { key, certificate } = selfSigned(MX_HOST, clock.now(), "ec");
  const ask = resolverOf(dns.address, DNS_TIMEOUT_MS);
  const checks = new CheckQueue((error) => {
    if (error !== null) log.warn("lab.check-failed", { cause: error instanceof Error ? error.message : "unknown" });
    changed();
  });
  const refusals = new Map<string, string>();
  let count = 0;
  const take = (envelope: LabEnvelope, raw: Buffer, client: SessionPeer): string => {
    const receipt: Receipt = { client, authentication: "waiting" };
    // A stranger's name is only what it says: in brackets, so that nobody passes for a provider.
    const provider = parts.carrierOf(client) ?? `(${client.helo})`;
    inbox.add({ provider, takenAt: clock.now(), envelope, raw, receipt });
    const mail = { raw, returnPath: envelope.returnPath, client };
    checks.add(receipt, raw.length, () => authenticateMail(mail, ask, MX_HOST));
    changed();
    count += 1;
    return `mx-${count}`;
  };
  const desk: SessionDesk = {
    hostname: () => MX_HOST,
    rule: () => MODE_RULES.normal,
    refused: () => {},
    recipientReply: (address) => refusals.get(address.toLowerCase()) ?? null,
    ended: (_rule, envelope, raw, client) => take(envelope, raw, client),
    tls: createSecureContext({
      key: key.export({ type: "pkcs8", format: "pem" }),
      cert: certificate,
      minVersion: "TLSv1.2",
    }),
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    speakSmtp(socket, desk, clock);
  });
  server.maxConnections = CONNECTIONS;
  server.listen(parts.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  publish(dns, port, certificate);
  return {
    address: { host: "127.0.0.1", port },
    certificate,
    setRefusal(recipient, reply) {
      if (reply === null) refusals.delete(recipient.toLowerCase());
      else refusals.set(recipient.toLowerCase(), reply);
    },
    settled: () => checks.settled(),
    async stop() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, checks.stop()]);
    },
  };
}

/** The MX of every name that says nothing else, where it listens, and its key. */
function publish({ zone }: LabDns, port: number, certificate: string): void {
  const { publicKey } = new X509Certificate(certificate);
  const digest = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
  zone.setEverywhere("MX", { preference: 10, exchange: MX_HOST });
  zone.set(MX_HOST, "A", "127.0.0.1");
  // RFC 6698 §3: the port is part of the name; 25 is what every sender asks for that was not told otherwise.
  for (const name of [`_${port}._tcp.${MX_HOST}`, `_25._tcp.${MX_HOST}`])
    zone.set(name, "TLSA", { usage: 3, selector: 1, matchingType: 1, certificate: digest }); // RFC 7672 §3.1.1
}
