import { seededRandom } from "../../test/support/seeded-random.ts";
import { type Failure, LoadSession, letter } from "./load-session.ts";
import { nth } from "./statistics.ts";

/**
 * The near end of a relay run, in a process of its own: sends messages over SMTP on sessions that stay open, and
 * measures what only a client knows: how long it waits from the end of its data to the 250. It sends one command at a
 * time, as most applications do. Loopback only.
 *
 * `node bench/relay/load.ts '{"port":2525,"messages":1000,"sessions":50,"octets":5120,"perSecond":null,"run":"a"}'`
 * says one JSON line at its end, a LoadReport.
 */
export type LoadOrder = {
  port: number;
  messages: number;
  sessions: number;
  /** Of the text after the header section. */
  octets: number;
  /**
   * Null: as fast as the sessions can. Else messages come at random instants of this mean rate (exponential gaps, the
   * same ones each time); one that finds no free session waits for it, and is counted as late.
   */
  perSecond: number | null;
  /** Part of every Message-ID, so that no two runs have one in common. */
  run: string;
};

export type LoadReport = {
  accepted: number;
  /** 4xx answers; the message is sent again after a while, under a new Message-ID. */
  deferred: number;
  /** 5xx answers: given up. */
  refused: number;
  /** Messages whose connection ended, or that got no answer: nobody knows whether they were taken. */
  unknown: number;
  /** From the end of the data to the 250. */
  acceptP50Ms: number | null;
  acceptP99Ms: number | null;
  acceptMaxMs: number | null;
  late: number;
  /** Milliseconds since the epoch. */
  firstAt: number;
  lastAt: number;
  /** What this process itself cost. */
  cpuMs: number;
  /** What the other side complained of: the first few. */
  complaints: string[];
};

const RETRY_MS = 200;
/** Without any answer for so long it gives up and says what it has. */
const PATIENCE_MS = 30_000;
const COMPLAINTS_MOST = 5;
const SEED = 20_261_124;

const now = (): number => performance.timeOrigin + performance.now();

class Load {
  readonly #order: LoadOrder;
  readonly #finished: (report: LoadReport) => void;
  readonly #latencies: Float64Array;
  readonly #cpuBefore = process.cpuUsage();
  readonly #firstAt = now();
  readonly #counts = { accepted: 0, deferred: 0, refused: 0, unknown: 0, late: 0 };
  readonly #complaints: string[] = [];
  readonly #sessions = new Set<LoadSession>();
  readonly #idle: LoadSession[] = [];
  readonly #watch: NodeJS.Timeout;
  /** Messages whose time has come and that no session has yet. */
  #due = 0;
  #pacing = false;
  #paced = 0;
  #number = 0;
  #answeredAt = performance.now();
  #over = false;

  constructor(order: LoadOrder, finished: (report: LoadReport) => void) {
    this.#order = order;
    this.#finished = finished;
    this.#latencies = new Float64Array(order.messages);
    this.#watch = setInterval(() => this.#checkPatience(), 1_000);
    const text = letter(order.run, order.octets);
    const events = {
      free: (session: LoadSession) => this.#free(session),
      accepted: (tookMs: number) => this.#accepted(tookMs),
      failed: (failure: Failure, session: LoadSession, hadMessage: boolean) =>
        this.#failed(failure, session, hadMessage),
    };
    for (let n = 0; n < order.sessions; n += 1) this.#sessions.add(new LoadSession(order.port, text, events));
    if (order.perSecond === null) this.#due = order.messages;
  }

  #free(session: LoadSession): void {
    this.#idle.push(session);
    const { perSecond, sessions } = this.#order;
    if (perSecond !== null && !this.#pacing && this.#idle.length === sessions) this.#pace(perSecond);
    this.#start();
    this.#finishIfDone();
  }

  #start(): void {
    while (this.#due > 0 && this.#idle.length > 0) {
      this.#due -= 1;
      this.#idle.pop()!.send(this.#number++);
    }
  }

  #accepted(tookMs: number): void {
    this.#latencies[this.#counts.accepted++] = tookMs;
    this.#answeredAt = performance.now();
  }

  #failed({ kind, said }: Failure, session: LoadSession, hadMessage: boolean): void {
    if (this.#complaints.length < COMPLAINTS_MOST && !this.#complaints.includes(said)) this.#complaints.push(said);
    if (kind === "unknown") this.#sessions.delete(session);
    if (hadMessage) this.#counts[kind] += 1;
    if (kind === "deferred")
      setTimeout(() => {
        this.#due += 1;
        this.#start();
      }, RETRY_MS);
    this.#finishIfDone();
  }

  /** Timers are no finer than 1 ms, so what came due in between is started together. */
  #pace(perSecond: number): void {
    this.#pacing = true;
    const { fraction } = seededRandom(SEED);
    let dueAt = performance.now();
    const step = (): void => {
      for (const at = performance.now(); this.#paced < this.#order.messages && dueAt <= at; this.#paced += 1) {
        dueAt += (-Math.log(1 - fraction()) * 1_000) / perSecond;
        this.#due += 1;
        if (this.#idle.length === 0) this.#counts.late += 1;
        this.#start();
      }
      if (this.#paced < this.#order.messages && !this.#over) setTimeout(step, Math.max(0, dueAt - performance.now()));
    };
    step();
  }

  #checkPatience(): void {
    if (performance.now() - this.#answeredAt < PATIENCE_MS) return;
    this.#complaints.push(`no message was accepted for ${PATIENCE_MS / 1_000} s`);
    this.#finish();
  }

  #finishIfDone(): void {
    const { accepted, refused, unknown } = this.#counts;
    if (accepted + refused + unknown >= this.#order.messages || this.#sessions.size === 0) this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#watch);
    const lastAt = now();
    const cpu = process.cpuUsage(this.#cpuBefore);
    const unanswered = this.#number - this.#counts.deferred - this.#counts.accepted - this.#counts.refused;
    for (const session of this.#sessions) session.end();
    const sorted = this.#latencies.subarray(0, this.#counts.accepted).toSorted();
    this.#finished({
      ...this.#counts,
      unknown: unanswered,
      acceptP50Ms: nth(sorted, 0.5),
      acceptP99Ms: nth(sorted, 0.99),
      acceptMaxMs: sorted.at(-1) ?? null,
      firstAt: this.#firstAt,
      lastAt,
      cpuMs: (cpu.user + cpu.system) / 1_000,
      complaints: this.#complaints,
    });
  }
}

if (import.meta.main) {
  const order = JSON.parse(process.argv[2]!) as LoadOrder;
  const report = await new Promise<LoadReport>((resolve) => new Load(order, resolve));
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
}
