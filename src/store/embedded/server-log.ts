import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from "node:fs";

/** The server's own log is a few lines a day; one that grew to this held trouble, and the next start begins a new one. */
const ROTATE_BYTES = 16 * 1024 * 1024;
const TAIL_BYTES = 64 * 1024;

/** Open for appending; what was there and is long is kept as `<file>.1`. */
export function openServerLog(file: string): number {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, "a", 0o600);
}

/** The last complaint in it; empty where there is none. */
export function lastComplaint(file: string): string {
  try {
    const handle = openSync(file, "r");
    try {
      const { size } = fstatSync(handle);
      const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
      readSync(handle, tail, 0, tail.length, size - tail.length);
      const lines = tail.toString().trim().split("\n");
      return lines.findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? "";
    } finally {
      closeSync(handle);
    }
  } catch {
    return "";
  }
}
