import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { ApiKind, ApiProviderSettings } from "../../src/config/index.ts";
import { type AttemptId, Secret, silentLog, systemClock } from "../../src/kernel/index.ts";
import { type Fault, type RunningTwin, startTwin } from "../../src/lab/twins/index.ts";
import type { Outcome } from "../../src/mail/index.ts";
import { createProvider, type PostureKind, type Provider } from "../../src/providers/index.ts";
import { eventually } from "../support/eventually.ts";
import {
  checkTwin,
  type Expected,
  indeterminate,
  providerContract,
  rejected,
  type Situation,
  someHandoff,
  type Twin,
} from "./provider-contract.ts";

/** How a twin is brought into a situation, besides the fault. */
type Scene = { fault: Fault; settings?: Partial<ApiProviderSettings>; isGone?: boolean };

export type ApiContract = {
  vendor: ApiKind;
  /** Settings this vendor needs besides its key: domain, region, channel, access key id. */
  settings?: Partial<ApiProviderSettings>;
  /** The vendor takes fields, not RFC 5322 text. */
  takesFields: boolean;
  /** Situations of the common table that this vendor meets in its own way, or why it cannot. */
  scenes?: Partial<Record<Situation, Scene | { cannot: string }>>;
  /** What each suspension variant of the twin must become; `account-suspended`, rejected, not taken, unless said. */
  suspensions?: Record<string, { outcome: Expected; taken: number }>;
  /** Named answers of the twin, and what they must become. */
  refusals: Record<string, { outcome: Expected; taken: number }>;
  /** Its log is that much behind its answers: what is not in it sooner may still come. 0 unless given. */
  logSettlesMs?: number;
  /** What a 5xx becomes. Unknown unless the vendor's documents promise that nothing was taken. */
  serverError?: Expected;
  /** Kinds in which posture must show what an intruder added; empty: the vendor's API lists none. */
  intruderSeenIn: readonly PostureKind[];
};

const QUICKLY = { connectTimeoutMs: 200, replyTimeoutMs: 200 };
const NO_TLS = { cannot: "TLS is the HTTP caller's: src/providers/http.test.ts" };
const NO_STAGES = { cannot: "an API has one question and one answer" };
const NOT_SAID = { cannot: "this provider's API does not say so" };

const SCENES: Record<Situation, Scene | { cannot: string }> = {
  accepted: { fault: { mode: "ok" } },
  "recipient unknown": { cannot: "an API takes first and tells of recipients later, by notice" },
  "one of two recipients refused": { cannot: "an API takes first and tells of recipients later, by notice" },
  "rate limited": { fault: { mode: "429" } },
  "account suspended, said at the login": NO_STAGES,
  "account suspended, said of the sender": NO_STAGES,
  "account suspended, said of the recipient": NO_STAGES,
  "account suspended, said before the text": { cannot: "each variant of this vendor has a test of its own" },
  "account suspended, said after the text": NO_STAGES,
  "wrong password": { fault: { mode: "ok" }, settings: { apiKey: new Secret("00000000-wrong-key") } },
  "accepted, then closed": { fault: { mode: "answers-and-closes" } },
  "closed without an answer to the text": { fault: { mode: "closed", taken: true } },
  "no answer to the text": { fault: { mode: "time-out", taken: true }, settings: QUICKLY },
  "unreadable answer to the text": { fault: { mode: "garbage" } },
  "no greeting": NO_STAGES,
  "closed before the text": { cannot: "src/providers/http.test.ts closes in the middle of a request" },
  "connection refused": { fault: { mode: "ok" }, isGone: true },
  "TLS not offered": NO_TLS,
  "certificate not to be trusted": NO_TLS,
  "unreadable answer before the text": NO_STAGES,
  "endless answer": { cannot: "an API answers after it took: see the endless success" },
  "answer that carries lines of its own": NOT_SAID,
  "text refused": NOT_SAID,
  "not now, after the text": NOT_SAID,
  "too large": NOT_SAID,
  "queued, but suspended": NOT_SAID,
  "queued, but paused": NOT_SAID,
  "a success nobody knows": { fault: { mode: "unknown-value" } },
};

