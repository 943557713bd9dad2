import { type Clock, type Log, MINUTE_MS, SECOND_MS, causeText } from "../kernel/index.ts";
import { type DeliveryEvent, deliveryEvent } from "../mail/index.ts";
import type { ActivityItem, Provider } from "../providers/index.ts";
import type { Queryable } from "../store/index.ts";
import { saysDelivered } from "./log-words.ts";

/** Writes what a log says as an observation, as a notice of the provider would be. */
export type LogSink = (provider: string, events: readonly DeliveryEvent[]) => Promise<void>;

/**
 * How each vendor's log is asked, well within what it allows (and what a lookup of an unclear end may need meanwhile). A page
 * of Resend or SendGrid costs a call for each message of it.
 */
const MANNERS: Readonly<Record<string, { everyMs: number; page: number }>> = {
  mandrill: { everyMs: 10 * SECOND_MS, page: 1_000 },
  postmark: { everyMs: 10 * SECOND_MS, page: 500 },
  mailgun: { everyMs: 10 * SECOND_MS, page: 300 },
  sendgrid: { everyMs: 30 * SECOND_MS, page: 30 },
  resend: { everyMs: 20 * SECOND_MS, page: 40 },
};
/** Questions about single messages in one turn, for those that the page did not hold. */
const SINGLE = 3;
/** The log is written behind the answer. */
const YOUNG_MS = 5 * SECOND_MS;
/** What is older was asked for often enough. */
const OLD_MS = 30 * MINUTE_MS;
/** From before the verdict: since when events were silent is older than it. */
const BEFORE_MS = 5 * MINUTE_MS;
const MESSAGES = 500;

/** Handed off and without an end; what matters (C0 to C2) only. Index: attempts_by_end. Ten minutes of 200 messages a second: 260 ms. */
const WAITING = `
  SELECT a.spool_id AS "spoolId", a.n, a.settled_at AS at FROM attempts a JOIN messages m USING (spool_id)
  WHERE a.settled_at > $2 AND a.settled_at <= $3 AND a.provider = $1 AND a.outcome = 'accepted' AND m.class <= 2
    AND EXISTS (SELECT FROM recipients r WHERE r.spool_id = a.spool_id AND r.state = 'handed-off' AND (a.recipients IS NULL OR r.n = ANY(a.recipients)))
  ORDER BY a.settled_at LIMIT ${MESSAGES}`;

type Waiting = { spoolId: string; n: number; at: number; attemptId: string };

export type DarkLogParts = {
  /** Over connections of their own: what a minute's mail takes to go through must not keep verdicts waiting. */
  questions: Queryable;
  providers: ReadonlyMap<string, Provider>;
  attemptIdOf: (spoolId: string, provider: string, n: number) => string;
  sink: LogSink;
  clock: Clock;
  log: Log;
};

/** While a provider's events are dark its log is asked in their place, so that what matters is still known to have arrived. */
export class DarkLog {
  readonly #parts: DarkLogParts;
  readonly #askedAt = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();

  constructor(parts: DarkLogParts) {
    this.#parts = parts;
  }

  /** @param dark since when, of each provider whose events are */
  look(dark: ReadonlyMap<string, number>, now: number): void {
    for (const [name, since] of dark) {
      const provider = this.#parts.providers.get(name);
      const manners = provider && MANNERS[provider.kind];
      if (!provider?.activity || !manners || this.#running.has(name)) continue;
      if (now - (this.#askedAt.get(name) ?? Number.NEGATIVE_INFINITY) < manners.everyMs) continue;
      this.#askedAt.set(name, now);
      const running = this.#ask(provider, manners, since, now)
        .catch((error: unknown) =>
          this.#parts.log.warn("respond.log-not-read", { provider: name, cause: causeText(error) }),
        )
        .finally(() => this.#running.delete(name));
      this.#running.set(name, running);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #ask(provider: Provider, manners: (typeof MANNERS)[string], since: number, now: number): Promise<void> {
    const { questions, attemptIdOf, sink, log } = this.#parts;
    const { name } = provider;
    const from = Math.max(since - BEFORE_MS, now - OLD_MS);
    const until = new Date(now - YOUNG_MS);
    const rows = await questions.query<Omit<Waiting, "attemptId">>(WAITING, [name, new Date(from), until]);
    const waiting = new Map(
      rows.map((row): [string, Waiting] => {
        const attemptId = attemptIdOf(row.spoolId, name, row.n);
        return [attemptId, { ...row, attemptId }];
      }),
    );
    if (waiting.size === 0) return;
    const oldest = Math.min(...[...waiting.values()].map(({ at }) => at));
    const found = await provider.activity!({ sinceMs: oldest - MINUTE_MS, limit: manners.page });
    if (found.kind === "unavailable")
      return log.warn("respond.log-not-read", { provider: name, cause: found.reason.slice(0, 200) });
    const items = found.value;
    const shown = new Set(items.map(({ attemptId }) => attemptId));
    const missing = [...waiting.values()].filter(({ attemptId }) => !shown.has(attemptId)).slice(0, SINGLE);
    for (const { attemptId, at } of missing) {
      const one = await provider.activity!({ sinceMs: at - MINUTE_MS, attemptId, limit: 10 });
      if (one.kind === "answer") items.push(...one.value);
    }
    const events = items.flatMap((item) => eventOf(item, waiting, provider.kind));
    if (events.length === 0) return;
    await sink(name, events);
    log.info("respond.log-read", { provider: name, waiting: waiting.size, confirmed: events.length });
  }
}

function eventOf(item: ActivityItem, waiting: ReadonlyMap<string, Waiting>, kind: string): DeliveryEvent[] {
  const one = item.attemptId === null ? undefined : waiting.get(item.attemptId);
  if (!one || !saysDelivered(kind, item.state)) return [];
  const { attemptId, providerMessageId, recipient, at } = item;
  return [deliveryEvent({ type: "delivered", spoolId: one.spoolId, attemptId, providerMessageId, recipient, at })];
}
