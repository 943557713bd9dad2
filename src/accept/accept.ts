import type { Limits, StreamSettings } from "../config/index.ts";
import { type Clock, type Log, type Random, type SpoolId, causeText, newSpoolId } from "../kernel/index.ts";
import type { LeafMaker } from "../ledger/index.ts";
import { type MessageClass, hasEightBit } from "../mail/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { LeasedMessage, NewAttempt, NewMessage, Sealer, Spool } from "../spool/index.ts";
import { isDatabaseAway, isDatabaseFull } from "../store/index.ts";
import { type Credentials, type Tenant, type Tenants, ttlMs } from "../tenancy/index.ts";
import { type Checked, checkSubmission } from "./checks.ts";
import type { Intake } from "./intake.ts";
import { INTAKE, refusal } from "./refusals.ts";
import { sendTimeOf } from "./schedule.ts";
import { stamped } from "./stamp.ts";
import type { AcceptAnswer, AcceptPort, Refusal, Submission } from "./submission.ts";

/** What the hand-off stage offers a message before it is stored: a place in this node's hands. */
export type HandoffPort = {
  reserve(facts: {
    spoolId: SpoolId;
    tenant: string;
    stream: string;
    route: ReturnType<Tenant["routeOf"]>;
    class: MessageClass;
    sizeBytes: number;
    recipients: number;
  }): {
    intent: { provider: string; routeReason: string } | null;
    go(message: LeasedMessage, raw: Buffer, attempt: NewAttempt | null): void;
    cancel(stored: "no" | "maybe"): void;
  } | null;
};

export type AcceptParts = {
  hostname: string;
  limits: Limits;
  idempotencyMs: number;
  tenants: Tenants;
  credentials: Credentials;
  intake: Intake;
  spool: Spool;
  sealer: Sealer;
  leaves: LeafMaker;
  handoff: HandoffPort;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
};

/**
 * Takes responsibility for a message.
 * 1. May anything be taken?  2. Check it (checks.ts).  3. Stamp, seal, draw up its rows.  4. Ask for a place in the
 * hand-off's hands, so that the first try is committed with the message.  5. Commit.  6. Only then say yes.
 * Invariant: an answer of "accepted" means that message, ledger leaf and key are on disk (test/crash).
 * Standards: RFC 6409, RFC 5321 §6.1. Operator sees: accepted/refused metrics, "intake.stopped".
 */
export function acceptPort(parts: AcceptParts): AcceptPort {
  const { tenants, credentials, intake, limits, hostname, clock, metrics, log } = parts;
  const submitterOf = (identity: { tenant: string; credential: string } | null) => identity;

  return {
    async accept(submission) {
      const startedAt = clock.monotonicMs();
      const refused = (why: Refusal): AcceptAnswer => {
        metrics.refused(submission.door, why.code);
        return { kind: "refused", refusal: why };
      };
      const standing = intake.refusal();
      if (standing) return refused(standing);
      const tenant = tenants.find(submission.submitter.tenant);
      if (!tenant) throw new Error(`no tenant ${submission.submitter.tenant}`);
      const checked = checkSubmission(submission, tenant, limits, hostname);
      if ("code" in checked) return refused(checked);
      const sendTime = sendTimeOf(submission.sendAt, checked.stream, limits, clock.now());
      if ("code" in sendTime) return refused(sendTime);
      if (!intake.take(submission.raw.length)) return refused(INTAKE.busy);
      try {
        const answer = await store(submission, tenant, { ...checked, sendAt: sendTime.at }, parts);
        if (answer.kind === "refused") return refused(answer.refusal);
        metrics.accepted(submission.door, checked.stream.class, (clock.monotonicMs() - startedAt) / 1000);
        return answer;
      } catch (error) {
        if (isDatabaseAway(error)) return refused(INTAKE.databaseAway);
        if (isDatabaseFull(error)) return refused(intake.databaseFull());
        log.error("accept.failed", { cause: causeText(error) });
        return refused(INTERNAL);
      } finally {
        intake.give(submission.raw.length);
      }
    },
    authenticatePassword: (username, password) => submitterOf(credentials.byPassword(username, password)),
    authenticateApiKey: (apiKey) => submitterOf(credentials.byApiKey(apiKey)),
    authenticateAddress: (remoteAddress) => submitterOf(credentials.byAddress(remoteAddress)),
    signingKey(accessKeyId, scope) {
      const known = credentials.signingKey(accessKeyId, scope);
      return known && { submitter: known.identity, key: known.key };
    },
    intakeRefusal: () => intake.refusal(),
  };
}

