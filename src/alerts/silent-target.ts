import type { AlertTargetSettings } from "../config/index.ts";
import type { Alert } from "./alert.ts";
import { TARGET_SILENT } from "./kinds.ts";

/** 75 seconds after the first try (see WAITS): longer than a restart takes, shorter than a night. One that refuses is told of at once. */
export const SILENT_AFTER_TRIES = 5;

export const silentKey = (target: string): string => `${TARGET_SILENT} ${target}`;

/** Where pages are not heard, somebody has to get up before there is one. */
export const silentTarget = (
  { name, kind, severities }: AlertTargetSettings,
  error: string,
  numbers: Alert["numbers"],
  now: number,
): Alert => ({
  key: silentKey(name),
  severity: severities.includes("page") ? "page" : "notice",
  kind: TARGET_SILENT,
  provider: null,
  scope: "",
  sentence: `${name} (${kind}) is to be told of an alert and cannot be: ${error}. What it should hear, nobody hears there.`,
  numbers: { target: name, ...numbers },
  at: now,
});
