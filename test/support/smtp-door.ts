import path from "node:path";
import type { AcceptAnswer, AcceptPort, Refusal, SmtpDoorParts, Submission } from "../../src/accept/index.ts";
import { DEFAULT_LIMITS } from "../../src/config/index.ts";
import { type SpoolId, silentLog, systemClock, systemRandom } from "../../src/kernel/index.ts";
import { silentMetrics } from "../../src/metrics/index.ts";

const TLS_FOLDER = path.join(import.meta.dirname, "tls");
/** Self-signed for localhost and 127.0.0.1, 2020 to 2120. `renewed` is another one for the same names. */
export const testCertificate = (name: "localhost" | "renewed" = "localhost") => ({
  certFile: path.join(TLS_FOLDER, `${name}.crt`),
  keyFile: path.join(TLS_FOLDER, `${name}.key`),
});

/** A port that keeps nothing but a list. One login is right: `app` with `open sesame`. */
export type FakePort = AcceptPort & {
  taken: Submission[];
  /** What `accept` answers instead of taking. */
  answer: ((submission: Submission) => Promise<AcceptAnswer>) | null;
  intake: Refusal | null;
  /** Clients of any address are known. */
  knowsEveryone: boolean;
};

export function fakePort(): FakePort {
  return {
    taken: [],
    answer: null,
    intake: null,
    knowsEveryone: false,
    async accept(submission) {
      if (this.answer) return this.answer(submission);
      this.taken.push(submission);
      return { kind: "accepted", spoolId: spoolId(this.taken.length), replayed: false };
    },
    authenticatePassword: (username, password) =>
      username === "app" && password === "open sesame" ? { tenant: "acme", credential: "app" } : null,
    authenticateApiKey: () => null,
    signingKey: () => null,
    authenticateAddress() {
      return this.knowsEveryone ? { tenant: "acme", credential: "network" } : null;
    },
    intakeRefusal() {
      return this.intake;
    },
  };
}

export const spoolId = (count: number): SpoolId =>
  `00000000-0000-7000-8000-${String(count).padStart(12, "0")}` as SpoolId;

/** A door on any free port of loopback, without TLS, unless said otherwise. */
export function doorParts(port: AcceptPort, changes: Partial<SmtpDoorParts> = {}): SmtpDoorParts {
  return {
    hostname: "mail.postern.test",
    address: { host: "127.0.0.1", port: 0 },
    implicitTls: false,
    tls: null,
    allowPlaintextAuth: false,
    limits: DEFAULT_LIMITS,
    port,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    metrics: silentMetrics,
    ...changes,
  };
}