const INTERNAL = refusal(
  "internal-error",
  "451 4.3.0",
  500,
  "Something went wrong here; nothing was taken. Send again; if it stays, the server's log names the cause.",
  5,
);
const KEY_REUSED = refusal(
  "idempotency-key-reused",
  "550 5.5.4",
  422,
  "This Idempotency-Key came before with another message. Use a new key for a new message.",
);

const SUPERSEDES_UNKNOWN = refusal(
  "supersedes-unknown",
  "550 5.6.0",
  422,
  "There is no message of this tenant with the id that this one supersedes. Give the id that Postern answered when it took that message, or leave it out.",
);

/** @returns false where the tenant has no such message. */
async function supersede(
  spoolId: SpoolId,
  { spoolId: by, credential, door }: NewMessage,
  tenant: Tenant,
  { spool, leaves, clock }: AcceptParts,
): Promise<boolean> {
  const kind = "message.superseded";
  const at = clock.now();
  const actor = `${door}:${credential}`;
  const leaf = leaves.act({ spoolId, kind, actor, at });
  const one = { tenant: tenant.name, spoolId, by, actor, leaf, notify: tenant.wantsEvent(kind) };
  return (await spool.supersede(one, at)) !== "unknown";
}

/** `sendAt`: null for now. */
type Ready = Checked & { sendAt: number | null };

async function store(
  submission: Submission,
  tenant: Tenant,
  checked: Ready,
  parts: AcceptParts,
): Promise<AcceptAnswer> {
  const { spool, handoff, leaves, clock } = parts;
  const { message, raw } = draw(submission, tenant, checked, parts);
  // Before the new one is stored: of a secret there are never two that work, and who sends again after a break is heard.
  if (checked.supersedes !== null && !(await supersede(checked.supersedes, message, tenant, parts)))
    return { kind: "refused", refusal: SUPERSEDES_UNKNOWN };
  const route = tenant.routeOf(checked.stream.name);
  const { spoolId, class: messageClass, sizeBytes } = message;
  // What is for later waits in the queue, in nobody's hands.
  const place =
    message.sendAt !== null
      ? null
      : handoff.reserve({
          spoolId,
          tenant: tenant.name,
          stream: message.stream,
          route,
          class: messageClass,
          sizeBytes,
          recipients: message.recipients.length,
        });
  if (place) {
    message.leased = true;
    if (place.intent) {
      const at = clock.now();
      const intent = {
        n: 1,
        provider: place.intent.provider,
        routeReason: place.intent.routeReason,
        recipients: null,
        intentAt: at,
      };
      message.intent = {
        ...intent,
        leaf: leaves.intent({ spoolId: message.spoolId, n: 1, provider: intent.provider, at }),
      };
    }
  }
  let suppressed: number[];
  try {
    const { idempotency } = submission;
    if (idempotency) {
      const now = clock.now();
      const stored = await spool.acceptOnce(message, {
        tenant: tenant.name,
        ...leaves.idempotency(tenant.name, idempotency.key, idempotency.bodyHash),
        spoolId: message.spoolId,
        now,
        expiresAt: now + parts.idempotencyMs,
      });
      if (stored.key.kind !== "new") place?.cancel("no");
      if (stored.key.kind === "different") return { kind: "refused", refusal: KEY_REUSED };
      if (stored.key.kind === "same") return { kind: "accepted", spoolId: stored.key.spoolId, replayed: true };
      suppressed = stored.suppressed;
    } else suppressed = await spool.accept(message);
  } catch (error) {
    place?.cancel("maybe");
    throw error;
  }
  if (suppressed.length > 0) await tellSuppressed(message, suppressed, tenant, parts);
  place?.go(leasedOf(message, suppressed), raw, message.intent);
  return { kind: "accepted", spoolId: message.spoolId, replayed: false, suppressed };
}

