import assert from "node:assert/strict";
import { test } from "node:test";
import type { AttemptId, SpoolId } from "../../src/kernel/index.ts";
import { type Envelope, type Outcome, parseMailbox } from "../../src/mail/index.ts";
import type { Handoff, Provider } from "../../src/providers/index.ts";

type Expected = Pick<Outcome, "kind" | "scope" | "cause">;
const accepted: Expected = { kind: "accepted", scope: "message", cause: "accepted" };
const deferred = (cause: string, scope: Outcome["scope"] = "account"): Expected => ({ kind: "deferred", scope, cause });
const rejected = (cause: string, scope: Outcome["scope"]): Expected => ({ kind: "rejected", scope, cause });
const indeterminate = (cause: string): Expected => ({ kind: "indeterminate", scope: "message", cause });

/**
 * What can happen at a provider, and what every adapter makes of it: one line per situation, one outcome per recipient.
 * `taken`: how many messages the provider must have received in whole.
 */
export const SITUATIONS = {
  accepted: { outcomes: [accepted], taken: 1 },
  "recipient unknown": { outcomes: [rejected("mailbox-unavailable", "recipient")], taken: 0 },
  "one of two recipients refused": {
    outcomes: [accepted, rejected("mailbox-unavailable", "recipient")],
    taken: 1,
  },
  "rate limited": { outcomes: [deferred("rate-limited")], taken: 0 },
  "account suspended, said at the login": { outcomes: [rejected("account-suspended", "account")], taken: 0 },
  "account suspended, said of the sender": { outcomes: [rejected("account-suspended", "account")], taken: 0 },
  "account suspended, said of the recipient": { outcomes: [rejected("account-suspended", "account")], taken: 0 },
  "account suspended, said before the text": { outcomes: [rejected("account-suspended", "account")], taken: 0 },
  "account suspended, said after the text": { outcomes: [rejected("account-suspended", "account")], taken: 1 },
  "wrong password": { outcomes: [rejected("auth-refused", "account")], taken: 0 },
  "accepted, then closed": { outcomes: [accepted], taken: 1 },
  "closed without an answer to the text": { outcomes: [indeterminate("connection-lost-after-data")], taken: 1 },
  "no answer to the text": { outcomes: [indeterminate("no-answer")], taken: 1 },
  "unreadable answer to the text": { outcomes: [indeterminate("protocol-error")], taken: 1 },
  "no greeting": { outcomes: [deferred("reply-timeout")], taken: 0 },
  "closed before the text": { outcomes: [deferred("connection-lost")], taken: 0 },
  "connection refused": { outcomes: [deferred("connection-refused")], taken: 0 },
  "TLS not offered": { outcomes: [deferred("tls-unavailable")], taken: 0 },
  "certificate not to be trusted": { outcomes: [deferred("tls-certificate-invalid")], taken: 0 },
  "unreadable answer before the text": { outcomes: [deferred("protocol-error")], taken: 0 },
  "endless answer": { outcomes: [deferred("protocol-error")], taken: 0 },
  "answer that carries lines of its own": { outcomes: [rejected("mailbox-unavailable", "recipient")], taken: 0 },
  "text refused": { outcomes: [rejected("message-refused", "message")], taken: 1 },
  "not now, after the text": { outcomes: [deferred("temporary-failure", "message")], taken: 1 },
  "too large": { outcomes: [rejected("message-too-large", "account")], taken: 0 },
  "queued, but suspended": { outcomes: [{ kind: "held", scope: "account", cause: "account-suspended" }], taken: 1 },
  "queued, but paused": { outcomes: [{ kind: "held", scope: "account", cause: "sending-paused" }], taken: 1 },
  "a success nobody knows": { outcomes: [{ kind: "held", scope: "message", cause: "unknown-answer" }], taken: 1 },
} as const satisfies Record<string, { outcomes: readonly Expected[]; taken: number }>;
export type Situation = keyof typeof SITUATIONS;

/** A provider brought into a situation. Time-outs of a second or less where the situation is silence. */
export type Twin = {
  provider: Provider;
  /** Whole messages it received, as text before any encoding for the wire. */
  taken(): readonly Buffer[];
  stop(): Promise<void>;
};