export function apiSettings(twin: RunningTwin, change: Partial<ApiProviderSettings> = {}): ApiProviderSettings {
  return {
    kind: twin.vendor,
    name: twin.vendor,
    ownerGroup: twin.vendor,
    baseUrl: twin.baseUrl,
    apiKey: new Secret(twin.apiKey),
    accessKeyId: null,
    region: null,
    domain: null,
    channel: null,
    readKey: null,
    webhook: null,
    bounds: { concurrency: 10, ratePerS: null },
    connections: 2,
    connectTimeoutMs: 2_000,
    replyTimeoutMs: 5_000,
    ...change,
  };
}

/** The common suite, and what only providers with an API get into. Every adapter runs it against its twin. */
export function apiContract(contract: ApiContract): void {
  const { vendor } = contract;

  let aheadMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const start = async (change: Partial<ApiProviderSettings> = {}): Promise<[RunningTwin, Provider]> => {
    aheadMs = 0;
    const twin = await startTwin(vendor, { clock: systemClock, log: silentLog });
    const settings = apiSettings(twin, { ...contract.settings, ...change });
    return [twin, createProvider(settings, { clock, log: silentLog, hostname: "postern.example" })];
  };
  const makeTwin = async (situation: Situation): Promise<Twin | { cannot: string }> => {
    const scene = contract.scenes?.[situation] ?? SCENES[situation];
    if ("cannot" in scene) return scene;
    return inScene(...(await start(scene.settings)), scene, contract.takesFields);
  };
  providerContract(vendor, makeTwin);

  /** One fault, one hand-off: what it becomes, and what the provider says about it afterwards. */
  const expect = (
    name: string,
    fault: Fault,
    outcome: Expected,
    taken: number,
    change?: Partial<ApiProviderSettings>,
  ) =>
    test(`${vendor}: ${name}`, async (context) => {
      const [twin, provider] = await started(context, start, change);
      await checkTwin(await inScene(twin, provider, { fault }, contract.takesFields), { outcomes: [outcome], taken });
      twin.setFault({ mode: "ok" });
      if (!provider.lookup) return;
      const settlesMs = contract.logSettlesMs ?? 0;
      if (settlesMs > 0 && taken === 0) {
        assert.equal(await provider.lookup(someHandoff(1).attemptId), "unavailable", "its log may be behind");
      }
      aheadMs = settlesMs;
      const found = await provider.lookup(someHandoff(1).attemptId);
      // A log that may lag says "unavailable" of what is young; what it says must never be wrong.
      if (taken > 0) assert.equal(found, "taken");
      else assert.notEqual(found, "taken");
      assert.notEqual(await provider.lookup("attempt-none" as AttemptId), "taken");
    });

  const serverError = contract.serverError ?? indeterminate("server-error");
  expect("a server error before it took the message", { mode: "5xx", taken: false }, serverError, 0);
  expect("a server error after it took the message", { mode: "5xx", taken: true }, indeterminate("server-error"), 1);
  expect("a gateway's 502", { mode: "5xx", taken: true, status: 502 }, indeterminate("server-error"), 1);
  expect("silence before it took", { mode: "time-out", taken: false }, indeterminate("no-answer"), 0, QUICKLY);
  expect("silence after it took", { mode: "time-out", taken: true }, indeterminate("no-answer"), 1, QUICKLY);
  expect("closed before it took", { mode: "closed", taken: false }, indeterminate("connection-lost-after-data"), 0);
  expect("an endless success", { mode: "endless" }, indeterminate("protocol-error"), 1);

  test(`${vendor}: every suspension of its twin and every named answer is expected somewhere`, async (context) => {
    const [twin] = await started(context, start);
    assert.ok(twin.dialect.suspensions.length > 0);
    assert.deepEqual(Object.keys(contract.refusals).toSorted(), [...twin.dialect.refusals].toSorted());
    for (const variant of twin.dialect.suspensions) {
      await context.test(`suspended: ${variant}`, async (inner) => {
        const [suspended, provider] = await started(inner, start);
        const { outcome, taken } = contract.suspensions?.[variant] ?? SUSPENDED;
        const scene: Scene = { fault: { mode: "suspended", variant } };
        await checkTwin(await inScene(suspended, provider, scene, contract.takesFields), {
          outcomes: [outcome],
          taken,
        });
      });
    }
  });
  for (const [name, { outcome, taken }] of Object.entries(contract.refusals)) {
    expect(`its answer ${name}`, { mode: "refusal", name }, outcome, taken);
  }

  test(`${vendor}: ids of ours go along and come back in its log`, async (context) => {
    const [twin, provider] = await started(context, start);
    const handoff = someHandoff(1);
    const { recipients } = await provider.handOff(handoff, new AbortController().signal);
    const sent = twin.account.sent[0]!;
    assert.equal(sent.metadata["postern_attempt"], handoff.attemptId);
    assert.equal(sent.metadata["postern_id"], handoff.spoolId);
    assert.equal(recipients[0]?.providerMessageId, sent.id);
    if (!provider.activity) return;
    const activity = await provider.activity({ sinceMs: 0, limit: 10 });
    assert.ok(activity.kind === "answer", activity.kind === "unavailable" ? activity.reason : "");
    assert.deepEqual(
      activity.value.map(({ attemptId, recipient, providerMessageId }) => [attemptId, recipient, providerMessageId]),
      [[handoff.attemptId, "rcpt0@example.net", sent.id]],
    );
  });

  test(`${vendor}: an intruder's changes show in the posture; a message nobody handed over in the activity`, async (context) => {
    const [twin, provider] = await started(context, start);
    if (!provider.posture) return context.skip("this provider's API lists nothing of its configuration");
    const before = idsOf(await provider.posture());
    assert.deepEqual(idsOf(await provider.posture()), before, "asked again, nothing is new");
    twin.insider.addSender("evil@arxxwalls.example");
    twin.insider.addKey("second key");
    twin.insider.addWebhook("https://evil.example/hook");
    twin.insider.suppress("victim@example.net");
    twin.insider.exportRecipients();
    const added = idsOf(await provider.posture()).filter((id) => !before.includes(id));
    const kinds = [...new Set(added.map((id) => id.split(" ")[0]!))];
    assert.deepEqual(kinds.toSorted(), [...contract.intruderSeenIn].toSorted());
    if (!provider.activity) return;
    await twin.insider.sendAs({ from: `a@${twin.domain}`, to: "victim@example.net", subject: "x", text: "y" });
    const activity = await provider.activity({ sinceMs: 0, limit: 10 });
    assert.ok(activity.kind === "answer");
    assert.deepEqual(
      activity.value.map(({ attemptId, recipient }) => [attemptId, recipient]),
      [[null, "victim@example.net"]],
    );
  });

  test(`${vendor}: asked about itself while it does not answer, it is unavailable`, async (context) => {
    const [twin, provider] = await started(context, start);
    await twin.stop();
    assert.equal((await provider.status?.())?.kind ?? "unavailable", "unavailable");
    assert.equal((await provider.posture?.())?.kind ?? "unavailable", "unavailable");
    assert.equal((await provider.activity?.({ sinceMs: 0, limit: 1 }))?.kind ?? "unavailable", "unavailable");
    assert.equal((await provider.lookup?.("attempt-1" as AttemptId)) ?? "unavailable", "unavailable");
  });
}

