import { MINUTE_MS } from "../kernel/index.ts";
import type { Alert, DueTelling } from "./alert.ts";
import { durationWords, instantWords } from "./time-words.ts";
import { figuresText } from "./figures.ts";
import { wordsOf } from "./kinds.ts";

/** What a person reads at three in the morning, in the order in which they need it. Empty: there is nothing to say of it. */
export type Wording = {
  /** `PAGE: mandrill: Mail goes by a standby (stream acme/resets)` */
  headline: string;
  title: string;
  /** What happened; or that it lasts, that somebody has it, that it is over. */
  happened: string;
  /** Since when: the instant, and how long ago where that is not a moment. */
  since: string;
  /** The numbers of the verdict: `claimed: 4, sinceAt: 2022-08-08 19:29:12 UTC` */
  figures: string;
  /** What Postern does by itself. */
  did: string;
  /** Streams whose mail it touches. */
  affected: string;
  /** What to do, with the command. */
  next: string;
  /** How to say that somebody has it, where it would be told again otherwise. */
  takeOn: string;
  /** Where it is explained. */
  more: string;
};

const MARKS = { page: "PAGE", notice: "Notice" } as const;
const STREAMS_NAMED = 8;

/**
 * @param affected streams, as `tenant/stream`
 * @param now the instant of this try
 * @param isRepeated it is told again until somebody takes it on
 */
export function wordingOf(
  { alert, alertId, telling, acknowledgedBy }: Pick<DueTelling, "alert" | "alertId" | "telling" | "acknowledgedBy">,
  affected: readonly string[],
  now: number,
  isRepeated: boolean,
): Wording {
  const words = wordsOf(alert.kind);
  const title = titleOf(alert);
  const lasted = durationWords(Math.max(0, now - alert.at));
  const nothingToDo = {
    title,
    since: "",
    figures: "",
    did: "",
    affected: streamsText(affected),
    next: "",
    takeOn: "",
    more: `docs/alerts.md: ${alert.kind}`,
  };
  const lasts = {
    ...nothingToDo,
    since: instantWords(alert.at) + (now - alert.at < MINUTE_MS ? "" : `, ${lasted} ago`),
    figures: figuresText(alert.numbers),
    did: words.did,
    next: words.next(alert.provider ?? "NAME", alert),
    takeOn: isRepeated ? `postern alerts ack ${alertId} --operator NAME` : "",
  };
  switch (telling) {
    case "raised":
      return { ...lasts, headline: `${MARKS[alert.severity]}: ${title}`, happened: alert.sentence };
    case "repeated": {
      const happened = `Still so after ${lasted}, and nobody has acknowledged it. ${alert.sentence}`;
      return { ...lasts, headline: `${MARKS[alert.severity]}, still: ${title}`, happened };
    }
    case "acknowledged":
      return { ...nothingToDo, headline: `Taken on: ${title}`, happened: `${acknowledgedBy ?? "Somebody"} has it.` };
    case "resolved":
      return { ...nothingToDo, headline: `Over: ${title}`, happened: `It is over after ${lasted}.` };
  }
}

/** Paragraphs, for whoever shows plain text. */
export const linesOf = ({ happened, since, figures, did, affected, next, takeOn, more }: Wording): string[] => [
  happened,
  ...said("Since", since),
  ...(did === "" ? [] : [did]),
  ...said("Affected", affected),
  ...said("Next", next),
  ...said("To take it on", takeOn),
  ...said("Numbers", figures),
  ...said("More", more),
];

const said = (label: string, text: string): string[] => (text === "" ? [] : [`${label}: ${text}`]);

/** `mandrill: Mail goes by a standby (stream acme/resets)` */
export function titleOf(alert: Pick<Alert, "kind" | "provider" | "scope" | "numbers">): string {
  const { title, subject } = wordsOf(alert.kind);
  const of = subject(alert);
  const stream = alert.scope === "" ? "" : ` (stream ${alert.scope})`;
  return of === null ? title : `${of}: ${title}${stream}`;
}

function streamsText(names: readonly string[]): string {
  const shown = names.slice(0, STREAMS_NAMED).join(", ");
  return names.length > STREAMS_NAMED ? `${shown} and ${names.length - STREAMS_NAMED} more` : shown;
}
