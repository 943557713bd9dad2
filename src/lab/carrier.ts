import type { LabProvider } from "./lab-provider.ts";
import type { LabTwin } from "./lab-twin.ts";
import { LAB_MODES, MODE_RULES } from "./modes.ts";
import type { RateSeries } from "./rate-series.ts";
import type { LabState } from "./state.ts";
import type { Tone } from "./twins/index.ts";

/** One way to be, as a menu offers it. `key`: `mode` or `mode/variant`. */
export type Choice = { key: string; label: string; explains: string | null; tone: Tone };
export type ChoiceGroup = {
  /** Null: these stand open, the others fold. */
  title: string | null;
  choices: readonly Choice[];
};

/** What pages and the API show of a provider of the lab, whether it speaks SMTP or a vendor's API. */
export type Carrier = {
  name: string;
  /** `smtp`, or the vendor whose API it speaks. */
  kind: string;
  /** Where it listens. */
  place: string;
  now: Choice;
  groups: readonly ChoiceGroup[];
  /** What becomes of a twin's webhooks; null for SMTP. */
  webhooks: { now: Choice; groups: readonly ChoiceGroup[] } | null;
  figures: { delivered: number; refused: number; notDelivered: number; held: number };
  rate: RateSeries;
};

/** All of them in the order of the settings, which is the order of the route. */
export const carriersOf = ({ names, providers, twins }: LabState): Carrier[] =>
  names.flatMap((name) => {
    const provider = providers.get(name);
    const twin = twins.get(name);
    return provider ? [smtpCarrier(provider)] : twin ? [twinCarrier(twin)] : [];
  });

const TONES: Readonly<Record<string, Tone>> = { normal: "good", slow: "odd", "answers-and-closes": "odd" };
const SMTP_CHOICES: readonly Choice[] = LAB_MODES.map((mode) => ({
  key: mode,
  label: MODE_RULES[mode].label,
  explains: MODE_RULES[mode].explains,
  tone: TONES[mode] ?? "bad",
}));

export const smtpCarrier = ({ name, address, mode, counters, rate }: LabProvider): Carrier => ({
  name,
  kind: "smtp",
  place: `${address.host}:${address.port}`,
  now: SMTP_CHOICES.find(({ key }) => key === mode)!,
  groups: [{ title: null, choices: SMTP_CHOICES }],
  webhooks: null,
  figures: {
    delivered: counters.delivered,
    refused: counters.refused + counters.deferred,
    notDelivered: counters.withheld + counters.vanished + counters.untaken,
    held: 0,
  },
  rate,
});

export const twinCarrier = (twin: LabTwin): Carrier => ({
  name: twin.name,
  kind: twin.kind,
  place: twin.baseUrl.replace("http://", ""),
  now: twin.now,
  groups: twin.groups,
  webhooks: { now: twin.webhooksNow, groups: [{ title: null, choices: twin.webhookChoices }] },
  figures: twin.figures,
  rate: twin.rate,
});
