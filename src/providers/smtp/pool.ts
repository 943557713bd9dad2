import { type Clock, Fifo, type Log, SECOND_MS, type Timer } from "../../kernel/index.ts";
import type { Outcome } from "../../mail/index.ts";
import type { Handoff } from "../provider.ts";
import { UnsafeEnvelope } from "./commands.ts";
import { Connection, type Target } from "./connection.ts";
import { Dialogue, type Ending } from "./dialogue.ts";
import { deferredBy } from "../losses.ts";
import { openSession } from "./open.ts";

/** Deadlines and aborts are looked at this often: by one timer for all connections, not by one for each command. */
const SWEEP_MS = 100;
/** Below what servers wait (RFC 5321 §4.5.3.2.7: 5 minutes; busy providers cut at 1 minute and less). */
const IDLE_MS = 30 * SECOND_MS;
/** A new connection costs about 1 % of a thousand messages, and lets a provider's balancer spread the load again. */
const MESSAGES_PER_CONNECTION = 1_000;
/** How long fewer connections are used after the provider refused one more. */
const FEWER_FOR_MS = 60 * SECOND_MS;
const QUIT_MS = 2 * SECOND_MS;
/** Of the 10 s a shutdown may take; a dialogue takes well under one. */
const CLOSE_MS = 5 * SECOND_MS;

export type PoolParts = { clock: Clock; log: Log; hostname: string };

/** One message on its way: waiting for a connection, opening one, or in its dialogue. */
type Job = {
  handoff: Handoff;
  signal: AbortSignal;
  settle: (outcomes: Outcome[]) => void;
  /** It met a connection that turned out to be closed; a second time is a failure. */
  replaced: boolean;
  settled: boolean;
};

/**
 * The connections to one provider, used again and again (RFC 5321 §3.3 allows many messages on one).
 * 1. An idle connection, the one used last.  2. A new one, up to `connections`.  3. Else wait in line.
 * Invariants: each job is settled exactly once; a job meets at most one connection that the server had already closed,
 * and then no octet of its message had been sent.
 */
export class Pool {
  readonly #target: Target;
  readonly #parts: PoolParts;
  readonly #idle: Connection[] = [];
  /** All connections, with the job of those that have one. */
  readonly #all = new Map<Connection, Job | null>();
  /** Those of them that are not ready yet. */
  readonly #opening = new Set<Connection>();
  readonly #waiting = new Fifo<Job>();
  #most: number;
  #fewerUntilMs = 0;
  #sweep: Timer | null = null;
  #closing: Promise<void> | null = null;

  constructor(target: Target, parts: PoolParts) {
    this.#target = target;
    this.#parts = parts;
    this.#most = target.settings.connections;
  }

  get connectionCount(): number {
    return this.#all.size;
  }

  /** One outcome per recipient. */
  handOff(handoff: Handoff, signal: AbortSignal): Promise<Outcome[]> {
    return new Promise((resolve) => {
      this.#place({ handoff, signal, settle: resolve, replaced: false, settled: false });
    });
  }

