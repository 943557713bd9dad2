import { classFromNumber } from "../../mail/index.ts";
import type { RedriveCount, RedriveResult } from "../../spool/index.ts";
import { table } from "../table.ts";

const WORDS: Record<RedriveResult | "waits", string> = {
  waits: "still to be decided",
  resent: "sent once more, by another way",
  "reissue-wanted": "the application is asked for a new one",
  hurried: "waited, and was due at once",
  confirmed: "arrived, as was told meanwhile",
  delivered: "arrived, as the provider's log says",
  superseded: "a newer message took its place",
  expired: "its time was over",
  "body-gone": "its text is kept no longer: the application is asked for a new one",
  twice: "was sent twice already",
  "no-other-way": "its route has no other provider",
  bulk: "bulk is not sent again by itself",
  gone: "its rows are kept no longer",
};

/** One line for each way in which messages of an order ended. */
export function countsText(counts: readonly RedriveCount[], columns: number): string {
  if (counts.length === 0) return "No message is in doubt.";
  return table(
    [
      { title: "CLASS" },
      { title: "MESSAGES", align: "right" },
      { title: "RESULT" },
      { title: "WHAT THAT MEANS", least: 10 },
    ],
    counts.map(({ class: n, messages, result }) => [
      classFromNumber(n),
      String(messages),
      result ?? "waits",
      WORDS[result ?? "waits"],
    ]),
    columns,
  );
}
