import { DAY_MS, HOUR_MS, MINUTE_MS } from "../kernel/index.ts";

/** Of the mail that is decided about: how much there was, and how much of it was there in time. */
export type Share = { good: number; total: number };

/** 1: as fast as leaves nothing at the end of the window and not more. Of no mail, none burns. */
export function burnRate({ good, total }: Share, target: number): number {
  return total === 0 ? 0 : (1 - good / total) / (1 - target);
}

/** What may still be late, as a share of all that may be: 1 untouched, 0 spent, below 0 overspent. */
export const budgetLeft = (share: Share, target: number): number => 1 - burnRate(share, target);

export const WINDOWS = ["5m", "30m", "1h", "6h", "3d"] as const;
export type Window = (typeof WINDOWS)[number];
export const WINDOW_MS: Readonly<Record<Window, number>> = {
  "5m": 5 * MINUTE_MS,
  "30m": 30 * MINUTE_MS,
  "1h": HOUR_MS,
  "6h": 6 * HOUR_MS,
  "3d": 3 * DAY_MS,
};

/**
 * When somebody has to know (B. Beyer et al., The Site Reliability Workbook, O'Reilly 2018, chapter 5, "Alerting on SLOs",
 * 6: Multiwindow, Multi-Burn-Rate Alerts, table 5-8): the long window says that it matters, the short one that it goes on.
 * At 14.4 an hour costs 2 % of the budget of 30 days, at 6 six hours 5 %, at 1 three days 10 %.
 */
export const BURN_ALARMS: readonly { long: Window; short: Window; rate: number; severity: "page" | "ticket" }[] = [
  { long: "1h", short: "5m", rate: 14.4, severity: "page" },
  { long: "6h", short: "30m", rate: 6, severity: "page" },
  { long: "3d", short: "6h", rate: 1, severity: "ticket" },
];

/**
 * A burn rate cannot be above 1 / (1 - target): at a target of 95 % it is never above 20, and 14.4 of it is a loss of 72 %.
 * @returns the sharpest alarm that rings, or null
 */
export function burnAlarm(rates: Readonly<Record<Window, number>>): (typeof BURN_ALARMS)[number] | null {
  return BURN_ALARMS.find(({ long, short, rate }) => rates[long] > rate && rates[short] > rate) ?? null;
}
