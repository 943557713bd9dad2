import type { Readable } from "node:stream";
import type { Clock, Random } from "../kernel/index.ts";

/** A stream for people or programs. */
export type Screen = {
  write(text: string): void;
  /** A terminal: colours, wrapped lines. */
  isTerminal: boolean;
  /** Columns of the terminal; Infinity where there is none, so that nothing is cut in a file or a pipe. */
  columns: number;
  /** The open file behind it, for a log that writes by itself. */
  descriptor: number;
};

/** SIGHUP: the terminal was closed. */
export const END_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
export type EndSignal = keyof typeof END_SIGNALS;

/** All a command may touch of the process it runs in. main.ts makes the real one. */
export type World = {
  environment: Readonly<Record<string, string | undefined>>;
  cwd: string;
  clock: Clock;
  random: Random;
  out: Screen;
  err: Screen;
  input: Readable & { isTTY?: boolean };
  /** Gives every signal that asks for an end to `handler` instead of ending the process. */
  onSignal(handler: (signal: EndSignal) => void): void;
  /** Ends the process at this moment, whatever is open. */
  exitNow(code: number): never;
};

/** What the shell gets. Usage and configuration are the caller's to mend (2); the rest is the world's (1). */
export const EXIT = { fine: 0, failed: 1, mistaken: 2 } as const;

export const print = (screen: Screen, text: string): void => screen.write(text.endsWith("\n") ? text : `${text}\n`);

/** Width for running text: lines longer than 100 columns are hard to read. */
export const textWidth = (screen: Screen): number => Math.min(screen.columns, 100);
