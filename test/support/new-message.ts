import { createHash } from "node:crypto";
import { type SpoolId, newSpoolId, systemClock, systemRandom } from "../../src/kernel/index.ts";
import type { Lease, NewAttempt, NewMessage, TenantSettlement } from "../../src/spool/index.ts";

/** An instant the tests of the spool count from. */
export const T0 = Date.UTC(2022, 7, 8, 19, 30);

let made = 0;
/** A new id, sorted after those before it. */
export const spoolId = (): SpoolId => newSpoolId({ ...systemClock, now: () => T0 + (made += 1) }, systemRandom);

/** A message as accept/ would store it: one pending recipient, queued, class C2, a day to live. */
export function newMessage(change: Partial<NewMessage> = {}): NewMessage {
  return {
    spoolId: spoolId(),
    tenant: "acme",
    stream: "alerts",
    class: "C2",
    credential: "app",
    door: "smtp",
    returnPath: "bounces@acme.test",
    author: "app@acme.test",
    headerMessageId: "<1@acme.test>",
    sizeBytes: 5_000,
    bodyMac: createHash("sha256").update("body").digest(),
    needsSmtputf8: false,
    needs8bit: false,
    dsnReturn: null,
    dsnEnvelopeId: null,
    tags: null,
    acceptedAt: T0,
    sendAt: null,
    expiresAt: T0 + 86_400_000,
    recipients: [{ address: "bob@example.net", notify: null, original: null }],
    body: { salt: Buffer.alloc(32, 1), sealed: Buffer.from("sealed") },
    leaf: Buffer.from("accepted"),
    events: [],
    leased: false,
    intent: null,
    ...change,
  };
}

export const newAttempt = (change: Partial<NewAttempt> = {}): NewAttempt => ({
  n: 1,
  provider: "harbour",
  routeReason: "preferred",
  recipients: null,
  intentAt: T0 + 1,
  leaf: Buffer.from("intent"),
  ...change,
});

/** A step that ends a message whose one recipient was handed off at attempt 1. */
export function settlement(lease: Lease, change: Partial<TenantSettlement> = {}): TenantSettlement {
  return {
    lease,
    tenant: "acme",
    attempt: {
      n: 1,
      settledAt: T0 + 2,
      outcome: "accepted",
      scope: "message",
      cause: "taken",
      replyCode: 250,
      enhancedStatus: "2.0.0",
      providerMessageId: "p-1",
      diagnostic: "250 ok",
      mixed: null,
    },
    resolution: null,
    recipients: [{ n: 0, state: "handed-off", reason: null }],
    next: { kind: "end", at: T0 + 2, purgeBody: true },
    leaf: Buffer.from("outcome"),
    at: T0 + 2,
    events: [],
    ...change,
  };
}
