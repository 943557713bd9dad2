import {
  type SmtpDoorFacts,
  type SmtpClient,
  type SmtpDoorParts,
  SmtpSession,
  type SmtpWire,
  smtpDoorFacts,
} from "../../src/accept/index.ts";

/** What becomes of a session's replies; the rest of the wire does nothing unless given. */
export type Ear = { text(text: string): void; closed(): void };

/** A session of the SMTP door without a network. */
export function newSession(
  parts: SmtpDoorParts,
  client: Partial<SmtpClient>,
  ear: Ear,
  wire: Partial<SmtpWire> = {},
): { session: SmtpSession; facts: SmtpDoorFacts } {
  const facts = smtpDoorFacts(parts);
  const whole: SmtpWire = {
    write(text) {
      ear.text(text);
      return true;
    },
    end(text) {
      ear.text(text);
      ear.closed();
    },
    destroy: () => ear.closed(),
    pause() {},
    resume() {},
    startTls() {},
    ...wire,
  };
  const session = new SmtpSession(facts, whole, {
    remoteAddress: "192.0.2.1",
    loopback: false,
    secure: false,
    ...client,
  });
  return { session, facts };
}
