import type { Fleet, LocalOutage } from "../judge/index.ts";
import { type Clock, type Log, causeText, every } from "../kernel/index.ts";
import type { LeafMaker } from "../ledger/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { Provider } from "../providers/index.ts";
import { type StandingBoard, loadStandings, newestCalibration } from "../standing/index.ts";
import { type Database, tellFailure } from "../store/index.ts";
import { Asks, type Missing } from "./asks.ts";
import { CanaryWatcher } from "./canary-news.ts";
import { DarkLog, type LogSink } from "./dark-log.ts";
import type { EvidenceReader } from "./evidence/reader.ts";
import { Leadership } from "./leadership.ts";
import { LossTurns } from "./loss-turns.ts";
import { type Memory, recall } from "./memory.ts";
import { type Order, type OrderAnswer, answerOrders, inputsOf, openOrders } from "./orders.ts";
import type { ResponsePorts } from "./ports.ts";
import { OUTAGE_KEY, outageAlert } from "./alerts-of.ts";
import { Verdicts } from "./verdicts.ts";

/** Verdicts fall once a second: what is decided is decided within it. */
const LOOK_MS = 1_000;
/** Of a burst that was asked for by a leader that leads no more. */
const BURST_DEADLINE_MS = 15_000;

export type RespondParts = {
  database: Database;
  board: StandingBoard;
  providers: ReadonlyMap<string, Provider>;
  leaves: LeafMaker;
  attemptIdOf: (spoolId: string, provider: string, n: number) => string;
  /** Canaries go to servers of our own: a suspicion can be asked about. */
  hasReceivers: boolean;
  /** Where what a provider's log says is written. */
  logSink: LogSink;
  /** Asked each time: what is built later than this is there by then. */
  ports: () => ResponsePorts;
  clock: Clock;
  log: Log;
  metrics: Metrics;
};

/** What the leader holds while it leads. All of it is made anew from rows by the next one. */
type Lead = {
  fleet: Fleet;
  reader: EvidenceReader;
  watcher: CanaryWatcher;
  memory: Memory;
  verdicts: Verdicts;
  lossTurns: LossTurns;
  /** What it judges with (0: what is assumed), and when that was looked at. */
  calibrationId: number;
  calibrationAt: number;
};

/** A calibration that a person applied counts within this. */
const CALIBRATION_EVERY_MS = 30_000;

/**
 * The loop that turns rows into verdicts and verdicts into acts; on one node at a time.
 * 1. Who leads?  2. Evidence from rows and answers goes to the judge, and orders of people.  3. What changed is written,
 * told and acted upon.  4. What the judge wants to know is asked.
 * After a look that failed, or one that another node was ahead of, the next begins anew from rows: what was not written did
 * not happen.
 */
export class Respond {
  readonly #parts: RespondParts;
  readonly #leadership: Leadership;
  readonly #asks: Asks;
  readonly #darkLog: DarkLog;
  #lead: Lead | null = null;
  #outageSince: number | null = null;
  readonly #silence = new Map<string, number>();
  #series: { stop(): Promise<void> } | null = null;

