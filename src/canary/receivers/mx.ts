import { type AcceptPort, type Door, type Refusal, refusal, startSmtpDoor } from "../../accept/index.ts";
import { DEFAULT_LIMITS, type MxReceiverSettings } from "../../config/index.ts";
import { type Clock, type Log, type Random, type SpoolId, causeText } from "../../kernel/index.ts";
import { type Metrics, silentMetrics } from "../../metrics/index.ts";
import type { Arrivals } from "../arrivals.ts";
import type { Tokens } from "../tokens.ts";

/** Canaries are small; what is large is not one. A sender waits for a free session rather than for a larger one. */
const LIMITS = {
  ...DEFAULT_LIMITS,
  messageBytes: 2 * 1024 * 1024,
  /** Of others' making: wider than what we would send ourselves. */
  lineOctets: 16 * 1024,
  headerBytes: 256 * 1024,
  headerFields: 1_000,
  recipientsPerMessage: 10,
  smtpSessions: 200,
  acceptInFlightBytes: 16 * 1024 * 1024,
};

const NOBODY = refusal("canary-unknown", "550 5.1.1", 404, "There is no such mailbox here.");
const LATER = refusal("canary-later", "451 4.3.0", 503, "The mailbox cannot be written to now. Try again later.", 60);

export type MxParts = {
  settings: MxReceiverSettings;
  hostname: string;
  tokens: Tokens;
  arrivals: Pick<Arrivals, "take">;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
};

/**
 * The receiving server of canaries: the session code of the submission door, without a login. It has mailboxes for
 * addresses that it drew itself and for nobody else (docs/decisions/0020).
 * Standards: RFC 5321, RFC 3207. Operator sees: refusals_total{door="canary-mx"}.
 * @throws Problem smtp-address-unavailable, tls-certificate-unreadable
 */
export function startMx({ settings, hostname, tokens, arrivals, clock, random, log, metrics }: MxParts): Promise<Door> {
  const domain = settings.domain.toLowerCase();
  const hashOf = (address: string): Buffer | null => {
    const at = address.lastIndexOf("@");
    return address.slice(at + 1).toLowerCase() === domain ? tokens.read(address.slice(0, at)) : null;
  };
  const port: AcceptPort = {
    async accept({ envelope, raw, peer }) {
      let taken: string | null = null;
      try {
        for (const { mailbox } of envelope.recipients) {
          const tokenHash = hashOf(mailbox.address);
          if (tokenHash === null) continue;
          const canary = await arrivals.take({
            by: { tokenHash },
            raw,
            returnPath: envelope.returnPath?.address ?? "",
            secure: settings.tls === null ? null : (peer?.secure ?? null),
            own: true,
            peer: peer ?? null,
            at: clock.now(),
          });
          taken ??= canary?.canaryId ?? null;
        }
      } catch (error) {
        log.warn("canary.not-kept", { receiver: settings.name, cause: causeText(error) });
        return { kind: "refused", refusal: LATER };
      }
      if (taken === null) return { kind: "refused", refusal: NOBODY };
      return { kind: "accepted", spoolId: taken as SpoolId, replayed: false };
    },
    authenticatePassword: () => null,
    authenticateApiKey: () => null,
    signingKey: () => null,
    authenticateAddress: () => ({ tenant: "", credential: "" }),
    intakeRefusal: () => null,
  };
  return startSmtpDoor({
    hostname: settings.hostname ?? hostname,
    address: settings.listen,
    implicitTls: false,
    tls: settings.tls,
    allowPlaintextAuth: false,
    receives: (address): Refusal | null => (hashOf(address) === null ? NOBODY : null),
    limits: LIMITS,
    port,
    clock,
    random,
    log,
    metrics: { ...silentMetrics, refused: (_door, code) => metrics.refused("canary-mx", code) },
  });
}
