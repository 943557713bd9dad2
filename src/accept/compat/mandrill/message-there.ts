import type { EventEntry, MessageSummary, RecipientStory } from "../../../spool/index.ts";
import { idThere } from "./ids.ts";
import { labelsThere } from "./labels.ts";

/** One message there: ours, for one of its recipients. */
export type Row = { message: MessageSummary; recipient: RecipientStory };
/** What providers told of it, newest first. */
export type Happened = readonly EventEntry[];

/** Causes that speak of the mailbox; other refusals are of the message (as webhooks tell them). */
const OF_THE_MAILBOX = /^(?:bounced|mailbox-|recipient-refused)/;
const is = (happened: Happened, kind: string): boolean => happened.some((one) => one.kind === kind);

export function stateOf({ message, recipient }: Row, happened: Happened): string {
  switch (recipient.state) {
    case "pending":
      if (message.state === "scheduled") return "scheduled";
      return is(happened, "message.deferred") ? "deferred" : "queued";
    case "handed-off":
    case "delivered":
      if (is(happened, "message.complained")) return "spam";
      if (is(happened, "message.unsubscribed")) return "unsub";
      return is(happened, "message.bounced") ? "soft-bounced" : "sent";
    case "rejected":
      return OF_THE_MAILBOX.test(recipient.reason ?? "") ? "bounced" : "rejected";
    case "expired":
      return "soft-bounced";
    case "suppressed":
    case "cancelled":
      return "rejected";
  }
}

/** Told as their SMTP events, each with the words of the receiving server or of the provider. */
const SMTP_EVENTS: Readonly<Record<string, string>> = {
  "message.delivered": "sent",
  "message.delayed": "deferred",
  "message.deferred": "deferred",
  "message.bounced": "bounced",
  "message.rejected": "rejected",
};

const seconds = (ms: number): number => Math.floor(ms / 1_000);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Subject and bodies are not kept: they may hold a secret. Addresses of people's machines are not either. */
export function messageThere(row: Row, happened: Happened): object {
  const { message, recipient } = row;
  const opens = happened.filter(({ kind }) => kind === "message.opened");
  const clicks = happened.filter(({ kind }) => kind === "message.clicked");
  const state = stateOf(row, happened);
  const seen = ({ at, detail }: EventEntry) => ({
    ts: seconds(at),
    ip: "",
    location: "",
    ua: text(detail["userAgent"]),
  });
  return {
    ts: seconds(message.acceptedAt),
    _id: idThere(message.spoolId),
    sender: message.author,
    subject: "",
    email: recipient.address,
    ...labelsThere(message.tags),
    opens: opens.length,
    opens_detail: opens.map(seen),
    clicks: clicks.length,
    clicks_detail: clicks.map((one) => ({ ...seen(one), url: text(one.detail["url"]) })),
    state,
    smtp_events: happened
      .filter(({ kind }) => Object.hasOwn(SMTP_EVENTS, kind))
      .map(({ kind, at, response, reason }) => ({
        ts: seconds(at),
        type: SMTP_EVENTS[kind]!,
        diag: response ?? reason ?? "",
      })),
    resends: [],
    ...(state === "rejected" ? { reject: { reason: recipient.state === "suppressed" ? "custom" : "rule" } } : {}),
  };
}