  constructor(parts: RespondParts) {
    const { database, providers, clock, log } = parts;
    this.#parts = parts;
    this.#leadership = new Leadership({ database, log });
    this.#asks = new Asks({
      providers,
      canaries: () => parts.ports().canaries,
      burstDeadlineMs: (provider, now) => this.#lead?.fleet.burstDeadlineMs(provider, now) ?? BURST_DEADLINE_MS,
      missing: (provider) => this.#missing(provider),
      refusedFor: (provider) => this.#lead?.reader.refusedFor(provider) ?? null,
      clock,
      log,
    });
    this.#darkLog = new DarkLog({ ...parts, questions: database.questions, sink: parts.logSink });
  }

  /** What speaks for silence at each provider; empty where another node leads. 1: it is suspected. */
  get silence(): ReadonlyMap<string, number> {
    return this.#silence;
  }

  start(): void {
    const { clock, log, database } = this.#parts;
    this.#series = every(clock, LOOK_MS, () => this.#look(), tellFailure(database, log, "respond.look-failed"));
  }

  async stop(): Promise<void> {
    await this.#series?.stop();
    await Promise.all([this.#asks.stop(), this.#darkLog.stop()]);
    await this.#lead?.memory.save(this.#leadership.lane.execute, this.#parts.clock.now(), "all").catch(() => {}); // what is lost is a few minutes of latencies
    await this.#leadership.close();
  }

  async #look(): Promise<void> {
    const { clock, metrics } = this.#parts;
    const role = await this.#leadership.look().catch((error: unknown) => {
      this.#follow();
      throw error;
    });
    if (role === "follows") return this.#follow();
    const now = clock.now();
    if (role === "taken" || !this.#lead || (await this.#isRecalibrated(this.#lead, now))) {
      this.#follow();
      this.#lead = await this.#takeUp(now);
      metrics.leads(true);
    }
    try {
      await this.#judge(this.#lead, now);
    } catch (error) {
      // What the judge was told or has said may not be in the rows: the next look makes another one from what is.
      this.#follow();
      throw error;
    }
  }

  async #takeUp(now: number): Promise<Lead> {
    const { database, providers, log, metrics } = this.#parts;
    const standings = await loadStandings(database);
    const calibration = await newestCalibration(database);
    const recalled = await recall({
      execute: this.#leadership.lane.execute,
      names: [...providers.keys()],
      hasReceivers: this.#parts.hasReceivers,
      standings,
      calibration,
      now,
    });
    const verdicts = new Verdicts(this.#parts, standings);
    for (const name of providers.keys()) metrics.standing(name, "", recalled.fleet.standing(name).state);
    log.info("respond.leads", { providers: providers.size, standings: standings.length });
    await verdicts.again(standings.filter(({ provider }) => providers.has(provider)));
    const watcher = new CanaryWatcher(this.#leadership.lane.execute);
    return {
      ...recalled,
      watcher,
      verdicts,
      lossTurns: new LossTurns(),
      calibrationId: calibration?.calibrationId ?? 0,
      calibrationAt: now,
    };
  }

  /** Another judge then begins from rows, as after a restart. */
  async #isRecalibrated(lead: Lead, now: number): Promise<boolean> {
    if (now - lead.calibrationAt < CALIBRATION_EVERY_MS) return false;
    lead.calibrationAt = now;
    const newest = await newestCalibration(this.#parts.database);
    if ((newest?.calibrationId ?? 0) === lead.calibrationId) return false;
    await lead.memory.save(this.#leadership.lane.execute, now, "all");
    this.#parts.log.info("respond.recalibrated", { calibration: newest?.calibrationId ?? 0 });
    return true;
  }

  #follow(): void {
    if (!this.#lead) return;
    this.#lead = null;
    this.#silence.clear();
    this.#parts.metrics.leads(false);
  }

  async #judge({ fleet, reader, watcher, memory, verdicts, lossTurns }: Lead, now: number): Promise<void> {
    const { metrics, ports } = this.#parts;
    await ports().canaries?.tick(now);
    for (const { provider, evidence } of [...(await reader.look(now)), ...this.#asks.take()]) {
      fleet.see(provider, evidence);
      metrics.evidence(provider, evidence.kind);
    }
    if (ports().canaries) await this.#canaryNews(fleet, watcher, now);
    const answers = await this.#obey(fleet, now);
    const { asks, changes } = fleet.tick(now);
    for (const change of changes) {
      if (await verdicts.write(change)) continue;
      this.#leadership.resign("another node wrote a verdict");
      return this.#follow();
    }
    await this.#lossTurns(fleet, lossTurns, now);
    for (const { orders, answer } of answers)
      await answerOrders(this.#parts.database, this.#parts.leaves, orders, answer, now);
    await this.#outage(fleet.localOutage, now);
    for (const { provider, ask, scope } of asks) this.#asks.ask(provider, ask, scope);
    this.#asks.poll(now);
    this.#darkLog.look(this.#dark(fleet), now);
    // Beside this loop: a thousand messages on their way back must not keep the next verdict waiting.
    void ports().redrive?.tick(now);
    void ports().objectives?.tick(now);
    for (const provider of this.#parts.providers.keys()) {
      const share = fleet.silence(provider, now);
      this.#silence.set(provider, share);
      metrics.silence(provider, share);
    }
    // What fails there must not keep verdicts from falling.
    await this.#parts
      .ports()
      .drills?.tick(now)
      .catch((error: unknown) => this.#parts.log.warn("drill.look-failed", { cause: causeText(error) }));
    await memory.save(this.#leadership.lane.execute, now, "due");
  }

  /** What canaries found besides silence. */
  async #canaryNews(fleet: Fleet, watcher: CanaryWatcher, now: number): Promise<void> {
    const { breaches, raise, resolve } = await watcher.look(now);
    for (const { provider, at, input } of breaches) {
      // What was found before a verdict that stands was known when it fell, or when two people ended a quarantine.
      const { state, since } = fleet.standing(provider);
      if (state === "HEALTHY" || at > since) fleet.input(provider, input);
    }
    const { alerts } = this.#parts.ports();
    if (!alerts) return;
    for (const alert of raise) await this.#tried("alert", alerts.raise(alert));
    for (const key of resolve) await this.#tried("alert", alerts.resolve(key));
  }

  /** What fails at another room must not keep verdicts from falling. */
  #tried(what: "alert" | "redrive", act: Promise<void> | undefined): Promise<void> | undefined {
    const { log } = this.#parts;
    return act?.catch((error: unknown) => log.error("respond.failed", { what, cause: causeText(error) }));
  }

  async #lossTurns(fleet: Fleet, turns: LossTurns, now: number): Promise<void> {
    const { providers, ports } = this.#parts;
    const standings = [...providers.keys()].map((name) => [name, fleet.standing(name)] as const);
    for (const order of turns.due(now, standings)) await this.#tried("redrive", ports().redrive?.order(order));
  }

  /** Of ours: told once when it begins and once when it ends. */
  async #outage(outage: LocalOutage | null, now: number): Promise<void> {
    const { log, metrics, ports } = this.#parts;
    const before = this.#outageSince;
    if ((outage === null) === (before === null)) return;
    this.#outageSince = outage && outage.sinceAt;
    metrics.localOutage(outage !== null);
    const alert = outage ? outageAlert(outage, now) : null;
    if (alert) log.error("respond.local-outage", { sinceAt: outage!.sinceAt, providers: outage!.providers.join(" ") });
    else log.info("respond.local-outage-over", { lastedS: Math.round((now - before!) / 1_000) });
    const { alerts } = ports();
    await this.#tried("alert", alert ? alerts?.raise(alert) : alerts?.resolve(OUTAGE_KEY));
  }

  #dark(fleet: Fleet): Map<string, number> {
    const standings = [...this.#parts.providers.keys()].map((name) => [name, fleet.standing(name)] as const);
    return new Map(standings.flatMap(([name, one]) => (one.state === "EVENTS_DARK" ? [[name, one.since]] : [])));
  }

  /** @returns what each order came to; answered once what it changed is written, so that none is lost between. */
  async #obey(fleet: Fleet, now: number): Promise<{ orders: Order[]; answer: OrderAnswer }[]> {
    const open = await openOrders(this.#parts.database);
    return inputsOf(open, now).map(({ orders, input, answer }) => {
      const { provider } = orders[0]!;
      if (!this.#parts.providers.has(provider)) return { orders, answer: "unknown-provider" };
      if (input === null) return { orders, answer: answer ?? "no-change" };
      const before = fleet.standing(provider);
      fleet.input(provider, input);
      return { orders, answer: fleet.standing(provider) === before ? "no-change" : "done" };
    });
  }

  async #missing(provider: string): Promise<Missing | null> {
    const spoolId = this.#lead?.reader.canaries.missingOf(provider) ?? null;
    if (spoolId === null) return null;
    const [attempt] = await this.#parts.database.query<{ n: number; sentAt: number; recipient: string }>(
      `SELECT a.n, a.intent_at AS "sentAt", r.address AS recipient FROM attempts a JOIN recipients r USING (spool_id)
       WHERE a.spool_id = $1 AND a.provider = $2 ORDER BY a.n DESC LIMIT 1`,
      [spoolId, provider],
    );
    if (!attempt) return null;
    const { n, ...known } = attempt;
    return { ...known, attemptId: this.#parts.attemptIdOf(spoolId, provider, n) };
  }
}
