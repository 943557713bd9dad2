import type { Clock, Log, LogFields } from "../../kernel/index.ts";
import { SECRET_MARK } from "./receivers.ts";

export type LogLine = { level: "debug" | "info" | "warn" | "error"; at: number; event: string; fields: LogFields };

const LINES_KEPT = 5_000;

/** The program's log, kept in memory; lines with a secret in them are counted as they come. */
export class OwnLog implements Log {
  readonly lines: LogLine[] = [];
  leaks = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  debug(event: string, fields: LogFields = {}): void {
    this.#take("debug", event, fields);
  }
  info(event: string, fields: LogFields = {}): void {
    this.#take("info", event, fields);
  }
  warn(event: string, fields: LogFields = {}): void {
    this.#take("warn", event, fields);
  }
  error(event: string, fields: LogFields = {}): void {
    this.#take("error", event, fields);
  }

  count(event: string): number {
    return this.lines.filter((line) => line.event === event).length;
  }

  #take(level: LogLine["level"], event: string, fields: LogFields): void {
    if (event.includes(SECRET_MARK) || JSON.stringify(fields).includes(SECRET_MARK)) this.leaks += 1;
    if (level === "debug") return;
    this.lines.push({ level, at: this.#clock.now(), event, fields });
    if (this.lines.length > LINES_KEPT) this.lines.shift();
  }
}
