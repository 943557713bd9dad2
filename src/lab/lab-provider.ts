import { createServer, type Server, type Socket } from "node:net";
import { type Address, LAB_DOMAIN } from "../config/index.ts";
import { type Clock, type Log, Problem } from "../kernel/index.ts";
import type { LabInbox } from "./inbox.ts";
import { type Fate, type LabMode, MODE_RULES, type ModeRule } from "./modes.ts";
import { posternFields } from "./postern-fields.ts";
import { RateSeries } from "./rate-series.ts";
import { RecentSet } from "./recent-set.ts";
import type { LabEnvelope } from "./smtp/envelope.ts";
import { type SessionDesk, speakSmtp } from "./smtp/session.ts";

/** Attempts remembered for GET /lab/activity: 100,000 ids of 22 characters are some 10 MB. */
const ATTEMPTS_REMEMBERED = 100_000;
/** Four providers' worth of Postern's own connections. */
const CONNECTIONS = 200;

export type LabProviderParts = {
  name: string;
  address: Address;
  inbox: LabInbox;
  /** Where what it took goes from here; straight into the inbox unless given. */
  relay?: { take(envelope: LabEnvelope, raw: Buffer): void };
  clock: Clock;
  log: Log;
  /** Called after anything a page shows has changed. */
  changed: () => void;
};

/** Messages by where they ended, refusals by their kind, since the start. */
export type LabCounters = Record<Fate, number> & { refused: number; deferred: number };

/**
 * One provider of the lab: an SMTP server on loopback whose mode can be switched while it runs.
 * Invariant: `hasTaken(id)` is what a provider's own activity log would say, in every mode but `down`, where nobody answers.
 */
export class LabProvider {
  readonly name: string;
  readonly counters: LabCounters = {
    delivered: 0,
    withheld: 0,
    vanished: 0,
    untaken: 0,
    refused: 0,
    deferred: 0,
  };
  readonly rate: RateSeries;
  readonly #parts: LabProviderParts;
  readonly #attempts = new RecentSet(ATTEMPTS_REMEMBERED);
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port: number;
  #mode: LabMode = "normal";
  #queueCount = 0;
  /** Switches happen one after the other: a listener must be closed before it is opened again. */
  #switching: Promise<void> = Promise.resolve();

  constructor(parts: LabProviderParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.#port = parts.address.port;
    this.rate = new RateSeries(parts.clock);
  }

  get mode(): LabMode {
    return this.#mode;
  }

  get address(): Address {
    return { host: this.#parts.address.host, port: this.#port };
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  hasTaken(attemptId: string): boolean {
    return this.#attempts.has(attemptId);
  }

  start(): Promise<void> {
    return this.switchTo("normal");
  }

  /** @throws Problem `lab-port-taken` when the listener cannot be opened (again); the mode is then unchanged. */
  switchTo(mode: LabMode): Promise<void> {
    const done = this.#switching.then(() => this.#switch(mode));
    this.#switching = done.catch(() => {});
    return done;
  }

  async stop(): Promise<void> {
    await this.#switching;
    await this.#close();
  }

  async #switch(mode: LabMode): Promise<void> {
    if (!MODE_RULES[mode].listens) await this.#close();
    else if (this.#server === null) await this.#open();
    if (mode !== this.#mode) this.#parts.log.info("lab.mode-switched", { provider: this.name, mode });
    this.#mode = mode;
    this.#parts.changed();
  }

  async #open(): Promise<void> {
    const { host } = this.#parts.address;
    const server = createServer((socket) => this.#greet(socket));
    server.maxConnections = CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) => reject(this.#cannotListen(cause)));
      server.listen(this.#port, host, resolve);
    });
    server.on("error", (error) =>
      this.#parts.log.warn("lab.listener-failed", { provider: this.name, cause: error.message }),
    );
    this.#server = server;
    // The port once given is kept, so that a provider that was down comes back at the same place.
    const bound = server.address();
    if (bound !== null && typeof bound === "object") this.#port = bound.port;
  }

  async #close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #cannotListen(cause: Error): Problem {
    return new Problem(
      "lab-port-taken",
      `The lab provider ${this.name} cannot listen on ${this.#parts.address.host}:${this.#port}. ` +
        "Stop the program that uses this port, or start with POSTERN_LAB_PORTS=0,0 to take any free ones.",
      cause,
    );
  }

  #greet(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    speakSmtp(socket, this.#desk, this.#parts.clock);
  }

  readonly #desk: SessionDesk = {
    hostname: () => `${this.name}.${LAB_DOMAIN}`,
    rule: () => MODE_RULES[this.#mode],
    refused: (reply) => {
      if (reply.startsWith("4")) this.counters.deferred += 1;
      else this.counters.refused += 1;
      this.#parts.changed();
    },
    ended: (rule, envelope, raw) => this.#end(rule, envelope, raw),
  };

  #end(rule: ModeRule, envelope: LabEnvelope, raw: Buffer): string {
    const { fate } = rule.end;
    this.#queueCount += 1;
    this.counters[fate] += 1;
    this.rate.count();
    const { attemptId } = posternFields(raw);
    if (fate !== "untaken" && attemptId !== null) this.#attempts.add(attemptId);
    if (fate === "delivered") this.#deliver(envelope, raw);
    this.#parts.changed();
    return `${this.name}-${this.#queueCount}`;
  }

  #deliver(envelope: LabEnvelope, raw: Buffer): void {
    const { relay, inbox, clock } = this.#parts;
    if (relay) relay.take(envelope, raw);
    else inbox.add({ provider: this.name, takenAt: clock.now(), envelope, raw });
  }
}
