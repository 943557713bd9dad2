import type { Log } from "../../kernel/index.ts";
import type { LabEnvelope } from "../smtp/envelope.ts";
import type { PostOffice } from "./post-office.ts";
import type { Valve } from "./valve.ts";

/** Carries what a lab provider took by SMTP into the world, behind its answer. What the world refuses is put aside, not lost. */
export class Relay {
  readonly #parts: { office: PostOffice; valve: Valve; log: Log };
  #count = 0;

  constructor(parts: { office: PostOffice; valve: Valve; log: Log }) {
    this.#parts = parts;
  }

  take(envelope: LabEnvelope, raw: Buffer): void {
    const { office, valve, log } = this.#parts;
    this.#count += 1;
    const recipients = envelope.recipients.map(({ address }) => address);
    const mail = { id: String(this.#count), raw, recipients, returnPath: envelope.returnPath };
    const { name } = office.vendor;
    office.send(mail).then(
      (refused) => refused.length > 0 && valve.putAside(name, { ...mail, recipients: refused }),
      (error: unknown) => {
        log.warn("lab.relay-failed", { provider: name, cause: error instanceof Error ? error.message : "unknown" });
        valve.putAside(name, mail);
      },
    );
  }
}
