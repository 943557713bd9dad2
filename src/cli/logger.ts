import { pino } from "pino";
import { type Clock, type Log, type LogFields, systemClock } from "../kernel/index.ts";
import { isSecretName, safeText } from "./log-safety.ts";
import { type LogSink, openSink } from "./log-sink.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LoggerParts = {
  /** The least level that is written. */
  level: LogLevel;
  /** Lines for people at a terminal instead of JSON. */
  pretty: boolean;
  /** An open file descriptor (1 is standard output) or the path of a file to append to. */
  destination: number | string;
  clock?: Clock;
};

/** A Log with an end. */
export type Logger = Log & {
  /** Writes what is buffered, now; for a process that is about to end. */
  flush(): void;
};

/**
 * One line per event, as JSON (pino) or for people. Every value passes log-safety.ts first. Writing is buffered and
 * asynchronous, and flushed at exit (log-sink.ts); what a line costs is measured in logger.test.ts.
 * @throws what openSync throws where the file cannot be opened.
 */
export function createLogger({ level, pretty, destination, clock = systemClock }: LoggerParts): Logger {
  const sink = openSink(destination, (lines) =>
    write("warn", "log.lines-dropped", { lines, next: "read the log faster, or raise its level" }),
  );
  const write = pretty ? peopleWriter(sink, clock) : jsonWriter(sink, clock);
  const least = LOG_LEVELS.indexOf(level);
  const nothing = () => {};
  const at = (own: LogLevel): Log["info"] =>
    LOG_LEVELS.indexOf(own) < least ? nothing : (event, fields) => write(own, safeText(event), fields);
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    flush: () => sink.flush(),
  };
}

/** `event` is safe already, `fields` are not. */
type Writer = (level: LogLevel, event: string, fields: LogFields | undefined) => void;

// `new Date().toISOString()` costs 0.4 µs, and many lines share a millisecond.
function instantText(clock: Clock): () => string {
  let lastMs = Number.NaN;
  let last = "";
  return () => {
    const now = clock.now();
    if (now !== lastMs) {
      lastMs = now;
      last = `,"time":"${new Date(now).toISOString()}"`;
    }
    return last;
  };
}

function jsonWriter(sink: LogSink, clock: Clock): Writer {
  const logger = pino(
    {
      level: "debug",
      base: null,
      timestamp: instantText(clock),
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
  return (level, event, fields) => logger[level](cleaned({ event }, fields));
}

const COLOUR = { debug: "\u001b[2m", info: "", warn: "\u001b[33m", error: "\u001b[31m" } as const;
const PLAIN = "\u001b[0m";

/** `12:03:04 event  key=value key="two words"`; warnings yellow, errors red. */
function peopleWriter(sink: LogSink, clock: Clock): Writer {
  return (level, event, fields) => {
    const time = new Date(clock.now()).toTimeString().slice(0, 8);
    const colour = COLOUR[level];
    let line = `${time} ${colour}${event}${colour === "" ? "" : PLAIN}`;
    let gap = "  ";
    const clean = cleaned({}, fields);
    for (const name of Object.keys(clean)) {
      line += `${gap}${name}=${shown(clean[name])}`;
      gap = " ";
    }
    sink.write(`${line}\n`);
  };
}

const shown = (value: LogFields[string]): string =>
  typeof value === "string" && (value === "" || /[\s"=]/.test(value)) ? JSON.stringify(value) : String(value);

/** Names of the line itself; a field of the same name is told apart by an underscore. */
const OWN_NAMES = new Set(["level", "time", "event"]);
/** What is known of a field's name; names come from the code, so they are few. */
const names = new Map<string, { shown: string; secret: boolean }>();
const NAMES_KEPT = 1_000;

/** Adds the fields to `clean` as they may be shown. */
function cleaned(clean: LogFields, fields: LogFields | undefined): LogFields {
  if (fields === undefined) return clean;
  for (const name of Object.keys(fields)) {
    const value: unknown = fields[name];
    if (value === undefined) continue;
    let known = names.get(name);
    if (known === undefined) {
      const safe = safeText(name);
      known = { shown: OWN_NAMES.has(safe) ? `${safe}_` : safe, secret: isSecretName(name) };
      if (names.size < NAMES_KEPT) names.set(name, known);
    }
    if (known.secret && value !== null) clean[known.shown] = "[secret]";
    else if (typeof value === "string") clean[known.shown] = safeText(value);
    else if (typeof value === "number" || typeof value === "boolean" || value === null) clean[known.shown] = value;
    else clean[known.shown] = `[${typeof value}]`; // never walked into: nobody knows what is in it
  }
  return clean;
}
