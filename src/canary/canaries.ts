import { Resolver } from "node:dns/promises";
import type { AcceptPort, Door } from "../accept/index.ts";
import type { Address, CanarySettings, ProviderSettings, TenantSettings } from "../config/index.ts";
import { type Clock, type Log, type Random, causeText, delay } from "../kernel/index.ts";
import type { State } from "../judge/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { Queryable } from "../store/index.ts";
import type { TemplateStore } from "../templates/index.ts";
import { type ArrivalParts, Arrivals } from "./arrivals.ts";
import { Writer } from "./compose/writer.ts";
import { Plan } from "./plan.ts";
import { MailboxReader } from "./receivers/mailbox.ts";
import { startMx } from "./receivers/mx.ts";
import { noteHandOffs } from "./rows/note-hand-offs.ts";
import { settleOverdue } from "./rows/settle-overdue.ts";
import { Sender } from "./sender.ts";
import { SignUps } from "./sign-up/sign-ups.ts";
import { Tokens } from "./tokens.ts";
import type { AskDns } from "./verify/authenticate.ts";

export type CanariesParts = {
  settings: CanarySettings;
  hostname: string;
  masterKey: Buffer;
  tenants: readonly TenantSettings[];
  providers: readonly ProviderSettings[];
  port: Pick<AcceptPort, "accept">;
  templates: Pick<TemplateStore, "list" | "compiled">;
  standing: (provider: string) => State;
  database: Queryable;
  /** Absent: this machine's resolver. */
  askDns: AskDns | null;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
};

export type BurstWish = { count?: number; withinMs?: number; deadlineMs?: number };

/** As the judge reckons with (src/judge/parameters.ts); usually it names a shorter deadline. */
const BURST = { count: 5, withinMs: 1_000, deadlineMs: 15_000 } as const;
const DOOR_GRACE_MS = 2_000;
const DNS = { timeout: 2_000, tries: 2 } as const;

/**
 * Probe messages: each provider carries some, to receivers of our own, as customers' mail is carried.
 * 1. The node that leads calls `tick` once a second: what is due is sent, what is overdue is missed.  2. Any node receives.
 * 3. Whoever wants to know whether a suspicion is true asks for a `burst`.
 * What became of each is its row (rows/canaries-since.ts); nothing is remembered beside it but whose turn it is.
 * Operator sees: canaries_total, canary_seconds, docs/canaries.md.
 */
export class Canaries {
  readonly #parts: CanariesParts;
  readonly #plan: Plan;
  readonly #sender: Sender;
  readonly #arrivals: Arrivals;
  readonly #tokens: Tokens;
  readonly #signUps: SignUps;
  readonly #readers: MailboxReader[] = [];
  readonly #doors: { domain: string; door: Door }[] = [];

  constructor(parts: CanariesParts) {
    const { settings, tenants, providers, standing, masterKey, askDns } = parts;
    this.#parts = parts;
    this.#tokens = new Tokens(masterKey);
    this.#plan = new Plan({ settings, tenants, providers: providers.map(({ name }) => name), standing });
    const writer = new Writer({ ...parts, chosen: settings.templates });
    this.#sender = new Sender({ ...parts, writer, tokens: this.#tokens });
    const receivers = settings.receivers.filter((one) => one.kind === "mx");
    const signUps = new SignUps({ ...parts, signUps: settings.signUps, receivers, tokens: this.#tokens });
    this.#signUps = signUps;
    const signUp: ArrivalParts["signUp"] = (canary, raw) => signUps.look(canary, raw);
    this.#arrivals = new Arrivals({ ...parts, askDns: askDns ?? systemDns(), signUp });
  }

  /** Opens the receivers. One that cannot listen is told and left out: mail must run without it. */
  async start(): Promise<void> {
    const { settings, log } = this.#parts;
    for (const one of settings.receivers) {
      if (one.kind === "imap") {
        const reader = new MailboxReader({ ...this.#parts, settings: one, arrivals: this.#arrivals });
        this.#readers.push(reader);
        reader.start();
        continue;
      }
      try {
        const parts = { ...this.#parts, settings: one, tokens: this.#tokens, arrivals: this.#arrivals };
        this.#doors.push({ domain: one.domain, door: await startMx(parts) });
      } catch (error) {
        log.error("canary.receiver-deaf", { receiver: one.name, cause: causeText(error) });
      }
    }
  }

  /** Where the servers of ours listen, by their domains. */
  get receivers(): { domain: string; address: Address }[] {
    return this.#doors.map(({ domain, door }) => ({ domain, address: door.address }));
  }

  /** Once a second, on one node. Never throws: a canary that could not be sent is no reason not to judge. */
  async tick(now: number): Promise<void> {
    const { settings, database, metrics, log } = this.#parts;
    try {
      const orders = this.#plan.due(now);
      await Promise.all(orders.map((order) => this.#sender.send(order, false, settings.deadlineMs)));
      this.#signUps.tick(now);
      await noteHandOffs(database, now);
      for (const { canaryId, provider, kind, result } of await settleOverdue(database, now)) {
        metrics.canary(provider ?? "", kind, result ?? "missed", null);
        log.info("canary.missed", { id: canaryId, provider, kind, result });
      }
    } catch (error) {
      log.warn("canary.tick-failed", { cause: causeText(error) });
    }
  }

  /** A handful at once. @param scope "" or the "tenant/stream" they all stand for */
  async burst(provider: string, scope: string, wish: BurstWish = {}): Promise<void> {
    const { clock, log } = this.#parts;
    const { count, withinMs, deadlineMs } = { ...BURST, ...wish };
    const orders = this.#plan.burst(provider, scope, count);
    log.info("canary.burst", { provider, scope, count: orders.length, deadlineMs });
    const sends = orders.map(async (order, n) => {
      if (n > 0) await delay(clock, (withinMs * n) / orders.length);
      await this.#sender.send(order, true, deadlineMs);
    });
    await Promise.all(sends);
  }

  /** One of this stream now, in place of the one that is due next. @param scope "tenant/stream" */
  async next(provider: string, scope: string): Promise<void> {
    const order = this.#plan.next(provider, scope);
    if (order) await this.#sender.send(order, false, this.#parts.settings.deadlineMs);
  }

  /** Another pace for a provider; null: its usual one. */
  cadence(provider: string, everyMs: number | null): void {
    this.#plan.cadence(provider, everyMs);
  }

  async stop(): Promise<void> {
    const doors = this.#doors.map(({ door }) => door.stop(DOOR_GRACE_MS));
    await Promise.all([...doors, ...this.#readers.map((one) => one.stop()), this.#signUps.stop()]);
  }
}

function systemDns(): AskDns {
  const resolver = new Resolver(DNS);
  return async (name, type) => (await resolver.resolve(name, type)) as string[][] | string[];
}
