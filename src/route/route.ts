import type { MessageClass } from "../mail/index.ts";

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
};

export type RoutePolicy = {
  prefer: readonly string[];
  standby: readonly string[];
  standbyShare: number;
  weights: Readonly<Record<string, number>> | null;
  avoidOwnerGroups: readonly string[];
};

export type RouteChoice =
  | { kind: "provider"; name: string; reason: string }
  /** Somewhere it may go, but every slot is taken: ask again shortly. */
  | { kind: "busy" }
  /** Nowhere to go now. */
  | { kind: "none"; reason: string };

/**
 * Where one message goes. Pure: the same candidates and the same `draw` give the same choice.
 * 1. Providers already tried for it and those of avoided owner groups are out.
 * 2. A share of the traffic goes to a standby although the preferred ones work, so that it is known to work.
 * 3. Preferred ones in order (or drawn by weight), then standbys; for want of those whatever may be tried at all.
 * @param tried in this round; `draw` two numbers in [0, 1).
 */
export function chooseRoute(
  policy: RoutePolicy,
  candidates: ReadonlyMap<string, Candidate>,
  message: { class: MessageClass; tried: ReadonlySet<string> },
  draw: { share: number; weight: number },
): RouteChoice {
  const may = (name: string): Candidate | undefined => {
    const one = candidates.get(name);
    return one && !message.tried.has(name) && !policy.avoidOwnerGroups.includes(one.ownerGroup) ? one : undefined;
  };
  const allowed = (names: readonly string[]): Candidate[] => names.flatMap((name) => may(name) ?? []);
  const fit = (one: Candidate): boolean => one.usable && (message.class !== "C0" || one.healthy);

  const prefer = byWeight(allowed(policy.prefer), policy.weights, draw.weight);
  const standby = allowed(policy.standby);
  const shared =
    draw.share < policy.standbyShare && message.tried.size === 0 ? standby.filter(fit).filter((one) => one.free) : [];
  if (shared.length > 0)
    return { kind: "provider", name: shared[0]!.name, reason: `standby share ${percent(policy.standbyShare)}` };

  const order = [...prefer, ...standby];
  const fitting = order.filter(fit);
  const first = fitting.find((one) => one.free);
  if (first) return { kind: "provider", name: first.name, reason: reasonFor(first, order, policy, message.tried) };
  if (fitting.length > 0) return { kind: "busy" };

  // Better a try that may fail than none: a provider on trial for what only a healthy one may carry, then pinned ones.
  const last = [...order.filter((one) => one.usable), ...order.filter((one) => one.pinned)];
  const resort = last.find((one) => one.free);
  if (resort)
    return { kind: "provider", name: resort.name, reason: `last resort: ${resort.reason}${skipped(order, resort)}` };
  if (last.length > 0) return { kind: "busy" };
  return {
    kind: "none",
    reason:
      order.length === 0
        ? "every provider of the route was tried"
        : order.map((one) => `${one.name}: ${one.reason || "not healthy"}`).join("; "),
  };
}

function reasonFor(
  chosen: Candidate,
  order: readonly Candidate[],
  policy: RoutePolicy,
  tried: ReadonlySet<string>,
): string {
  const role = policy.prefer.includes(chosen.name) ? "preferred" : "standby";
  const failover = tried.size > 0 ? `; after ${[...tried].join(", ")}` : "";
  return `${role}${failover}${skipped(order, chosen)}`;
}

function skipped(order: readonly Candidate[], chosen: Candidate): string {
  const before = order.slice(0, order.indexOf(chosen));
  return before
    .map((one) => `; not ${one.name}: ${one.reason || (one.free ? "not healthy" : "all slots taken")}`)
    .join("");
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