const SUSPENDED = { outcome: rejected("account-suspended", "account"), taken: 0 };

async function started(
  context: TestContext,
  start: (change?: Partial<ApiProviderSettings>) => Promise<[RunningTwin, Provider]>,
  change?: Partial<ApiProviderSettings>,
): Promise<[RunningTwin, Provider]> {
  const [twin, provider] = await start(change);
  context.after(async () => {
    await provider.close();
    await twin.stop();
  });
  return [twin, provider];
}

async function inScene(twin: RunningTwin, provider: Provider, scene: Scene, takesFields: boolean): Promise<Twin> {
  twin.setFault(scene.fault);
  if (scene.isGone) await twin.stop();
  return {
    provider,
    takesFields,
    taken: () => twin.account.sent.map(({ raw }) => raw ?? Buffer.alloc(0)),
    stop: () => twin.stop(),
  };
}

const idsOf = (asked: Awaited<ReturnType<NonNullable<Provider["posture"]>>>): string[] => {
  assert.ok(asked.kind === "answer", asked.kind === "unavailable" ? asked.reason : "");
  return asked.value.map((item) => `${item.kind} ${item.id} ${JSON.stringify(item.facts)}`);
};

/** For tests of an adapter's own: one hand-off through a twin in a fault, and the outcome of its one recipient. */
export async function outcomeUnder(twin: RunningTwin, provider: Provider, fault: Fault): Promise<Outcome> {
  twin.setFault(fault);
  const { recipients } = await provider.handOff(someHandoff(1), new AbortController().signal);
  return recipients[0]!;
}

export const allDelivered = (twin: RunningTwin): Promise<true> =>
  eventually(() => twin.account.sent.every(({ ends, recipients }) => ends.size === recipients.length) || null);
