import type { SmtpSession, Submission } from "../../src/accept/index.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/config/index.ts";
import { type FakePort, doorParts } from "./smtp-door.ts";
import { newSession } from "./smtp-session.ts";

/** What came of a session: its replies, line by line, the messages behind it, and whether the server closed. */
export type Heard = { replies: string[]; messages: Submission[]; closed: boolean };

export type SessionClient = {
  session: SmtpSession;
  send(octets: Buffer): void;
  /** Sends as a client that waits: `text`'s own replies come before it returns. */
  say(text: string): void;
  /** Until messages on their way are accepted. */
  settled(): Promise<void>;
  heard(): Heard;
};

/** A client of a session without a network, known by its address and past EHLO, so that it may submit at once. */
export function knownClient(port: FakePort, limits: Partial<Limits> = {}): SessionClient {
  port.knowsEveryone = true;
  const client = newClient(port, limits);
  client.say("EHLO client.example\r\n");
  return client;
}

export function newClient(port: FakePort, limits: Partial<Limits> = {}): SessionClient {
  let text = "";
  let closed = false;
  const parts = doorParts(port, { limits: { ...DEFAULT_LIMITS, ...limits } });
  const { session } = newSession(
    parts,
    { loopback: true },
    { text: (more) => (text += more), closed: () => (closed = true) },
  );
  session.open();
  return {
    session,
    send: (octets) => session.receive(Buffer.from(octets)),
    say: (line) => session.receive(Buffer.from(line)),
    settled: () => new Promise((resolve) => setImmediate(resolve)),
    heard: () => ({ replies: text.split("\r\n").slice(0, -1), messages: port.taken, closed }),
  };
}
