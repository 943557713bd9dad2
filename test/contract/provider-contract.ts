import assert from "node:assert/strict";
import { test } from "node:test";
import type { AttemptId, SpoolId } from "../../src/kernel/index.ts";
import { type Envelope, type Outcome, parseMailbox } from "../../src/mail/index.ts";
import type { Handoff, Provider } from "../../src/providers/index.ts";

export type Expected = Pick<Outcome, "kind" | "scope" | "cause">;
export const accepted: Expected = { kind: "accepted", scope: "message", cause: "accepted" };
export const deferred = (cause: string, scope: Outcome["scope"] = "account"): Expected => ({
  kind: "deferred",
  scope,
  cause,
});
export const rejected = (cause: string, scope: Outcome["scope"]): Expected => ({ kind: "rejected", scope, cause });
export const indeterminate = (cause: string): Expected => ({ kind: "indeterminate", scope: "message", cause });

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
  /** The provider takes fields, not text: what it received is compared by the adapter's own tests. */
  takesFields?: boolean;
  /** Whole messages it received, as text before any encoding for the wire. */
  taken(): readonly Buffer[];
  stop(): Promise<void>;
};

export type MakeTwin = (situation: Situation) => Promise<Twin | { cannot: string }>;

type Result = { outcomes: readonly Expected[]; taken: number };

/**
 * The suite every adapter passes. `makeTwin` says why where its kind of provider cannot get into that situation;
 * `differs` holds what a situation means to this kind alone.
 */
export function providerContract(
  name: string,
  makeTwin: MakeTwin,
  differs: Partial<Record<Situation, Result>> = {},
): void {
  const twinIn = async (situation: Situation): Promise<Twin> => {
    const twin = await makeTwin(situation);
    if ("cannot" in twin) throw new Error(`every provider can be in the situation "${situation}": ${twin.cannot}`);
    return twin;
  };
  for (const situation of Object.keys(SITUATIONS) as Situation[]) {
    test(`${name}: ${situation}`, async (context) => {
      const twin = await makeTwin(situation);
      if ("cannot" in twin) return context.skip(twin.cannot);
      try {
        await checkTwin(twin, differs[situation] ?? SITUATIONS[situation]);
      } finally {
        await twin.provider.close();
        await twin.stop();
      }
    });
  }

  test(`${name}: an abort before the call is a deferral, and nothing is sent`, async () => {
    const twin = await twinIn("accepted");
    const result = await twin.provider.handOff(someHandoff(1), AbortSignal.abort());
    assert.deepEqual(result.recipients.map(brief), [deferred("aborted", "message")]);
    assert.equal(twin.taken().length, 0);
    await twin.provider.close();
    await twin.stop();
  });

  test(`${name}: a message that is no longer ours at the point of no return is a deferral, and not sent`, async () => {
    const twin = await twinIn("accepted");
    const result = await twin.provider.handOff(someHandoff(1, { isOurs: () => false }), new AbortController().signal);
    assert.deepEqual(result.recipients.map(brief), [deferred("aborted", "message")]);
    assert.equal(twin.taken().length, 0);
    await twin.provider.close();
    await twin.stop();
  });

  test(`${name}: an abort while the text's end is unanswered is indeterminate`, async () => {
    const twin = await twinIn("no answer to the text");
    const abort = new AbortController();
    const answer = twin.provider.handOff(someHandoff(1), abort.signal);
    while (twin.taken().length === 0) await new Promise(setImmediate);
    abort.abort();
    assert.deepEqual((await answer).recipients.map(brief), [indeterminate("aborted")]);
    await twin.provider.close();
    await twin.stop();
  });

  test(`${name}: after close every hand-off is a deferral`, async () => {
    const twin = await twinIn("accepted");
    await twin.provider.close();
    const result = await twin.provider.handOff(someHandoff(1), new AbortController().signal);
    assert.deepEqual(result.recipients.map(brief), [deferred("aborted", "message")]);
    await twin.stop();
  });
}

export async function checkTwin(twin: Twin, expected: Result): Promise<void> {
  const handoff = someHandoff(expected.outcomes.length);
  const { recipients } = await twin.provider.handOff(handoff, new AbortController().signal);
  assert.deepEqual(recipients.map(brief), expected.outcomes);
  assert.equal(twin.taken().length, expected.taken);
  if (!twin.takesFields)
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
  "From: news@account.acme.example\r\nTo: rcpt0@example.net\r\nSubject: Hello\r\n\r\n.A dot leads this line.\r\n..\r\nBye\r\n";

export const someHandoff = (recipients: number, change: Partial<Handoff> = {}): Handoff => ({
  spoolId: "01900000-0000-7000-8000-000000000000" as SpoolId,
  attemptId: "attempt-1" as AttemptId,
  messageClass: "C2",
  envelope: someEnvelope(recipients),
  raw: Buffer.from(recipients === 2 ? SOME_TEXT.replace("rcpt0@example.net", "$&, rcpt1@example.net") : SOME_TEXT),
  isOurs: () => true,
  ...change,
});
