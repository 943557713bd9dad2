import { DataBudget } from "../../src/accept/smtp/data-budget.ts";
import type { DoorFacts } from "../../src/accept/smtp/dialog.ts";
import { doorReplies } from "../../src/accept/smtp/replies.ts";
import { type Client, Session } from "../../src/accept/smtp/session.ts";
import type { Wire } from "../../src/accept/smtp/wire.ts";
import type { SmtpDoorParts } from "../../src/accept/index.ts";

/** A session of the SMTP door whose wire is a function, with what the door would share with it. */
export function newSession(
  parts: SmtpDoorParts,
  client: Partial<Client>,
  onText: (text: string) => void,
  onClose: () => void,
): { session: Session; facts: DoorFacts } {
  const facts: DoorFacts = {
    parts,
    replies: doorReplies(parts.hostname),
    budget: new DataBudget(parts.limits.acceptInFlightBytes),
    hasCertificate: parts.tls !== null,
    now: parts.clock.monotonicMs(),
  };
  const wire: Wire = {
    write(text) {
      onText(text);
      return true;
    },
    end(text) {
      onText(text);
      onClose();
    },
    destroy: onClose,
    pause() {},
    resume() {},
    startTls() {},
  };
  const session = new Session(facts, wire, { remoteAddress: "192.0.2.1", loopback: false, secure: false, ...client });
  return { session, facts };
}
