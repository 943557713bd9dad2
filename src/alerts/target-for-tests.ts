import type { AlertTargetSettings } from "../config/index.ts";
import { Secret } from "../kernel/index.ts";

/** A target as a configuration makes it, for tests to vary. */
export const targetForTests = (name: string, but: Partial<AlertTargetSettings> = {}): AlertTargetSettings => ({
  name,
  kind: "slack",
  url: new Secret(`https://hooks.slack.example/${name}`),
  key: null,
  region: "us",
  from: null,
  to: [],
  via: null,
  severities: ["page", "notice"],
  ...but,
});
