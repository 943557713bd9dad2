import { labSettings, type RouteSettings, type Settings, type StreamSettings } from "../../config/index.ts";
import { MINUTE_MS, type Random } from "../../kernel/index.ts";

/** A provider of a rehearsal: a vendor's twin under its usual name. */
export type TwinName = "mandrill" | "sendgrid" | "postmark" | "mailgun" | "resend" | "ses";

export type StreamPlan = StreamSettings & {
  /** Of the application's mail. */
  share: number;
};

/** What an application sends in a day, by the classes it is of. */
export const STREAMS: readonly StreamPlan[] = [
  { name: "resets", class: "C0", ttlMs: 15 * MINUTE_MS, share: 0.25 },
  { name: "notices", class: "C1", ttlMs: null, share: 0.15 },
  { name: "alerts", class: "C2", ttlMs: null, share: 0.4 },
  { name: "receipts", class: "C3", ttlMs: null, share: 0.2 },
];

/** Resets go by their own way: never through this group, so that the invariant has something to watch. */
export const AVOIDED_BY_RESETS: TwinName = "postmark";

export type SettingsPlan = {
  /** The first carries the mail, the others stand by in this order. */
  providers: readonly TwinName[];
  streams: readonly StreamPlan[];
  standbyShare: number;
  canaries: boolean;
};

/** The lab's own settings with fewer providers: everything on loopback at free ports. */
export function rehearsalSettings(plan: SettingsPlan, place: { dataFolder: string; random: Random }): Settings {
  const base = labSettings({
    environment: {
      POSTERN_DATA: place.dataFolder,
      POSTERN_SMTP_PORT: "0",
      POSTERN_HTTP_PORT: "0",
      ...(plan.canaries ? {} : { POSTERN_LAB_CANARIES: "off" }),
    },
    cwd: place.dataFolder,
    random: place.random,
  });
  const [first, ...standby] = plan.providers;
  if (!first) throw new Error("a rehearsal needs a provider");
  const route: RouteSettings = {
    prefer: [first],
    standby,
    standbyShare: standby.length > 0 ? plan.standbyShare : 0,
    weights: null,
    avoidOwnerGroups: [],
  };
  const resets = { ...route, avoidOwnerGroups: [AVOIDED_BY_RESETS] };
  return {
    ...base,
    listen: { ...base.listen, smtp: null },
    tenants: base.tenants.map((tenant) => ({
      ...tenant,
      streams: plan.streams.map(({ name, class: messageClass, ttlMs }) => ({ name, class: messageClass, ttlMs })),
      defaultStream: plan.streams[0]!.name,
      routes: { default: route, resets },
    })),
    providers: plan.providers.map((name) => {
      const found = base.providers.find((one) => one.name === name);
      if (!found) throw new Error(`no such provider in the lab: ${name}`);
      return found;
    }),
  };
}
