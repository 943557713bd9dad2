/** Something people must hear of. `key`: the same one again is the same trouble. No addresses, nothing secret. */
export type Alert = {
  key: string;
  /** page: somebody has to get up · notice: somebody should know. */
  severity: "page" | "notice";
  kind: string;
  provider: string | null;
  scope: string;
  sentence: string;
  numbers: Readonly<Record<string, number | string>>;
  at: number;
};
export type Telling = "raised" | "resolved";

const TITLES: Readonly<Record<string, string>> = {
  "standby-in-use": "Mail goes by a standby",
  quarantined: "A provider is quarantined",
  "local-outage": "Nothing gets through by any provider",
  "pinned-off": "A provider is taken out of use",
  "events-dark": "A provider's notices are silent",
  test: "A test of this alert",
};
/** What Postern does by itself, and what a person may do: read at three in the morning. */
const NEXT: Readonly<Record<string, string>> = {
  "standby-in-use":
    "Postern has moved the mail and goes back by itself once canaries arrive again. Look: postern provider show",
  quarantined:
    "Nothing is handed to it any more. It comes back only by two people, after its keys were changed: postern provider release",
  "local-outage": "Mail waits here and is lost nowhere. Look at this machine's network and names.",
  "pinned-off": "Nothing is handed to it until an operator takes it back: postern provider unpin",
  "events-dark": "Mail goes on through it; its log is asked instead. Look at its webhook's settings.",
};

/** `mandrill: Mail goes by a standby (stream acme/resets)` */
export function titleOf({ kind, provider, scope }: Alert): string {
  const title = TITLES[kind] ?? kind;
  const stream = scope === "" ? "" : ` (stream ${scope})`;
  return provider === null ? title : `${provider}: ${title}${stream}`;
}

export const nextOf = ({ kind, provider }: Alert): string => {
  const next = NEXT[kind] ?? "";
  return next.includes("postern provider ") && provider !== null ? `${next} ${provider}` : next;
};
