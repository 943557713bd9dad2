import { rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { LAB_DOMAIN, type Address, type Settings, labCredentials } from "../../config/index.ts";
import {
  type Clock,
  type Failpoint,
  type Log,
  type Random,
  SECOND_MS,
  noFailpoint,
  seededRandom,
} from "../../kernel/index.ts";
import type { Provider } from "../../providers/index.ts";
import type { Database, DatabaseTarget } from "../../store/index.ts";
import type { LabInbox } from "../inbox.ts";
import type { LabRehearsal } from "../lab.ts";
import type { LabTwin } from "../lab-twin.ts";
import { Application, DOMAINS } from "./application.ts";
import { Ledger } from "./ledger.ts";
import { Network } from "./network.ts";
import { OwnLog } from "./own-log.ts";
import { connect, emptied } from "./place.ts";
import { Receivers } from "./receivers.ts";
import { RehearsalClock } from "./rehearsal-clock.ts";
import { STREAMS, type SettingsPlan, rehearsalSettings } from "./settings.ts";
import { Standings } from "./standings.ts";
import { teachLatencies } from "./teach.ts";
import { UnderWay } from "./under-way.ts";
import { watchedDatabase } from "./watched-database.ts";
import { FAIR, Weather, type WeatherPlan } from "./weather.ts";

/** The program's own start, given by whoever may know the whole program (app.ts). */
export type StartApp = (parts: {
  settings: Settings;
  clock: Clock;
  random: Random;
  log: Log;
  failpoint: Failpoint;
  rehearsal: { database: Database; lab: LabRehearsal; reach(provider: Provider): Provider };
}) => Promise<{ http: Address; stop(): Promise<void> }>;

export type WorldPlan = Partial<SettingsPlan> & {
  weather?: WeatherPlan;
  /** Nothing is known of latencies, as at the very first start. */
  untaught?: true;
  /**
   * Mail goes through the world: signed, over SMTP, checked for SPF, DKIM and DMARC, and into `inbox`. Ten times as slow. A
   * number: this share of it.
   */
  checked?: boolean | number;
  /** Last changes to the settings, such as bounds or templates. */
  settings?: (settings: Settings) => Settings;
};

/** Shared by the rehearsals of one process, one after the other. */
export type Stage = {
  startApp: StartApp;
  target: Extract<DatabaseTarget, { host: string }>;
};

const DEFAULTS: SettingsPlan = {
  providers: ["mandrill", "ses", "postmark"],
  streams: STREAMS,
  standbyShare: 0.05,
  canaries: true,
};
/** Between two looks at something that is asked of the database. */
const LOOK_MS = 250;
/** Well below what a node may be silent for (SELF_FENCE_MS) and a leader (four seconds). */
const IDLE_STRIDE_MS = 2 * SECOND_MS;
/** After the last message, all that is on its way ends or becomes visible as pending. */
const QUIET_MS = 30 * SECOND_MS;

/** The whole program at work, with its providers, its application and the people it writes to, in virtual time. */
export class World {
  readonly seed: number;
  readonly clock: RehearsalClock;
  readonly random: Random;
  readonly settings: Settings;
  readonly log: OwnLog;
  readonly network: Network;
  readonly receivers: Receivers;
  /** Of mail that goes through the world. */
  readonly inbox: LabInbox;
  readonly application: Application;
  readonly database: Database;
  readonly standings: Standings;
  readonly ledger: Ledger;
  readonly #weathers: ReadonlyMap<string, Weather>;
  readonly #twins: ReadonlyMap<string, LabTwin>;
  readonly #underWay: UnderWay;
  readonly #inner: { stop(): Promise<void> };

  private constructor(
    parts: Pick<
      World,
      | "seed"
      | "clock"
      | "random"
      | "settings"
      | "log"
      | "network"
      | "receivers"
      | "inbox"
      | "application"
      | "database"
      | "standings"
      | "ledger"
    > & {
      weathers: ReadonlyMap<string, Weather>;
      twins: ReadonlyMap<string, LabTwin>;
      underWay: UnderWay;
      inner: { stop(): Promise<void> };
    },
  ) {
    ({
      seed: this.seed,
      clock: this.clock,
      random: this.random,
      settings: this.settings,
      log: this.log,
      network: this.network,
      receivers: this.receivers,
      inbox: this.inbox,
      application: this.application,
      database: this.database,
      standings: this.standings,
      ledger: this.ledger,
      weathers: this.#weathers,
      twins: this.#twins,
      underWay: this.#underWay,
      inner: this.#inner,
    } = parts);
  }

  /** Everything follows from `seed`, but for the order in which the database answers within one instant. */
  static async start(seed: number, plan: WorldPlan, { startApp, target }: Stage): Promise<World> {
    const underWay = new UnderWay();
    // The clocks of PostgreSQL and of certificates are real ones: virtual time begins at theirs and is ahead from then on.
    const clock = new RehearsalClock(Math.floor(Date.now() / SECOND_MS) * SECOND_MS, underWay);
    const random = seededRandom(seed);
    const log = new OwnLog(clock);
    const dataFolder = mkdtempSync(path.join(tmpdir(), "postern-rehearsal-"));
    const full: SettingsPlan = { ...DEFAULTS, ...withoutUndefined(plan) };
    const planned = rehearsalSettings(full, { dataFolder, random: seededRandom(seed + 1_000_003) });
    const settings = plan.settings?.(planned) ?? planned;
    const network = new Network(clock);
    const canaryDomains = settings.canaries?.receivers.flatMap((one) => (one.kind === "mx" ? [one.domain] : [])) ?? [];
    const isCounted = (recipient: string): boolean => !canaryDomains.some((domain) => recipient.endsWith(`@${domain}`));
    const checkedShare = Number(plan.checked ?? 0);
    const chance = seededRandom(seed + 3_000_017);
    const goesThrough = (): boolean => checkedShare > 0 && chance.fraction() < checkedShare;
    const receivers = new Receivers({ clock, isCounted, goesThrough });
    const weathers = new Map(
      full.providers.map((name, n) => [
        name as string,
        new Weather({ plan: plan.weather ?? FAIR, random: seededRandom(seed * 64 + n + 7), clock }),
      ]),
    );
    let inner: { twins: ReadonlyMap<string, LabTwin>; inbox: LabInbox } | null = null;
    const open = connect(target);
    const database = watchedDatabase(open, underWay);
    const cleanUp = async (): Promise<void> => {
      await open.close();
      rmSync(dataFolder, { recursive: true, force: true });
    };
    try {
      await emptied(open);
      if (!plan.untaught) {
        const weather = plan.weather ?? FAIR;
        await teachLatencies(open, { providers: full.providers, domains: DOMAINS, weather, at: clock.now() });
      }
      const lab: LabRehearsal = {
        begin: underWay.begin,
        weather: (name) => weathers.get(name)!,
        receive: (name, message) => receivers.receive(name, message),
        started: (given) => (inner = given),
      };
      const app = await clock.during(
        startApp({
          settings,
          clock,
          random: seededRandom(seed + 2_000_003),
          log,
          failpoint: noFailpoint,
          rehearsal: { database, lab, reach: (provider) => network.reach(provider) },
        }),
      );
      const application = new Application({
        door: app.http,
        apiKey: labCredentials(dataFolder, random).apiKey,
        from: `app@${LAB_DOMAIN}`,
        streams: full.streams,
        clock,
        random,
        underWay,
      });
      const { twins, inbox } = inner as unknown as { twins: ReadonlyMap<string, LabTwin>; inbox: LabInbox };
      return new World({
        seed,
        clock,
        random,
        settings,
        log,
        network,
        receivers,
        inbox,
        application,
        database: open,
        standings: new Standings(open),
        ledger: new Ledger(open),
        weathers,
        twins,
        underWay,
        inner: {
          async stop() {
            application.close();
            await clock.during(app.stop());
            await cleanUp();
          },
        },
      });
    } catch (error) {
      await cleanUp();
      throw error;
    }
  }

  /** The provider that carries the mail. */
  get primary(): string {
    return this.settings.providers[0]!.name;
  }

  weather(provider: string = this.primary): Weather {
    const found = this.#weathers.get(provider);
    if (!found) throw new Error(`no such provider in this rehearsal: ${provider}`);
    return found;
  }

  twin(provider: string = this.primary): LabTwin {
    const found = this.#twins.get(provider);
    if (!found) throw new Error(`no such provider in this rehearsal: ${provider}`);
    return found;
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** Hours in which nothing is to happen: what looks around by itself does so every two seconds, not several times a second. */
  async passIdly(ms: number): Promise<void> {
    await this.clock.advance(ms, IDLE_STRIDE_MS);
  }

  /** Lets time pass until it is so. @returns whether it became so */
  async passUntil(isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
    const until = this.clock.now() + withinMs;
    for (;;) {
      if (await isSo()) return true;
      if (this.clock.now() >= until) return false;
      await this.clock.advance(LOOK_MS);
    }
  }

  /** A task in a second's time and every so often from then on, such as what an application does besides sending. */
  each(everyMs: number, task: () => Promise<void>): { stop(): void } {
    let isOver = false;
    const plan = (): void => {
      this.clock.after(everyMs, () => {
        if (!isOver) void this.#underWay.during("a task of the scenario", task).finally(plan);
      });
    };
    plan();
    return { stop: () => void (isOver = true) };
  }

  /** No more mail is sent; what is on its way ends. */
  async end(): Promise<void> {
    this.application.stop();
    await this.pass(QUIET_MS);
  }

  async stop(): Promise<void> {
    await this.#inner.stop();
  }
}

const withoutUndefined = (plan: WorldPlan): Partial<SettingsPlan> =>
  Object.fromEntries(Object.entries(plan).filter(([name, value]) => name in DEFAULTS && value !== undefined));
