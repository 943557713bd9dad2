import { type CanarySettings, type ReceiverSettings, type TenantSettings, routeOf } from "../config/index.ts";
import { type State, isWithdrawn } from "../judge/index.ts";
import { CANARY_CLASSES, type CanaryClass } from "./tenant.ts";

/** Whose mail a canary stands for. */
export type Subject = { tenant: string; stream: string; class: CanaryClass };
export type Order = { provider: string; receiver: ReceiverSettings; subject: Subject };

/** Secrets come every other time: they are what must never go where nothing arrives. */
const ROTATION: readonly CanaryClass[] = ["C0", "C1", "C0", "C2"];
/** Is used, or is to be used again: worth as many canaries as one that carries mail. */
const WATCHED: ReadonlySet<State> = new Set(["SUSPECT", "DOWN", "PROBING", "EVENTS_DARK"]);

export type PlanParts = {
  settings: Pick<CanarySettings, "everyMs" | "standbyEveryMs" | "mailboxEveryMs" | "receivers">;
  tenants: readonly TenantSettings[];
  providers: readonly string[];
  standing: (provider: string) => State;
};

/**
 * Which canaries are due. Holds no clock and does nothing: `due` is told the time and what it gives counts as sent.
 * 1. Each provider has one at its pace, the class by rotation, streams of a class in turn.
 * 2. Those of one stream come to each server of ours in turn: a server that is away must not look like a stream that is lost.
 * 3. Each mailbox of others has one from each provider that carries mail, at a slower pace.
 */
export class Plan {
  readonly #parts: PlanParts;
  readonly #subjects: ReadonlyMap<string, readonly Subject[]>;
  readonly #lastAt = new Map<string, number>();
  readonly #turns = new Map<string, number>();
  readonly #cadence = new Map<string, number>();
  /** Providers whose next one was sent before its time. */
  readonly #ahead = new Set<string>();

  constructor(parts: PlanParts) {
    this.#parts = parts;
    this.#subjects = new Map(parts.providers.map((name) => [name, subjectsOf(parts.tenants, name)]));
  }

  /** Another pace for one provider; null: its usual one. */
  cadence(provider: string, everyMs: number | null): void {
    if (everyMs === null) this.#cadence.delete(provider);
    else this.#cadence.set(provider, everyMs);
  }

  due(now: number): Order[] {
    const { settings, tenants, providers, standing } = this.#parts;
    const active = activeProviders(tenants, (name) => !isWithdrawn(standing(name)));
    const mailboxes = settings.receivers.filter(({ kind }) => kind === "imap");
    const hasOwn = settings.receivers.length > mailboxes.length;
    return providers.flatMap((provider, index) => {
      const { everyMs, standbyEveryMs, mailboxEveryMs } = settings;
      const isWatched = active.has(provider) || WATCHED.has(standing(provider));
      const paceMs = this.#cadence.get(provider) ?? (isWatched ? everyMs : standbyEveryMs);
      const spread = index / providers.length;
      const isDue = hasOwn && this.#isDue(provider, paceMs, spread, now);
      const orders = isDue && !this.#ahead.delete(provider) ? [this.#order(provider)] : [];
      if (!active.has(provider)) return orders;
      const seeds = mailboxes.filter((one) => this.#isDue(`${provider} ${one.name}`, mailboxEveryMs, spread, now));
      return [...orders, ...seeds.map((receiver) => ({ provider, receiver, subject: this.#subjectOf(provider) }))];
    });
  }

  /** So many at once. @param scope "" or the "tenant/stream" all of them stand for */
  burst(provider: string, scope: string, count: number): Order[] {
    if (!this.#subjects.has(provider)) return [];
    const one = this.#subject(provider, scope);
    return Array.from({ length: count }, () => this.#order(provider, one));
  }

  /** A stream that is in doubt has the one now that is due next, whosever that was. @returns null: it had it already, or has none */
  next(provider: string, scope: string): Order | null {
    const one = this.#subject(provider, scope);
    if (!one || this.#ahead.has(provider)) return null;
    this.#ahead.add(provider);
    return this.#order(provider, one);
  }

  #subject(provider: string, scope: string): Subject | undefined {
    return this.#subjects.get(provider)?.find(({ tenant, stream }) => `${tenant}/${stream}` === scope);
  }

  /** After the first time the providers are spread over the pace, so that not all have theirs at once for ever. */
  #isDue(key: string, everyMs: number, spread: number, now: number): boolean {
    const last = this.#lastAt.get(key);
    if (last !== undefined && now - last < everyMs) return false;
    this.#lastAt.set(key, last === undefined ? now - Math.round(everyMs * spread) : now);
    return true;
  }

  #order(provider: string, subject: Subject = this.#subjectOf(provider)): Order {
    const { receivers } = this.#parts.settings;
    const own = receivers.filter(({ kind }) => kind === "mx");
    // Each stream begins at another server.
    const began = this.#subjects.get(provider)!.indexOf(subject);
    const turn = began + this.#next(`${provider} ${subject.tenant}/${subject.stream}`);
    return { provider, receiver: turnOf(own.length > 0 ? own : receivers, turn), subject };
  }

  #subjectOf(provider: string): Subject {
    const turn = this.#next(provider);
    const all = this.#subjects.get(provider)!;
    const classes = ROTATION.filter((each) => all.some((one) => one.class === each));
    const wanted = classes[turn % classes.length]!;
    const ofClass = all.filter((one) => one.class === wanted);
    return turnOf(ofClass, this.#next(`${provider} ${wanted}`));
  }

  #next(key: string): number {
    const turn = this.#turns.get(key) ?? 0;
    this.#turns.set(key, turn + 1);
    return turn;
  }
}

const turnOf = <One>(all: readonly One[], turn: number): One => all[turn % all.length]!;

/** Of each route the first preferred provider that may carry mail, or else the first standby. */
export function activeProviders(tenants: readonly TenantSettings[], mayCarry: (name: string) => boolean): Set<string> {
  const active = new Set<string>();
  for (const { routes } of tenants) {
    for (const { prefer, standby, weights } of Object.values(routes)) {
      const first = [...prefer, ...standby].find(mayCarry);
      if (first !== undefined) active.add(first);
      // With weights several carry mail at once.
      if (weights) for (const name of prefer) if ((weights[name] ?? 1) > 0 && mayCarry(name)) active.add(name);
    }
  }
  return active;
}

/**
 * The streams whose canaries a provider may carry: those that may come to it by their route. Where none of them is of the
 * first three classes, one stream stands for all of its tenant, as if it were critical; unrouted providers get the first.
 */
export function subjectsOf(tenants: readonly TenantSettings[], provider: string): Subject[] {
  const routed = tenants.flatMap(({ name, streams, routes }) =>
    streams.flatMap((stream) => {
      const route = routeOf({ routes }, stream.name);
      const carries = route && [...route.prefer, ...route.standby].includes(provider);
      return carries ? [{ tenant: name, stream: stream.name, class: stream.class }] : [];
    }),
  );
  const probed = routed.flatMap((one) => {
    const found = CANARY_CLASSES.find((each) => each === one.class);
    return found ? [{ ...one, class: found }] : [];
  });
  if (probed.length > 0) return probed;
  const first = routed[0] ?? { tenant: tenants[0]!.name, stream: tenants[0]!.defaultStream };
  return [{ tenant: first.tenant, stream: first.stream, class: "C2" }];
}
