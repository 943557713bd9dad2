import type { LabInbox } from "../inbox.ts";
import { matches, type Summary, summaryOf } from "./summary.ts";

const PAGE_MESSAGES = 100;
const MOST_MESSAGES = 2_000;

/** Untyped, because it comes from the address line: a field given twice is an array. */
export type InboxQuerystring = Partial<Record<"q" | "before" | "after" | "limit", unknown>>;
export type InboxQuery = { query: string; before: number | null; after: number | null; limit: number };
export type InboxPage = { messages: Summary[]; /** Older ones that match follow. */ more: boolean };

export function readInboxQuery(given: InboxQuerystring): InboxQuery {
  const { q } = given;
  return {
    query: typeof q === "string" ? q.trim().slice(0, 200) : "",
    before: wholeNumber(given.before),
    after: wholeNumber(given.after),
    limit: Math.min(Math.max(wholeNumber(given.limit) ?? PAGE_MESSAGES, 1), MOST_MESSAGES),
  };
}

/** Newest first. */
export function inboxPage(inbox: LabInbox, { query, before, after, limit }: InboxQuery): InboxPage {
  const messages: Summary[] = [];
  for (const message of inbox.newest()) {
    if (before !== null && message.id >= before) continue;
    if (after !== null && message.id <= after) break;
    const summary = summaryOf(message);
    if (query !== "" && !matches(summary, query)) continue;
    if (messages.length === limit) return { messages, more: true };
    messages.push(summary);
  }
  return { messages, more: false };
}

const wholeNumber = (value: unknown): number | null =>
  typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : null;
