import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import { isLoopback } from "../../config/index.ts";
import { Problem, causeText, every } from "../../kernel/index.ts";
import type { Door, SmtpDoorParts } from "../doors.ts";
import { Certificate } from "./certificate.ts";
import { type Connection, connect } from "./connection.ts";
import { type DoorFacts, doorFacts } from "./dialog.ts";
import { LINGER_MS, SWEEP_MS } from "./timing.ts";

/** Connections beyond `smtpSessions` that are told so at the same time; more are closed unheard. */
const TOLD_AT_ONCE = 64;

/**
 * Takes messages by SMTP submission (RFC 6409) and hands them to the accept port.
 * 1. A client connects and is greeted, over TLS at once (RFC 8314), after STARTTLS, or in the clear on loopback.
 * 2. It logs in, or its network is known. 3. MAIL, RCPT, DATA; the text is read to the one true end of data.
 * 4. The port accepts it; only then, and in the order in which they came, the 250.
 *
 * Invariants: no second message ever comes out of the text of a first (test/dialogs, the smuggling table); octets held
 * for all sessions together stay within `acceptInFlightBytes`; no timer per session.
 * Cost: 0.021 ms of CPU for a pipelined message of 5 KB, half of it the system call that writes the reply
 * (bench/parts/smtp-in.ts; 2 cores, 50 sessions, some 45,000 messages/s), so replies are gathered into one write.
 * Standards: RFC 5321, 6409, 4954, 3207, 8314, 1870, 2920, 6152, 6531, 2034, 3461.
 * Operator sees: smtp_sessions, refused_total{door="smtp"}, "smtp.session-closed", "smtp.auth-failed".
 *
 * @throws Problem smtp-address-unavailable, tls-certificate-unreadable
 */
export async function startSmtpDoor(parts: SmtpDoorParts): Promise<Door> {
  const { limits, clock, log, metrics } = parts;
  const certificate = parts.tls === null ? null : new Certificate(parts.tls, clock, log);
  const facts = doorFacts(parts);
  const open = new Set<Connection>();
  const turnedAway = new Set<Socket>();
  let stopping = false;
  let whenEmpty = (): void => {};

  const closed = (connection: Connection): void => {
    open.delete(connection);
    metrics.smtpSessions(open.size);
    if (open.size === 0) whenEmpty();
  };
  // Half-open: a client may end its side behind its last command and still wait for the reply.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const remoteAddress = plainAddress(socket.remoteAddress);
    if (remoteAddress === null) return void socket.destroy(); // it left before we looked
    if (stopping || open.size >= limits.smtpSessions) return turnAway(socket, facts, stopping, turnedAway);
    const client = { remoteAddress, loopback: isLoopback(remoteAddress), secure: parts.implicitTls };
    open.add(connect(socket, facts, certificate, client, closed));
    metrics.smtpSessions(open.size);
  });
  server.maxConnections = limits.smtpSessions + TOLD_AT_ONCE;
  await listen(server, parts);
  const { port } = server.address() as AddressInfo;
  const sweep = every(
    clock,
    SWEEP_MS,
    async () => {
      facts.now = clock.monotonicMs();
      const stressed = open.size >= limits.smtpSessions;
      for (const { session } of open) session.sweep(facts.now, stressed);
    },
    (error) => log.error("smtp.sweep-failed", { cause: causeText(error) }),
  );
  log.info("smtp.door-opened", { host: parts.address.host, port, implicitTls: parts.implicitTls });

  return {
    address: { host: parts.address.host, port },
    async stop(graceMs) {
      stopping = true;
      const serverClosed = new Promise<void>((resolve) => server.close(() => resolve()));
      const allEnded = new Promise<void>((resolve) => {
        whenEmpty = resolve;
        if (open.size === 0) resolve();
      });
      for (const { session } of open) session.stop();
      const grace = clock.after(graceMs, whenEmpty);
      await allEnded;
      grace.cancel();
      for (const connection of [...open, ...turnedAway]) connection.destroy();
      await sweep.stop();
      await serverClosed;
      log.info("smtp.door-closed", { port });
    },
  };
}

/** An IPv4 client of a socket that listens on both families comes as ::ffff:192.0.2.1. */
function plainAddress(address: string | undefined): string | null {
  if (address === undefined) return null;
  return address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}

/** With implicit TLS there is no way to say why without a handshake, which is what there is no room for. */
function turnAway(socket: Socket, facts: DoorFacts, stopping: boolean, turnedAway: Set<Socket>): void {
  const reply = stopping ? facts.replies.stopping : facts.replies.tooManySessions;
  const { implicitTls, clock, metrics } = facts.parts;
  metrics.refused("smtp", reply.code!);
  socket.on("error", () => socket.destroy());
  if (implicitTls) return void socket.destroy();
  turnedAway.add(socket);
  const timer = clock.after(LINGER_MS, () => socket.destroy());
  socket.once("close", () => {
    timer.cancel();
    turnedAway.delete(socket);
  });
  socket.resume();
  socket.end(reply.text, "latin1");
}

function listen(server: Server, { address, log }: SmtpDoorParts): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void =>
      reject(
        new Problem(
          "smtp-address-unavailable",
          `SMTP cannot listen on ${address.host}:${address.port} (${causeText(error)}). Stop the program that does, or change listen in the configuration.`,
          error,
        ),
      );
    server.once("error", refuse);
    server.listen({ host: address.host, port: address.port }, () => {
      server.off("error", refuse);
      server.on("error", (error) => log.error("smtp.door-failed", { cause: causeText(error) })); // no file descriptors left
      resolve();
    });
  });
}
