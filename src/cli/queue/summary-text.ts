import type { MessageState, MessageSummary } from "../../spool/index.ts";
import type { Paint } from "../paint.ts";
import { cut, displayWidth, padEnd, printable } from "../text.ts";
import { plural, size, span, when } from "../when.ts";

export const stateColour = (state: MessageState, paint: Paint): ((text: string) => string) =>
  state === "held" ? paint.bad : state === "queued" ? paint.warn : state === "ended" ? paint.quiet : paint.good;

/** Two lines of a list: the message and where it stands, then from whom to whom. */
export function summaryText(message: MessageSummary, now: number, columns: number, paint: Paint): string {
  const { spoolId, state, tenant, stream } = message;
  const head = `${spoolId}  ${stateColour(state, paint)(padEnd(state, 9))}  `;
  const standing = printable(standingText(message, now));
  const room = Math.max(20, columns - displayWidth(head));
  const second = `  ${tenant}/${stream} ${message.class}  ${message.returnPath || "<>"} → ${recipientsText(message)}, ${size(message.sizeBytes)}`;
  return `${head}${cut(standing, room)}\n${paint.quiet(cut(printable(second), columns))}`;
}

/** Where it stands and what comes next, in a few words. */
export function standingText(message: MessageSummary, now: number): string {
  const age = `${span(secondsOf(now - message.acceptedAt))} old`;
  switch (message.state) {
    case "scheduled":
      return `to be sent ${when(message.sendAt ?? now, now)}`;
    case "queued":
      return message.dueAt === null || message.dueAt <= now
        ? `${age}, due now`
        : `${age}, next try ${when(message.dueAt, now)}`;
    case "in-flight":
      return `${age}, on its way`;
    case "held":
      return `${age}, ${message.heldReason ?? "held"}`;
    case "ended":
      return `${[...new Set(message.recipients.map((one) => one.state))].join(", ")} ${message.endedAt === null ? "" : when(message.endedAt, now)}`.trim();
  }
}

/** Whole seconds: nobody wants the age of a message in milliseconds, nor a negative one from another machine's clock. */
export const secondsOf = (ms: number): number => Math.max(0, Math.floor(ms / 1_000) * 1_000);

function recipientsText({ recipients }: MessageSummary): string {
  const [first, ...others] = recipients;
  if (!first) return "nobody";
  return others.length === 0 ? first.address : `${first.address} and ${plural(others.length, "other")}`;
}
