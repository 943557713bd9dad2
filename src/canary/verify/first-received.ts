import { readHeader } from "../../mail/index.ts";

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
    .map(({ value }) =>
      Date.parse(
        value
          .slice(value.lastIndexOf(";") + 1)
          .trim()
          .replace(/\s*\([^)]*\)$/, ""),
      ),
    );
  const oldest = dates.at(-1);
  return oldest === undefined || Number.isNaN(oldest) ? null : oldest;
}