async function tellSuppressed(
  message: NewMessage,
  suppressed: number[],
  tenant: Tenant,
  { spool, clock, log }: AcceptParts,
): Promise<void> {
  const kind = "message.suppressed";
  const event = { kind, at: clock.now(), detail: { recipients: suppressed }, notify: tenant.wantsEvent(kind) };
  // The recipients' rows say so already, in the commit of the message; this only tells the webhooks.
  await spool
    .note(message, event)
    .catch((error: unknown) => log.warn("event.not-kept", { id: message.spoolId, cause: causeText(error) }));
}

/** Every row of the message, and its text as it will be sent. */
function draw(
  submission: Submission,
  tenant: Tenant,
  checked: Ready,
  parts: AcceptParts,
): { message: NewMessage; raw: Buffer } {
  const { clock, random, sealer, leaves, hostname } = parts;
  const { envelope, submitter, door } = submission;
  const { stream, author, recipients, sendAt } = checked;
  const spoolId = submission.spoolId ?? newSpoolId(clock, random);
  const acceptedAt = clock.now();
  const needsSmtputf8 =
    envelope.needsSmtputf8 ||
    envelope.returnPath?.needsSmtputf8 === true ||
    recipients.some((one) => one.mailbox.needsSmtputf8);
  const { raw, messageId } = stamped(submission.raw, checked.header, {
    spoolId,
    hostname,
    door,
    needsSmtputf8,
    acceptedAt,
  });
  const bodyMac = leaves.textMac(spoolId, raw);
  const addresses = recipients.map((one) => one.mailbox.address);
  const message: NewMessage = {
    spoolId,
    tenant: tenant.name,
    stream: stream.name,
    class: stream.class,
    credential: submitter.credential,
    door,
    returnPath: envelope.returnPath?.address ?? "",
    author,
    headerMessageId: messageId.slice(0, 998),
    sizeBytes: raw.length,
    bodyMac,
    needsSmtputf8,
    needs8bit: hasEightBit(raw),
    dsnReturn: envelope.dsn.returnContent ?? null,
    dsnEnvelopeId: envelope.dsn.envelopeId ?? null,
    tags: submission.tags ?? null,
    acceptedAt,
    sendAt,
    expiresAt: expiryOf(stream, sendAt ?? acceptedAt),
    recipients: recipients.map((one) => ({
      address: one.mailbox.address,
      notify: one.dsn.notify ?? null,
      original: one.dsn.original ?? null,
    })),
    body: sealer.seal(spoolId, raw),
    leaf: leaves.accepted({
      spoolId,
      tenant: tenant.name,
      stream: stream.name,
      class: stream.class,
      bodyMac,
      recipients: addresses,
      at: acceptedAt,
    }),
    events: tenant.wantsEvent("message.accepted")
      ? [
          {
            kind: "message.accepted",
            at: acceptedAt,
            detail: { door, ...(sendAt === null ? {} : { sendAt: new Date(sendAt).toISOString() }) },
            notify: true,
          },
        ]
      : [],
    leased: false,
    intent: null,
  };
  return { message, raw };
}

function expiryOf(stream: StreamSettings, from: number): number | null {
  const ttl = ttlMs(stream.class, stream.ttlMs);
  return ttl === null ? null : from + ttl;
}

/** The same message as the hand-off would read it from its rows. */
function leasedOf(message: NewMessage, suppressed: readonly number[]): LeasedMessage {
  const isSuppressed = new Set(suppressed);
  return {
    spoolId: message.spoolId,
    fence: 1,
    heldReason: null,
    tenant: message.tenant,
    stream: message.stream,
    class: message.class,
    returnPath: message.returnPath,
    needsSmtputf8: message.needsSmtputf8,
    needs8bit: message.needs8bit,
    dsnReturn: message.dsnReturn,
    dsnEnvelopeId: message.dsnEnvelopeId,
    sendAt: message.sendAt ?? message.acceptedAt,
    expiresAt: message.expiresAt,
    sizeBytes: message.sizeBytes,
    isSuperseded: false,
    dueAt: message.sendAt ?? message.acceptedAt,
    recipients: message.recipients.map((one, n) => ({
      ...one,
      n,
      state: isSuppressed.has(n) ? "suppressed" : "pending",
      suppressedFor: null,
    })),
    attempts: [],
  };
}
