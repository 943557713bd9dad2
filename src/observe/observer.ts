import { hash } from "node:crypto";
import type { ProviderSettings } from "../config/index.ts";
import { causeText, DAY_MS, type Log, MINUTE_MS, Problem, type Random } from "../kernel/index.ts";
import type { DeliveryEvent } from "../mail/index.ts";
import { NOTICE_READERS, type WebhookRequest } from "../providers/index.ts";
import { isDatabaseAway } from "../store/index.ts";
import { type Account, accountsOf, nobody } from "./accounts.ts";
import { Certificates, type Fetch } from "./certificates.ts";
import type { TakenNotice } from "./facts.ts";
import { Recorder, type RecorderParts } from "./recorder.ts";

export type ObserverParts = RecorderParts & {
  providers: readonly ProviderSettings[];
  publicUrl: string | null;
  random: Random;
  fetch: Fetch;
  /** A certificate that is known without asking: of the lab's own Amazon. */
  certificate?: (url: string) => string | null;
};

/** taken, also where it was known before · refused: whoever it is from, we do not know him · later: come again. */
export type Answer = "taken" | "refused" | "later";

/** Notices that wait to be written, of this process; more are told to come again. */
const WAITING = 4_000;
/** What is refused is told once a minute per provider, with how often. */
const TELL_MS = MINUTE_MS;

/** Takes notices of providers: proves them, and has what they say written. */
export class Observer {
  readonly #parts: ObserverParts;
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #nobody: Account;
  readonly #certificates: Certificates;
  readonly #recorder: Recorder;
  readonly #refusals: Refusals;

  constructor(parts: ObserverParts) {
    this.#parts = parts;
    this.#accounts = accountsOf(parts.providers, parts.publicUrl);
    this.#nobody = nobody(parts.random);
    this.#certificates = new Certificates(parts);
    this.#recorder = new Recorder(parts);
    this.#refusals = new Refusals(parts.log);
  }

  /** @param name of the provider, as the address has it. @param request `url` as the request itself says it. */
  async take(name: string, request: WebhookRequest): Promise<Answer> {
    const account = this.#accounts.get(name) ?? this.#nobody;
    const { metrics, log } = this.#parts;
    if (this.#recorder.waiting >= WAITING) {
      metrics.notice(account.name, "busy", null);
      return "later";
    }
    try {
      return await this.#take(account, { ...request, url: account.url ?? request.url });
    } catch (error) {
      metrics.notice(account.name, "failed", null);
      const isExpected = isDatabaseAway(error) || (error instanceof Problem && error.code === CERTIFICATE);
      if (!isExpected) log.error("notice.failed", { provider: account.name, cause: causeText(error) });
      return "later";
    }
  }

  /** What a provider's log says of mail of ours where its notices are silent: written as a notice would be, once. */
  async takeLog(provider: string, events: readonly DeliveryEvent[]): Promise<void> {
    const idOf = (event: DeliveryEvent): string => `log ${event.type} ${event.attemptId} ${event.recipient}`;
    const ids = events.map(idOf);
    await this.#recorder.record({
      provider,
      ids,
      events,
      hash: hash("sha256", ids.join("\n"), "buffer"),
      forgetAt: this.#parts.clock.now() + DAY_MS,
      eventsOf: async (fresh) => events.filter((event) => fresh.has(idOf(event))),
      source: "log",
    });
  }

  async close(): Promise<void> {
    await this.#recorder.close();
  }

  async #take(account: Account, request: WebhookRequest): Promise<Answer> {
    const { metrics, clock } = this.#parts;
    const now = clock.now();
    const ids = new Set<string>();
    const answer = await this.#read(account, request, now, (id) => ids.size < ids.add(id).size);
    if (answer.kind === "refused") {
      this.#refusals.add(account.name, answer.reason, clock.monotonicMs());
      metrics.notice(account.name, "refused", null);
      return "refused";
    }
    if (answer.kind === "confirm") return this.#confirm(account, answer.url);
    const notice: TakenNotice = {
      provider: account.name,
      ids: [...ids],
      events: answer.events,
      hash: hash("sha256", request.body, "buffer"),
      forgetAt: now + account.rememberedMs,
      eventsOf: async (fresh) => {
        const unseen = new Set(fresh);
        const again = await this.#read(account, request, now, (id) => unseen.delete(id));
        return again.kind === "events" ? again.events : [];
      },
    };
    const recorded = await this.#recorder.record(notice);
    metrics.notice(account.name, recorded, recorded === "busy" ? null : now / 1000);
    return recorded === "busy" ? "later" : "taken";
  }

  async #read(account: Account, request: WebhookRequest, now: number, isNew: (id: string) => boolean) {
    return NOTICE_READERS[account.kind](request, account.secrets, {
      now,
      isNew,
      certificate: async (url) => this.#parts.certificate?.(url) ?? this.#certificates.get(url),
    });
  }

  /** The one call that a notice may cause: of an address of Amazon SNS, for the topic that is ours, by its own signature. */
  async #confirm({ name }: Account, url: string): Promise<Answer> {
    const { fetch, metrics, log, clock } = this.#parts;
    const answer = await fetch(url);
    const isDone = answer?.status === 200;
    metrics.notice(name, isDone ? "confirmed" : "failed", isDone ? clock.now() / 1000 : null);
    log[isDone ? "info" : "warn"](isDone ? "notice.subscription-confirmed" : "notice.subscription-not-confirmed", {
      provider: name,
      status: answer?.status ?? null,
    });
    return isDone ? "taken" : "later";
  }
}

const CERTIFICATE = "webhook-certificate-unavailable";

/** Tells of the first refusal at once and of those that follow in one line a minute: anybody may knock. */
class Refusals {
  readonly #log: Log;
  readonly #told = new Map<string, { at: number; more: number }>();
  constructor(log: Log) {
    this.#log = log;
  }

  add(provider: string, reason: string, nowMs: number): void {
    const last = this.#told.get(provider);
    if (last && nowMs - last.at < TELL_MS) {
      last.more += 1;
      return;
    }
    this.#log.warn("notice.refused", { provider, reason, more: last?.more ?? 0 });
    this.#told.set(provider, { at: nowMs, more: 0 });
  }
}
