import type { Outcome } from "../../mail/index.ts";
import { authenticate } from "./auth.ts";
import { NO_CAPABILITIES, parseCapabilities } from "./capabilities.ts";
import type { Connection, Target } from "./connection.ts";
import { deferredBy, type Loss } from "../losses.ts";
import { outcomeOf, type ReadAnswer, type Stage } from "./outcomes.ts";
import type { Reply } from "./replies.ts";

/**
 * Takes a new connection to where messages can be sent: greeting, EHLO, STARTTLS and EHLO again, AUTH.
 * Standards: RFC 5321 §3.1–3.2, §4.1.1.1, RFC 3207, RFC 4954. Null: ready; else why not, and the connection is ended.
 */
export async function openSession(connection: Connection, target: Target, hostname: string): Promise<Outcome | null> {
  const refusal = await opening(connection, target, hostname);
  if (refusal) connection.end("aborted");
  return refusal;
}

async function opening(connection: Connection, target: Target, hostname: string): Promise<Outcome | null> {
  const { settings, read = outcomeOf } = target;
  const { replyTimeoutMs, connectTimeoutMs, auth } = settings;
  const unconnected = await connection.opened(connectTimeoutMs);
  if (unconnected) return deferredBy(unconnected);
  const greeting = await connection.ask(null, replyTimeoutMs);
  if (!isCode(greeting, 220)) return refused(read, "greeting", greeting);
  let unwelcome = await hello(connection, hostname, replyTimeoutMs, read);
  if (unwelcome) return unwelcome;

  if (settings.tls === "starttls") {
    // Never on without TLS: whoever can take STARTTLS out of the answer would read the rest (RFC 3207 §6).
    if (!connection.capabilities.startTls) return withoutReply("tls-unavailable", "STARTTLS is not offered.");
    const ready = await connection.ask("STARTTLS\r\n", replyTimeoutMs);
    if (!isCode(ready, 220)) return refused(read, "tls", ready);
    const unsecured = await connection.secure(target, connectTimeoutMs);
    if (unsecured) return deferredBy(unsecured);
    // RFC 3207 §4.2: what was learned in clear is forgotten.
    connection.capabilities = NO_CAPABILITIES;
    unwelcome = await hello(connection, hostname, replyTimeoutMs, read);
    if (unwelcome) return unwelcome;
  }

  if (auth === null) return null;
  // The configuration refuses this too; here the address counts that was really reached.
  if (!connection.secured && !connection.isLoopback) {
    return withoutReply("tls-unavailable", "The password would have crossed the network in clear.");
  }
  const answer = await authenticate(connection, auth, replyTimeoutMs);
  if (answer === undefined) return withoutReply("auth-unavailable", "Neither AUTH PLAIN nor AUTH LOGIN is offered.");
  return isCode(answer, 235) ? null : refused(read, "auth", answer);
}

/** EHLO, and HELO for a server that does not know it (RFC 5321 §4.1.1.1). */
async function hello(
  connection: Connection,
  hostname: string,
  timeoutMs: number,
  read: ReadAnswer,
): Promise<Outcome | null> {
  const answer = await connection.ask(`EHLO ${hostname}\r\n`, timeoutMs);
  if (!("code" in answer)) return deferredBy(answer);
  if (answer.code === 250) {
    connection.capabilities = parseCapabilities(answer);
    return null;
  }
  if (!EHLO_UNKNOWN.has(answer.code)) return read("hello", answer);
  const older = await connection.ask(`HELO ${hostname}\r\n`, timeoutMs);
  return isCode(older, 250) ? null : refused(read, "hello", older);
}

const EHLO_UNKNOWN: ReadonlySet<number> = new Set([500, 501, 502, 504, 550]); // 550: seen from old servers

const isCode = (answer: Reply | Loss, code: number): boolean => "code" in answer && answer.code === code;

const refused = (read: ReadAnswer, stage: Stage, answer: Reply | Loss): Outcome =>
  "code" in answer ? read(stage, answer) : deferredBy(answer);

const withoutReply = (cause: string, diagnostic: string): Outcome => ({
  kind: "deferred",
  scope: "account",
  cause,
  diagnostic,
});
