import { type LocalOutage, type State, hasStandIns } from "../judge/index.ts";
import type { StandingChange } from "../standing/index.ts";
import type { Alert, AlertKind } from "./ports.ts";

/** Of which states a person has to get up for: they do not end by themselves, or blind us while they last. */
const PAGES: Partial<Record<State, AlertKind>> = {
  QUARANTINED: "quarantined",
  PINNED_OFF: "pinned-off",
  EVENTS_DARK: "events-dark",
};

/** What a change begins to tell of, and what it ends. A doubt of some seconds is no news: it ends by itself, or becomes a verdict. */
export function alertsOf({ provider, scope, standing }: StandingChange): { raise: Alert[]; resolve: string[] } {
  const { state, since, because } = standing;
  const keyOf = (kind: AlertKind): string => [kind, provider, ...(scope === "" ? [] : [scope])].join(" ");
  const now = new Set<AlertKind>();
  const page = PAGES[state];
  if (page) now.add(page);
  if (hasStandIns(state) || (state === "SUSPECT" && because.kind === "partial-loss")) now.add("standby-in-use");
  const about = { provider, scope, sentence: because.sentence, numbers: because.numbers, at: since };
  const kinds: AlertKind[] = ["standby-in-use", "quarantined", "pinned-off", "events-dark"];
  return {
    raise: kinds
      .filter((kind) => now.has(kind))
      .map((kind) => ({ key: keyOf(kind), severity: kind === "standby-in-use" ? "notice" : "page", kind, ...about })),
    resolve: kinds.filter((kind) => !now.has(kind)).map(keyOf),
  };
}

export const OUTAGE_KEY = "local-outage";

export const outageAlert = ({ sinceAt, providers }: LocalOutage, now: number): Alert => ({
  key: OUTAGE_KEY,
  severity: "page",
  kind: "local-outage",
  provider: null,
  scope: "",
  sentence: `Nothing gets through by any provider (${providers.join(", ")}): the fault is on our side. No provider is judged, and mail waits.`,
  numbers: { sinceAt, forS: (now - sinceAt) / 1_000, providers: providers.length },
  at: now,
});
