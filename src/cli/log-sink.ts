import { openSync, write, writeSync } from "node:fs";
import { type Timer, backgroundClock, causeText } from "../kernel/index.ts";
import { safeText } from "./log-safety.ts";

/** Where lines go: gathered, then written asynchronously. */
export type LogSink = {
  write(line: string): void;
  /** Writes everything that waits, now. */
  flush(): void;
};

/** Lines are gathered up to this size: one write(2) for about 25 lines. */
const GATHER_CHARACTERS = 4 * 1024;
/** A line waits at most this long for company. */
const GATHER_MS = 250;
/** A reader that stands still costs at most this much memory; lines beyond it are dropped and counted. */
const BACKLOG_BYTES = 8 * 1024 * 1024;
/** A full pipe is looked at again after this long, … */
const FULL_PIPE_MS = 50;
/** … and by an ending process this many times. */
const EXIT_PATIENCE = 20;
/** Lines name tenants and messages: for the operator alone. */
const LOG_FILE_MODE = 0o600;

type Chunk = { bytes: Buffer; lines: number };

/**
 * Not sonic-boom, pino's own destination: it measures its whole buffer at each line (1.6 µs), and its flushSync never
 * returns on a full disk or a closed pipe, so a process that wants to end would not.
 * @param destination an open file descriptor, or a file to append to.
 * @param onDropped lines were lost because nobody read or the disk was full; called once writing works again.
 * @throws what openSync throws where the file cannot be opened.
 */
export function openSink(
  destination: number | string,
  onDropped: (lines: number) => void,
  { backlogBytes = BACKLOG_BYTES, clock = backgroundClock } = {},
): LogSink {
  const fd = typeof destination === "number" ? destination : openSync(destination, "a", LOG_FILE_MODE);
  const chunks: Chunk[] = [];
  let backlog = 0;
  let gathered = "";
  let lines = 0;
  let timer: Timer | undefined;
  let writing: Chunk | undefined;
  let dropped = 0;
  let complained = false;

  function cut(): void {
    timer?.cancel();
    timer = undefined;
    if (lines === 0) return;
    const chunk = { bytes: Buffer.from(gathered), lines };
    gathered = "";
    lines = 0;
    if (backlog + chunk.bytes.length > backlogBytes) {
      dropped += chunk.lines;
    } else {
      chunks.push(chunk);
      backlog += chunk.bytes.length;
    }
  }

  function send(): void {
    cut();
    if (!writing) next();
  }

  function next(): void {
    writing = chunks.shift();
    if (writing) writeOn(writing);
  }

  function writeOn(chunk: Chunk): void {
    write(fd, chunk.bytes, (error, count) => {
      if (error?.code === "EAGAIN") {
        clock.after(FULL_PIPE_MS, () => writeOn(chunk));
        return;
      }
      if (error) lost(chunk, error);
      else {
        backlog -= count;
        if (count < chunk.bytes.length) {
          chunk.bytes = chunk.bytes.subarray(count);
          return writeOn(chunk);
        }
        tellDropped();
      }
      next();
    });
  }

  // A full disk under the log must not end the program that delivers mail; it is said once, where it still can be.
  function lost(chunk: Chunk, error: Error): void {
    backlog -= chunk.bytes.length;
    dropped += chunk.lines;
    if (!complained) process.stderr.write(`The log cannot be written: ${safeText(causeText(error))}\n`);
    complained = true;
  }

  function tellDropped(): void {
    complained = false;
    if (dropped === 0) return;
    const count = dropped;
    dropped = 0;
    onDropped(count);
  }

  // What is being written at this moment is finished by the thread that does it, also while the process ends.
  function flush(): void {
    cut();
    for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
      backlog -= chunk.bytes.length;
      if (!writeNow(fd, chunk.bytes)) return;
    }
  }

  flushAtExit(flush);
  return {
    write(line) {
      gathered += line;
      lines += 1;
      if (gathered.length >= GATHER_CHARACTERS) send();
      else timer ??= clock.after(GATHER_MS, send);
    },
    flush,
  };
}

/** @returns false where nobody reads or nothing can be written: the process is about to end and does not wait for it. */
function writeNow(fd: number, bytes: Buffer): boolean {
  let from = 0;
  for (let patience = EXIT_PATIENCE; from < bytes.length && patience > 0;) {
    try {
      from += writeSync(fd, bytes, from);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return false;
      patience -= 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
    }
  }
  return from === bytes.length;
}

const atExit = new Set<() => void>();
function flushAtExit(flush: () => void): void {
  if (atExit.size === 0) {
    process.on("exit", () => {
      for (const each of atExit) each();
    });
  }
  atExit.add(flush);
}