/** The suite every adapter passes. `makeTwin` gives null where its kind of provider cannot get into that situation. */
export function providerContract(name: string, makeTwin: (situation: Situation) => Promise<Twin | null>): void {
  for (const situation of Object.keys(SITUATIONS) as Situation[]) {
    test(`${name}: ${situation}`, async (context) => {
      const twin = await makeTwin(situation);
      if (!twin) return context.skip("cannot happen with this kind of provider");
      try {
        await check(twin, SITUATIONS[situation]);
      } finally {
        await twin.provider.close();
        await twin.stop();
      }
    });
  }

  test(`${name}: an abort before the call is a deferral, and nothing is sent`, async () => {
    const twin = (await makeTwin("accepted"))!;
    const result = await twin.provider.handOff(someHandoff(1), AbortSignal.abort());
    assert.deepEqual(result.recipients.map(brief), [deferred("aborted", "message")]);
    assert.equal(twin.taken().length, 0);
    await twin.provider.close();
    await twin.stop();
  });

  test(`${name}: a message that is no longer ours at the point of no return is a deferral, and not sent`, async () => {
    const twin = (await makeTwin("accepted"))!;
    const result = await twin.provider.handOff(someHandoff(1, { isOurs: () => false }), new AbortController().signal);
    assert.deepEqual(result.recipients.map(brief), [deferred("aborted", "message")]);
    assert.equal(twin.taken().length, 0);
    await twin.provider.close();
    await twin.stop();
  });

  test(`${name}: an abort while the text's end is unanswered is indeterminate`, async () => {
    const twin = (await makeTwin("no answer to the text"))!;
    const abort = new AbortController();
    const answer = twin.provider.handOff(someHandoff(1), abort.signal);
    while (twin.taken().length === 0) await new Promise(setImmediate);
    abort.abort();
    assert.deepEqual((await answer).recipients.map(brief), [indeterminate("aborted")]);
    await twin.provider.close();
    await twin.stop();
  });

  test(`${name}: after close every hand-off is a deferral`, async () => {
    const twin = (await makeTwin("accepted"))!;
    await twin.provider.close();
    const result = await twin.provider.handOff(someHandoff(1), new AbortController().signal);
    assert.deepEqual(result.recipients.map(brief), [deferred("aborted", "message")]);
    await twin.stop();
  });
}

async function check(twin: Twin, expected: { outcomes: readonly Expected[]; taken: number }): Promise<void> {
  const handoff = someHandoff(expected.outcomes.length);
  const { recipients } = await twin.provider.handOff(handoff, new AbortController().signal);
  assert.deepEqual(recipients.map(brief), expected.outcomes);
  assert.equal(twin.taken().length, expected.taken);
  for (const raw of twin.taken()) assert.equal(raw.toString("latin1"), handoff.raw.toString("latin1"));
  for (const outcome of recipients) checkDiagnostic(outcome);
}

function checkDiagnostic({ diagnostic = "", providerMessageId = "" }: Outcome): void {
  assert.ok(diagnostic.length <= 300);
  assert.doesNotMatch(diagnostic, /[\p{Cc}\u2028\u2029]/u, "one line, no controls");
  assert.doesNotMatch(diagnostic, /rcpt\d@/, "no recipient's address");
  assert.ok(providerMessageId.length <= 200);
}

const brief = ({ kind, scope, cause }: Outcome): Expected => ({ kind, scope, cause });

export function someEnvelope(recipients: number, change: Partial<Envelope> = {}): Envelope {
  return {
    returnPath: parseMailbox("bounces@account.acme.example"),
    recipients: Array.from({ length: recipients }, (_, n) => ({
      mailbox: parseMailbox(`rcpt${n}@example.net`)!,
      dsn: {},
    })),
    dsn: {},
    needsSmtputf8: false,
    needs8bit: false,
    ...change,
  };
}

export const SOME_TEXT =
  "From: news@account.acme.example\r\nSubject: Hello\r\n\r\n.A dot leads this line.\r\n..\r\nBye\r\n";

export const someHandoff = (recipients: number, change: Partial<Handoff> = {}): Handoff => ({
  spoolId: "01900000-0000-7000-8000-000000000000" as SpoolId,
  attemptId: "attempt-1" as AttemptId,
  messageClass: "C2",
  envelope: someEnvelope(recipients),
  raw: Buffer.from(SOME_TEXT),
  isOurs: () => true,
  ...change,
});
