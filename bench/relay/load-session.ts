import { type Socket, connect } from "node:net";

/** What became of a message that was not accepted. `unknown`: the connection ended before the answer came. */
export type Failure = { kind: "deferred" | "refused" | "unknown"; said: string };

export type SessionEvents = {
  /** Nothing is on its way: the next message may come. */
  free(session: LoadSession): void;
  /** `tookMs` from the end of the data to the 250. */
  accepted(tookMs: number): void;
  /** After `unknown` the session is gone. `hadMessage` is false where it never got to one. */
  failed(failure: Failure, session: LoadSession, hadMessage: boolean): void;
};

const READ_BYTES = 4096;
const ID_DIGITS = 8;
const HYPHEN = 0x2d;
const LF = 0x0a;
const MAIL = Buffer.from("MAIL FROM:<a@src.test>\r\n");
const RCPT = Buffer.from("RCPT TO:<b@dst.test>\r\n");
const DATA = Buffer.from("DATA\r\n");
const LINE = `${"X".repeat(78)}\r\n`;
const NOTHING = Buffer.alloc(0);

/** A message as it goes over the wire, with room for its number where `numberAt` points. */
export type Letter = { wire: Buffer; numberAt: number };

/** `octets` of text after the header section; `run` makes its Message-IDs unlike those of all other runs. */
export function letter(run: string, octets: number): Letter {
  const before = `From: <a@src.test>\r\nTo: <b@dst.test>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${run}.`;
  const header = `${before}${"0".repeat(ID_DIGITS)}@load.test>\r\nSubject: relay\r\n\r\n`;
  const lines = LINE.repeat(Math.ceil(octets / LINE.length) + 1);
  const text = lines.slice(-Math.max(octets, 4)); // a short first line rather than an odd end
  return { wire: Buffer.from(`${header}${text}.\r\n`, "latin1"), numberAt: before.length };
}

type Step = "greeting" | "reset" | "idle" | "mail" | "rcpt" | "data" | "text" | "over";

/** One client connection that sends message after message, one command at a time. */
export class LoadSession {
  readonly #wire: Buffer;
  readonly #numberAt: number;
  readonly #on: SessionEvents;
  readonly #socket: Socket;
  #step: Step = "greeting";
  #rest: Buffer = NOTHING;
  #sentAt = 0;

  constructor(port: number, { wire, numberAt }: Letter, on: SessionEvents) {
    this.#wire = Buffer.from(wire); // its own copy: the number is written into it
    this.#numberAt = numberAt;
    this.#on = on;
    // One buffer for all reads: a stream's own machinery costs more than the answer it brings.
    const buffer = Buffer.alloc(READ_BYTES);
    const onread = { buffer, callback: (count: number) => this.#read(buffer.subarray(0, count)) };
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
    this.#socket.on("error", (error) => this.#lost(error.message));
    this.#socket.on("close", () => this.#lost("the connection was closed"));
  }

  /** Only when free: the 250 of the last message says that its octets are no longer needed. */
  send(n: number): void {
    this.#wire.write(String(n).padStart(ID_DIGITS, "0"), this.#numberAt, "latin1");
    this.#step = "mail";
    this.#socket.write(MAIL);
  }

  end(): void {
    this.#step = "over";
    this.#socket.end("QUIT\r\n");
  }

  #read(chunk: Buffer): boolean {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let lf = bytes.indexOf(LF); lf !== -1; lf = bytes.indexOf(LF, from)) {
      if (bytes[from + 3] !== HYPHEN) this.#reply(bytes.subarray(from, lf));
      from = lf + 1;
    }
    this.#rest = from === bytes.length ? NOTHING : Buffer.from(bytes.subarray(from));
    return true;
  }

  #reply(line: Buffer): void {
    const digit = line[0]! - 0x30;
    if (digit === 2 || digit === 3) this.#onward();
    else if (this.#step === "greeting" || this.#step === "reset") this.#lost(line.toString("latin1").trim());
    else if (this.#step !== "over") {
      this.#step = "reset";
      this.#socket.write("RSET\r\n");
      this.#on.failed({ kind: digit === 4 ? "deferred" : "refused", said: line.toString("latin1").trim() }, this, true);
    }
  }

  #onward(): void {
    switch (this.#step) {
      case "greeting":
        this.#step = "reset";
        this.#socket.write("EHLO load.test\r\n");
        break;
      case "mail":
        this.#step = "rcpt";
        this.#socket.write(RCPT);
        break;
      case "rcpt":
        this.#step = "data";
        this.#socket.write(DATA);
        break;
      case "data":
        this.#step = "text";
        this.#socket.write(this.#wire);
        this.#sentAt = performance.now();
        break;
      case "text":
        this.#on.accepted(performance.now() - this.#sentAt);
        this.#free();
        break;
      case "reset":
        this.#free();
        break;
      case "idle":
      case "over":
    }
  }

  #free(): void {
    this.#step = "idle";
    this.#on.free(this);
  }

  #lost(said: string): void {
    if (this.#step === "over") return;
    const hadMessage = ["mail", "rcpt", "data", "text"].includes(this.#step);
    this.#step = "over";
    this.#socket.destroy();
    this.#on.failed({ kind: "unknown", said }, this, hadMessage);
  }
}
