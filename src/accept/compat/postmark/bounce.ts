import type { EventEntry, EventFilter } from "../../../spool/index.ts";
import { SERVER_ID, instant } from "./dialect.ts";

/** postmarkapp.com/developer/api/bounce-api, "Bounce types" (seen 2026-11-25). */
export const TYPES = {
  HardBounce: { code: 1, name: "Hard bounce", description: "The server was unable to deliver your message." },
  SoftBounce: { code: 4096, name: "Soft bounce", description: "Unable to temporarily deliver message." },
  SpamComplaint: { code: 100_001, name: "Spam complaint", description: "The subscriber explicitly marked it as spam." },
  SMTPApiError: { code: 100_007, name: "SMTP API error", description: "It was refused before it was sent." },
} as const;
export type BounceType = keyof typeof TYPES;

export const BOUNCE_KINDS = ["message.bounced", "message.complained", "message.rejected"] as const;
export const kindsOf = (type: string): readonly string[] | null => {
  if (type === "SpamComplaint") return ["message.complained"];
  if (type === "SMTPApiError") return ["message.rejected"];
  return type === "HardBounce" || type === "SoftBounce" ? ["message.bounced"] : null;
};

export function typeOf({ kind, detail }: EventEntry): BounceType {
  if (kind === "message.complained") return "SpamComplaint";
  if (kind === "message.rejected") return "SMTPApiError";
  return detail["bounce"] === "soft" ? "SoftBounce" : "HardBounce";
}

/** One number for a recipient of an event: a message has fewer than this many recipients. */
const RECIPIENTS = 1_000;
export const bounceId = ({ eventId, recipientNumber }: EventEntry): number =>
  (eventId ?? 0) * RECIPIENTS + (recipientNumber ?? 0);
export const placeOf = (id: number): { eventId: number; recipientNumber: number } => ({
  eventId: Math.floor(id / RECIPIENTS),
  recipientNumber: id % RECIPIENTS,
});

/** Subject and content are not kept: they may hold a secret. `inactive`: the address is on the suppression list. */
export function bounceThere(event: EventEntry, inactive: boolean): object {
  const type = typeOf(event);
  return {
    RecordType: "Bounce",
    ID: bounceId(event),
    Type: type,
    TypeCode: TYPES[type].code,
    Name: TYPES[type].name,
    Tag: tagOf(event.message.tags),
    MessageID: event.spoolId,
    ServerID: SERVER_ID,
    MessageStream: event.message.stream,
    Description: TYPES[type].description,
    Details: event.response ?? event.reason ?? "",
    Email: event.recipient ?? "",
    From: event.message.author,
    BouncedAt: instant(event.at),
    DumpAvailable: false,
    Inactive: inactive,
    CanActivate: inactive,
    Subject: "",
  };
}

/** Their one tag is kept as a label without a value. */
export const tagOf = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags).find(([, value]) => value === "")?.[0] ?? "";
export const metadataOf = (tags: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ""));

export const bounceFilter = (tenant: string, more: Partial<EventFilter>): EventFilter => ({
  tenant,
  kinds: BOUNCE_KINDS,
  ...more,
});