  /** Ends idle connections politely, waits at most CLOSE_MS for dialogues on their way, then cuts them off. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#failWaiting(CLOSED);
    for (const connection of this.#idle.splice(0)) this.#quit(connection);
    if (this.#all.size > 0) {
      const deadline = this.#parts.clock.after(CLOSE_MS, () => {
        for (const connection of this.#all.keys()) connection.end("aborted", "The gateway is stopping.");
      });
      await new Promise<void>((resolve) => (this.#onEmpty = resolve));
      deadline.cancel();
    }
    this.#sweep?.cancel();
    this.#sweep = null;
  }

  #onEmpty: () => void = () => {};

  #place(job: Job): void {
    if (job.signal.aborted) return settleAll(job, ABORTED);
    if (this.#closing) return settleAll(job, CLOSED);
    const hasRoom = this.#all.size < this.#limit();
    const connection = job.replaced && hasRoom ? undefined : this.#idle.pop();
    if (connection) this.#run(connection, job);
    else if (hasRoom) void this.#open(job);
    else this.#waiting.push(job);
    this.#sweep ??= this.#parts.clock.after(SWEEP_MS, this.#onSweep);
  }

  #limit(): number {
    if (this.#fewerUntilMs !== 0 && this.#parts.clock.monotonicMs() >= this.#fewerUntilMs) {
      this.#fewerUntilMs = 0;
      this.#most = this.#target.settings.connections;
    }
    return this.#most;
  }

  async #open(job: Job): Promise<void> {
    const connection = new Connection(this.#target, this.#parts.clock, this.#onGone);
    this.#all.set(connection, job);
    this.#opening.add(connection);
    const refusal = await openSession(connection, this.#target, this.#parts.hostname);
    this.#opening.delete(connection);
    if (refusal === null) return this.#run(connection, job);
    const established = this.#all.size - this.#opening.size;
    if (isOneTooMany(refusal) && established > 0) return this.#useFewer(established, job, refusal);
    settleAll(job, refusal);
    if (established > 0) this.#serveNext();
    // Nobody is connected, so those in line would meet the same; better they try another provider now.
    else if (this.#opening.size === 0) this.#failWaiting(refusal);
  }

  /** The provider takes no more connections, but those we have work: the message waits for one of them. */
  #useFewer(connections: number, job: Job, refusal: Outcome): void {
    this.#most = connections;
    this.#fewerUntilMs = this.#parts.clock.monotonicMs() + FEWER_FOR_MS;
    const { name } = this.#target.settings;
    this.#parts.log.warn("provider.connections-limited", { provider: name, connections, replyCode: refusal.replyCode });
    this.#place(job);
  }

  #failWaiting(outcome: Outcome): void {
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) settleAll(job, outcome);
  }

  #run(connection: Connection, job: Job): void {
    if (connection.loss) return settleAll(job, deferredBy(connection.loss));
    if (job.signal.aborted) {
      settleAll(job, ABORTED);
      return this.#giveBack(connection);
    }
    this.#all.set(connection, job);
    const { settings, read } = this.#target;
    const done = (ending: Ending) => this.#ended(connection, job, ending);
    const dialogue = new Dialogue(connection, job.handoff, settings, done, read);
    try {
      dialogue.start();
    } catch (error) {
      if (!(error instanceof UnsafeEnvelope)) throw error;
      this.#parts.log.error("provider.envelope-unsafe", { attemptId: job.handoff.attemptId, cause: error.message });
      settleAll(job, UNSAFE_ENVELOPE);
      this.#giveBack(connection);
    }
  }

  #ended(connection: Connection, job: Job, ending: Ending): void {
    if (ending.unheard && connection.idleSinceMs !== null && !job.replaced) {
      job.replaced = true;
      this.#place(job);
    } else settle(job, ending.outcomes);
    if (ending.connection === "reset") void this.#reset(connection);
    else if (ending.connection === "ready") this.#giveBack(connection);
  }

  async #reset(connection: Connection): Promise<void> {
    const answer = await connection.ask("RSET\r\n", this.#target.settings.replyTimeoutMs);
    if ("code" in answer && answer.code === 250) this.#giveBack(connection);
    else connection.end("protocol-error");
  }

  #giveBack(connection: Connection): void {
    if (connection.loss) return;
    this.#all.set(connection, null);
    if (connection.hasUnread) return connection.end("protocol-error");
    if (this.#closing || connection.messages >= MESSAGES_PER_CONNECTION) return this.#quit(connection);
    connection.idleSinceMs = this.#parts.clock.monotonicMs();
    this.#idle.push(connection);
    this.#serveNext();
  }

  /** A connection is free, or there is room for one. */
  #serveNext(): void {
    const job = this.#waiting.shift();
    if (job) this.#place(job);
  }

  /** RFC 5321 §4.1.1.10: QUIT, and wait for the answer, a little. */
  #quit(connection: Connection): void {
    void connection.ask("QUIT\r\n", QUIT_MS).then(() => connection.end("connection-lost"));
  }

  readonly #onGone = (connection: Connection): void => {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    if (this.#all.size === 0) this.#onEmpty();
    if (!this.#opening.has(connection)) this.#serveNext();
  };

  readonly #onSweep = (): void => {
    this.#sweep = null;
    const now = this.#parts.clock.monotonicMs();
    for (const [connection, job] of this.#all) {
      if (job && !job.settled && job.signal.aborted) connection.end("aborted");
      else connection.checkDeadline(now);
    }
    while (this.#idle.length > 0 && now - (this.#idle[0]!.idleSinceMs ?? now) >= IDLE_MS)
      this.#quit(this.#idle.shift()!);
    this.#dropAborted();
    if (this.#all.size > 0 || this.#waiting.size > 0) this.#sweep ??= this.#parts.clock.after(SWEEP_MS, this.#onSweep);
  };

  #dropAborted(): void {
    for (let left = this.#waiting.size; left > 0; left -= 1) {
      const job = this.#waiting.shift()!;
      if (job.signal.aborted) settleAll(job, ABORTED);
      else this.#waiting.push(job);
    }
  }
}

function settle(job: Job, outcomes: Outcome[]): void {
  job.settled = true;
  job.settle(outcomes);
}

const settleAll = (job: Job, outcome: Outcome): void =>
  settle(
    job,
    job.handoff.envelope.recipients.map(() => outcome),
  );

/** A refusal of the connection itself, for now: what servers say when a client has too many. */
const isOneTooMany = (refusal: Outcome): boolean =>
  refusal.kind === "deferred" && (refusal.cause === "service-unavailable" || refusal.cause === "rate-limited");

const ABORTED = deferredBy({ cause: "aborted" });
const CLOSED = deferredBy({ cause: "aborted", diagnostic: "The gateway is stopping." });
const UNSAFE_ENVELOPE: Outcome = { kind: "rejected", scope: "message", cause: "envelope-unsafe" };
