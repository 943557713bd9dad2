import type { MessageClass } from "../mail/index.ts";

/**
 * What a verdict allows. `share`: of the class, by the message's own number. `avoid`: only where nobody is left who
 * says `yes`. `no`: not at all, whatever becomes of the message.
 */
export type Use = { use: "yes" } | { use: "avoid" } | { use: "no" } | { use: "share"; share: number };

/** What the choice knows of a message. */
export type RoutedMessage = {
  class: MessageClass;
  tenant: string;
  stream: string;
};

/** What the choice knows of a provider at this moment. */
export type Candidate = {
  name: string;
  ownerGroup: string;
  /** May be used now (breaker closed, or a trial is due). */
  usable: boolean;
  /** Closed, and nothing is known against it: the only state that may carry a secret. */
  healthy: boolean;
  /** Opened too often; a last resort. */
  pinned: boolean;
  /** Why it is not usable or not healthy. */
  reason: string;
  /** A slot and a rate token are free. */
  free: boolean;
  /** What the verdict on it allows for such a message; `why` names the verdict where it is not `yes`. */
  verdict(message: RoutedMessage): Use & { why?: string };
};

export type RoutePolicy = {
  prefer: readonly string[];
  standby: readonly string[];
  standbyShare: number;
  weights: Readonly<Record<string, number>> | null;
  avoidOwnerGroups: readonly string[];
  /** Mail that finds out how its one provider stands: neither verdict nor breaker keeps it from going there. */
  probe?: true;
};

export type RouteChoice =
  | { kind: "provider"; name: string; reason: string }
  /** Somewhere it may go, but every slot is taken: ask again shortly. */
  | { kind: "busy" }
  /** Nowhere to go now. */
  | { kind: "none"; reason: string };

/** Numbers in [0, 1) of one message, drawn once: for the standby's share, among weights, for a provider on trial. */
export type Draw = { share: number; weight: number; trial: number };

/**
 * Where one message goes. Pure: the same candidates and the same `draw` give the same choice.
 * 1. Providers already tried for it, those of avoided owner groups and those a verdict withdrew are out.
 * 2. A share of the traffic goes to a standby although the preferred ones work, so that it is known to work.
 * 3. Preferred ones in order (or drawn by weight), then standbys; then those a verdict only advises against; for want
 *    of all those whatever the breaker may try at all.
 * @param tried in this round
 */
export function chooseRoute(
  policy: RoutePolicy,
  candidates: ReadonlyMap<string, Candidate>,
  message: RoutedMessage & { tried: ReadonlySet<string> },
  draw: Draw,
): RouteChoice {
  const may = (name: string): Candidate | undefined => {
    const one = candidates.get(name);
    return one && !message.tried.has(name) && !policy.avoidOwnerGroups.includes(one.ownerGroup) ? one : undefined;
  };
  const allowed = (names: readonly string[]): Candidate[] => names.flatMap((name) => may(name) ?? []);
  if (policy.probe) return probed(allowed(policy.prefer));

  const line = [...byWeight(allowed(policy.prefer), policy.weights, draw.weight), ...allowed(policy.standby)];
  const verdicts = new Map(line.map((one) => [one, allows(one, message, draw.trial)]));
  const rank = (one: Candidate): Allowed["rank"] => verdicts.get(one)!.rank;
  const order = line.filter((one) => rank(one) !== "no");
  const works = (one: Candidate): boolean => one.usable && (message.class !== "C0" || one.healthy);
  const fit = (one: Candidate): boolean => works(one) && rank(one) === "yes";

  const isFirst = draw.share < policy.standbyShare && message.tried.size === 0;
  const shared = isFirst ? order.find((one) => policy.standby.includes(one.name) && fit(one) && one.free) : undefined;
  if (shared) return { kind: "provider", name: shared.name, reason: `standby share ${percent(policy.standbyShare)}` };

  const why = (one: Candidate): string =>
    verdicts.get(one)!.why ?? (one.reason || (one.free ? "not healthy" : "all slots taken"));
  const skipped = (chosen: Candidate): string =>
    line
      .slice(0, line.indexOf(chosen))
      .map((one) => `; not ${one.name}: ${why(one)}`)
      .join("");
  const fitting = order.filter(fit);
  const first = fitting.find((one) => one.free);
  if (first)
    return { kind: "provider", name: first.name, reason: roleOf(first, policy, message.tried) + skipped(first) };
  if (fitting.length > 0) return { kind: "busy" };

  // Better a try that may fail than none: one that is doubted, one on trial for what only a healthy one may carry, then pinned ones.
  const doubted = order.filter((one) => works(one) && rank(one) === "avoid");
  const rest = order.filter((one) => !doubted.includes(one));
  const last = [...doubted, ...rest.filter((one) => one.usable), ...rest.filter((one) => one.pinned)];
  const resort = last.find((one) => one.free);
  if (resort) return { kind: "provider", name: resort.name, reason: `last resort: ${why(resort)}${skipped(resort)}` };
  if (last.length > 0) return { kind: "busy" };
  return {
    kind: "none",
    reason:
      line.length === 0
        ? "every provider of the route was tried"
        : line.map((one) => `${one.name}: ${why(one)}`).join("; "),
  };
}

type Allowed = { rank: "yes" | "avoid" | "no"; why?: string };

/** A share that the message is not of leaves the provider a last resort: it is on trial, not withdrawn. */
function allows(one: Candidate, message: RoutedMessage, trial: number): Allowed {
  const verdict = one.verdict(message);
  const why = verdict.why === undefined ? {} : { why: verdict.why };
  switch (verdict.use) {
    case "yes":
      return { rank: "yes" };
    case "avoid":
    case "no":
      return { rank: verdict.use, ...why };
    case "share":
      return trial < verdict.share ? { rank: "yes" } : { rank: "avoid", ...why };
    default:
      throw new Error(`no such use: ${verdict satisfies never}`);
  }
}

/** Straight to the one it is meant for. */
function probed([only]: readonly Candidate[]): RouteChoice {
  if (!only) return { kind: "none", reason: "the provider it asks about was tried" };
  return only.free ? { kind: "provider", name: only.name, reason: "canary" } : { kind: "busy" };
}

function roleOf(chosen: Candidate, policy: RoutePolicy, tried: ReadonlySet<string>): string {
  const role = policy.prefer.includes(chosen.name) ? "preferred" : "standby";
  return tried.size > 0 ? `${role}; after ${[...tried].join(", ")}` : role;
}

/** Without weights the order given decides; with them one is drawn to the front. */
function byWeight(
  candidates: Candidate[],
  weights: Readonly<Record<string, number>> | null,
  draw: number,
): Candidate[] {
  if (!weights || candidates.length < 2) return candidates;
  const total = candidates.reduce((sum, one) => sum + (weights[one.name] ?? 1), 0);
  let left = draw * total;
  const drawn = candidates.find((one) => (left -= weights[one.name] ?? 1) < 0) ?? candidates[0]!;
  return [drawn, ...candidates.filter((one) => one !== drawn)];
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
