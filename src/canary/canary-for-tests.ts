import type { CanarySettings, MxReceiverSettings, RouteSettings, TenantSettings } from "../config/index.ts";

export const mxSettings = (name = "own", domain = "c.test"): MxReceiverSettings => ({
  kind: "mx",
  name,
  listen: { host: "127.0.0.1", port: 0 },
  domain,
  hostname: `mx.${domain}`,
  tls: null,
});

export const canarySettings = (but: Partial<CanarySettings> = {}): CanarySettings => ({
  everyMs: 15_000,
  standbyEveryMs: 60_000,
  mailboxEveryMs: 300_000,
  deadlineMs: 30_000,
  receivers: [mxSettings()],
  templates: [],
  providers: {},
  signUps: [],
  ...but,
});

export const route = (prefer: string[], standby: string[] = []): RouteSettings => ({
  prefer,
  standby,
  standbyShare: 0,
  weights: null,
  avoidOwnerGroups: [],
});

export const tenantSettings = (but: Partial<TenantSettings> = {}): TenantSettings => ({
  name: "acme",
  domains: ["acme.test"],
  credentials: [],
  streams: [
    { name: "resets", class: "C0", ttlMs: null },
    { name: "notices", class: "C1", ttlMs: null },
    { name: "confirmations", class: "C2", ttlMs: null },
    { name: "alerts", class: "C2", ttlMs: null },
    { name: "receipts", class: "C3", ttlMs: null },
  ],
  defaultStream: "alerts",
  routes: { default: route(["harbour"], ["lantern"]) },
  webhooks: [],
  suppress: [],
  ...but,
});
