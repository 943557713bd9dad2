import { readHeader } from "../../mail/index.ts";

const DATE_CHARACTERS = 100;
const BOUNDS = { headerBytes: 256 * 1024, headerFields: 1_000 };

/**
 * When the first server after ours wrote down that it had the message: the date of the oldest Received field that is not
 * ours (RFC 5321 §4.4: each server puts its own before those that are there). To the second, on a clock of others.
 */
export function firstReceivedAt(raw: Buffer): number | null {
  const header = readHeader(raw, BOUNDS);
  if (!("fields" in header)) return null;
  const dates = header.fields
    .filter(({ name, value }) => name === "received" && !/^by \S+ \(Postern\)/.test(value))
    .map(({ value }) => Date.parse(dateIn(value)));
  const oldest = dates.at(-1);
  return oldest === undefined || Number.isNaN(oldest) ? null : oldest;
}

/** Behind the last semicolon; the name of a zone in brackets behind it is a comment. */
function dateIn(value: string): string {
  const text = value.slice(value.lastIndexOf(";") + 1).slice(0, DATE_CHARACTERS);
  const comment = text.indexOf("(");
  return (comment === -1 ? text : text.slice(0, comment)).trim();
}
