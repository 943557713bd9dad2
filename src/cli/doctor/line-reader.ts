import type { Duplex } from "node:stream";

/** More than this without an end of line is no protocol we speak. */
const LINE_MAX = 8 * 1024;

/** Reads a peer's lines one by one; for short talks of our own. */
export class LineReader {
  readonly #socket: Duplex;
  #buffered = "";
  #failed: Error | null = null;
  #wake: () => void = () => {};

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on("data", this.#take);
    socket.on("error", this.#fail);
    socket.on("close", this.#close);
  }

  /** Without its line end. @throws Error where the connection ends first. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffered.indexOf("\n");
      if (end !== -1) {
        const line = this.#buffered.slice(0, end).replace(/\r$/, "");
        this.#buffered = this.#buffered.slice(end + 1);
        return line;
      }
      if (this.#buffered.length > LINE_MAX) throw new Error("it sends lines without an end");
      if (this.#failed) throw this.#failed;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Bytes already here that nobody asked for: after STARTTLS they would be someone else's words (RFC 3207 §6). */
  get hasMore(): boolean {
    return this.#buffered.length > 0;
  }

  /** Gives the connection to another reader (TLS). */
  letGo(): void {
    this.#socket.off("data", this.#take);
    this.#socket.off("close", this.#close);
  }

  readonly #take = (chunk: Buffer): void => {
    this.#buffered += chunk.toString("latin1");
    this.#wake();
  };
  readonly #fail = (error: Error): void => {
    this.#failed ??= error;
    this.#wake();
  };
  readonly #close = (): void => this.#fail(new Error("it closed the connection"));
}
