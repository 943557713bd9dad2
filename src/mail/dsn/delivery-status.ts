import type { DeliveryEvent } from "../delivery-event.ts";
import { REPORT_BOUNDS } from "./bounds.ts";
import { type Fields, splitHeader } from "./mime-walk.ts";
import { addressIn, eventOf, instantOf, type Said } from "./report-event.ts";

/**
 * The recipients of a message/delivery-status (RFC 3464 §2.1): groups of fields between empty lines, the first about the
 * message, each other about one recipient. Also read from text that holds such groups without saying its type.
 */
export function readDeliveryStatus(text: string): DeliveryEvent[] {
  const groups = groupsIn(text);
  const about = groups.find((group) => group.has("reporting-mta") || group.has("arrival-date"));
  return groups.flatMap((group) => {
    const said = saidOf(group, about);
    return said === null ? [] : [eventOf(said)];
  });
}

/** Some write no empty line between groups, or begin the recipient's group with what it says in words. */
function groupsIn(text: string): Fields[] {
  const groups: Fields[] = [];
  for (const block of text.split(/\n[ \t]*\n/, REPORT_BOUNDS.recipients * 3)) {
    const starts = [
      ...block.matchAll(/^[ \t]*(?:original-recipient|final-recipient|action|status|reporting-mta)[ \t]*:/gim),
    ];
    if (starts.length === 0 || groups.length >= REPORT_BOUNDS.recipients) continue;
    const cuts = [...block.matchAll(/^final-recipient[ \t]*:/gim)].slice(1).map((match) => match.index);
    const edges = [0, ...cuts.slice(0, REPORT_BOUNDS.recipients), block.length];
    for (let n = 0; n + 1 < edges.length; n += 1) groups.push(fieldsOf(block.slice(edges[n], edges[n + 1])));
  }
  return groups;
}

/** Lines before the first field are somebody's prose. */
function fieldsOf(block: string): Fields {
  const start = block.search(/^(?:[\w]{1,20}-[\w-]{1,40}|action|status)[ \t]*:/im);
  return splitHeader(start === -1 ? "" : block.slice(start)).fields;
}

/** RFC 3464 §2.3.3, and what systems write instead. */
const ACTIONS: Readonly<Record<string, Said["type"]>> = {
  failed: "bounced",
  failure: "bounced",
  delayed: "deferred",
  delivered: "delivered",
  relayed: "delivered", // another system took it, one that will not report
  expanded: "delivered",
};

function saidOf(group: Fields, about: Fields | undefined): Said | null {
  const action = /^[a-z]+/.exec((group.get("action") ?? "").toLowerCase())?.[0] ?? null;
  const given = group.get("status") ?? "";
  const status = /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}/.exec(given)?.[0] ?? null; // RFC 3464 §2.3.4: a comment may follow
  // RFC 3464 §2.3.1–2: the address we gave, else the one it became; some give neither and X-Actual-Recipient.
  const recipient =
    addressIn(group.get("original-recipient")) ??
    addressIn(group.get("final-recipient")) ??
    addressIn(group.get("x-actual-recipient"));
  const named = recipient !== null || group.has("final-recipient") || group.has("original-recipient");
  if (!named || (action === null && given === "")) return null;
  const type = (action === null ? undefined : ACTIONS[action]) ?? byClass(status);
  if (type === null) return null;
  const diagnostic = group.get("diagnostic-code") ?? "";
  return {
    type,
    recipient,
    status,
    said: diagnostic.replace(/^\s*(?:smtp|x-[\w-]{1,40}|lmtp|unix|unknown)\s*;/i, "").trim() || given,
    at: instantOf(group.get("last-attempt-date") ?? about?.get("arrival-date")),
  };
}

/** An action that nobody defined: the class of the status decides, and class 4 is never the end. */
const byClass = (status: string | null): Said["type"] | null =>
  status === null ? null : status.startsWith("2") ? "delivered" : status.startsWith("4") ? "deferred" : "bounced";
