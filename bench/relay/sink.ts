import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

/**
 * The far end of every relay run, in a process of its own: takes mail over SMTP as fast as it can, throws it away and
 * remembers the Message-ID of each message, so that what was lost and what came twice is counted and not guessed.
 * Answers pipelined commands in one write (RFC 2920). Loopback only; it checks nothing else.
 *
 * `node bench/relay/sink.ts [PORT]` says `{"port":…}`. Each line on stdin is answered by one line, a SinkReport:
 * `begin` after a new count was opened, `report` at any time. The end of stdin ends it.
 */
export type SinkReport = {
  /** Different messages since `begin`. */
  messages: number;
  /** Messages that had come before, also before `begin`. */
  duplicates: number;
  /** Without a Message-ID: whatever relayed them took it away, so nothing can be said of them. */
  unnamed: number;
  connections: number;
  /** Octets of the shortest message: shows one that was cut. */
  shortest: number | null;
  /** When the first and the last different message had come, in milliseconds since the epoch. */
  firstAt: number | null;
  lastAt: number | null;
};

const EMPTY: SinkReport = {
  messages: 0,
  duplicates: 0,
  unnamed: 0,
  connections: 0,
  shortest: null,
  firstAt: null,
  lastAt: null,
};
const LF = 0x0a;
const END_OF_ID = 0x3e; // ">"
const END_OF_TEXT = Buffer.from("\r\n.\r\n");
const END_OF_HEADER = Buffer.from("\r\n\r\n");
/** Both spellings that senders use; any other goes the slow way. */
const ID_FIELDS = [Buffer.from("\nMessage-Id: <"), Buffer.from("\nMessage-ID: <")] as const;
const ANY_ID_FIELD = /(?:^|\n)message-id:[ \t]*(?:\r\n[ \t]+)?<([^>\r\n]+)>/i;
const NOTHING = Buffer.alloc(0);
const HELLO = "250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 104857600\r\n";

/** What came, over all connections. */
class Arrivals {
  readonly #seen = new Set<string>();
  #report: SinkReport = { ...EMPTY };

  begin(): void {
    this.#report = { ...EMPTY };
  }

  connected(): void {
    this.#report.connections += 1;
  }

  message(id: string | null, octets: number): void {
    const report = this.#report;
    if (id === null) report.unnamed += 1;
    else if (this.#seen.has(id)) report.duplicates += 1;
    else {
      this.#seen.add(id);
      report.messages += 1;
      report.lastAt = performance.timeOrigin + performance.now();
      report.firstAt ??= report.lastAt;
      report.shortest = report.shortest === null ? octets : Math.min(report.shortest, octets);
    }
  }

  get report(): SinkReport {
    return this.#report;
  }
}

/** The Message-ID in `text`; null where there is none; undefined where the header section has not ended yet. */
function messageId(text: Buffer): string | null | undefined {
  for (const field of ID_FIELDS) {
    const at = text.indexOf(field);
    if (at === -1) continue;
    const end = text.indexOf(END_OF_ID, at + field.length);
    return end === -1 ? undefined : text.toString("latin1", at + field.length, end);
  }
  const end = text.indexOf(END_OF_HEADER);
  return end === -1 ? undefined : (ANY_ID_FIELD.exec(text.toString("latin1", 0, end + 2))?.[1] ?? null);
}

/** One connection. Text is kept until its Message-ID is known; from there on only its end is looked for. */
class SinkSession {
  readonly #socket: Socket;
  readonly #arrivals: Arrivals;
  #phase: "command" | "header" | "body" = "command";
  /** Octets that are not understood yet: part of a command or of a header section, the last few of a text. */
  #rest: Buffer = NOTHING;
  #id: string | null = null;
  /** Octets of the text that are gone from `#rest`. */
  #octets = 0;
  #answers = "";

  constructor(socket: Socket, arrivals: Arrivals) {
    this.#socket = socket;
    this.#arrivals = arrivals;
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", () => socket.destroy());
    socket.write("220 sink.test ESMTP\r\n");
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = NOTHING;
    for (let at = 0; at !== -1 && at < bytes.length;)
      at = this.#phase === "command" ? this.#command(bytes, at) : this.#text(bytes, at);
    if (this.#answers === "") return;
    this.#socket.write(this.#answers, "latin1");
    this.#answers = "";
  }

  /** @returns where the next thing begins; -1 where more must come first. */
  #text(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(END_OF_TEXT, from);
    if (this.#phase === "header") {
      const id = messageId(bytes.subarray(from, end === -1 ? bytes.length : end + 2));
      if (id === undefined && end === -1) {
        this.#rest = bytes.subarray(from);
        return -1;
      }
      this.#id = id ?? null;
      this.#phase = "body";
    }
    if (end === -1) {
      const kept = Math.min(END_OF_TEXT.length - 1, bytes.length - from);
      this.#octets += bytes.length - from - kept;
      this.#rest = Buffer.from(bytes.subarray(bytes.length - kept));
      return -1;
    }
    this.#arrivals.message(this.#id, this.#octets + end + 2 - from);
    this.#octets = 0;
    this.#phase = "command";
    this.#answers += "250 2.0.0 Ok\r\n";
    return end + END_OF_TEXT.length;
  }

  /** @returns as #text. */
  #command(bytes: Buffer, from: number): number {
    const lf = bytes.indexOf(LF, from);
    if (lf === -1) {
      this.#rest = Buffer.from(bytes.subarray(from));
      return -1;
    }
    switch (bytes.toString("latin1", from, Math.min(from + 4, lf)).toUpperCase()) {
      case "DATA":
        this.#phase = "header";
        this.#answers += "354 Go on\r\n";
        break;
      case "EHLO":
        this.#answers += HELLO;
        break;
      case "QUIT":
        this.#socket.end(`${this.#answers}221 2.0.0 Bye\r\n`, "latin1");
        this.#answers = "";
        return -1;
      default:
        this.#answers += "250 2.0.0 Ok\r\n";
    }
    return lf + 1;
  }
}

function main(): void {
  const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
  const arrivals = new Arrivals();
  const server = createServer({ noDelay: true }, (socket) => {
    arrivals.connected();
    new SinkSession(socket, arrivals);
  });
  server.on("error", (error) => {
    process.stderr.write(`sink: ${error.message}\n`);
    process.exit(1);
  });
  server.listen({ port: Number(process.argv[2] ?? 0), host: "127.0.0.1", backlog: 1024 }, () => {
    const bound = server.address();
    say({ port: typeof bound === "object" && bound ? bound.port : 0 });
  });
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    if (line === "begin") arrivals.begin();
    say(arrivals.report);
  });
  lines.on("close", () => process.exit(0));
}

if (import.meta.main) main();
