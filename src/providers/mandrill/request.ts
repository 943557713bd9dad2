import { isUtf8 } from "node:buffer";
import {
  addressesOf,
  foldedAddress,
  type Header,
  headerValue,
  type Outcome,
  readHeader,
  rewriteHeader,
  textFault,
} from "../../mail/index.ts";
import { notExpressible } from "../dismantle.ts";
import type { Handoff } from "../provider.ts";

/** Above it messages are "always sent asynchronously": every recipient is answered `queued`, which says nothing (messages/send-raw). */
export const RECIPIENTS = 10;

/** Fields by which a message gives orders to Mandrill: a template in its place, a copy to somebody, another day, another subaccount. */
const ORDER = /^x-mc-/;
const NO_BOUNDS = { headerBytes: Number.MAX_SAFE_INTEGER, headerFields: Number.MAX_SAFE_INTEGER };

/** `addresses`: the first of the recipients, as many as one call may name. */
export type SendRequest = { kind: "request"; body: string; addresses: string[] } | { kind: "cannot"; outcome: Outcome };

/**
 * messages/send-raw: "exactly as if it were sent through the SMTP servers", so the options are header fields, which Mandrill
 * obeys and removes ("How to Use SMTP Headers to Customize Your Messages", mandrill.zendesk.com 360039280433, seen
 * 2026-11-25). Those that came with the message are taken out first: who writes a message must not give the orders.
 * The return path is Mandrill's own; what comes back to it comes to us as events. DSN parameters have no place in this API.
 */
export function sendRequest(handoff: Handoff, key: string, subaccount: string | null): SendRequest {
  const cannot = obstacleIn(handoff);
  if (cannot) return { kind: "cannot", outcome: cannot };
  const header = readHeader(handoff.raw, NO_BOUNDS);
  const fault = "bodyStart" in header ? faultIn(handoff.raw.subarray(0, header.bodyStart)) : header.code;
  if (fault !== null || !("bodyStart" in header)) {
    return { kind: "cannot", outcome: notExpressible(`a header section in which orders could hide (${fault})`) };
  }
  const raw = rewriteHeader(handoff.raw, header, {
    prepend: orders(handoff, subaccount),
    append: "",
    drop: (name) => ORDER.test(name),
  });
  const addresses = addressesIn(handoff, header);
  const body = JSON.stringify({ key, raw_message: raw.toString("utf8"), to: addresses, async: false });
  return { kind: "request", body, addresses };
}

/** The door lets none of these in; here a line end that only Mandrill sees would be a field that only Mandrill sees. */
const faultIn = (headerSection: Buffer): string | null => textFault(headerSection, Number.MAX_SAFE_INTEGER);

/**
 * Ten, or one where somebody is hidden: PreserveRecipients is there "to show all recipients in the To header", and no
 * document says that those of `to` who stand in no field stay hidden from each other.
 */
function addressesIn({ envelope }: Handoff, header: Header): string[] {
  const shown = new Set(
    ["to", "cc"].flatMap((name) => addressesOf(headerValue(header, name) ?? "").map(foldedAddress)),
  );
  const addresses = envelope.recipients.map(({ mailbox }) => mailbox.address);
  const isOpen = addresses.every((address) => shown.has(foldedAddress(address)));
  return addresses.slice(0, isOpen ? RECIPIENTS : 1);
}

function obstacleIn({ envelope, raw }: Handoff): Outcome | null {
  if (envelope.needsSmtputf8 || envelope.recipients.some(({ mailbox }) => mailbox.needsSmtputf8)) {
    return { kind: "rejected", scope: "account", cause: "smtputf8-not-supported" };
  }
  // The message travels as a text of JSON: octets that are no UTF-8 would arrive as others.
  return isUtf8(raw) ? null : { kind: "rejected", scope: "account", cause: "eightbit-not-supported" };
}

/** Whatever the account's defaults are: the bytes stay as they are, nothing is tracked, and the content is not kept for readers. */
function orders(handoff: Handoff, subaccount: string | null): string {
  const metadata = JSON.stringify({ postern_attempt: handoff.attemptId, postern_id: handoff.spoolId }); // ≤ 250 octets
  const isUrgent = handoff.messageClass === "C0" || handoff.messageClass === "C1";
  const fields: [name: string, value: string][] = [
    ["Metadata", metadata],
    ["Track", "none"],
    ["ViewContentLink", "false"],
    ["Autotext", "false"],
    ["AutoHtml", "false"],
    ["InlineCSS", "false"],
    // Off, each recipient would get a To field of its own, and the signature over ours would be broken.
    ["PreserveRecipients", "true"],
    ...(isUrgent ? [["Important", "true"] as [string, string]] : []),
    ...(subaccount === null ? [] : [["Subaccount", subaccount] as [string, string]]),
  ];
  return fields.map(([name, value]) => `X-MC-${name}: ${value}\r\n`).join("");
}
