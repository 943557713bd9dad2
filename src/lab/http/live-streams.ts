import type { ServerResponse } from "node:http";
import type { Timer } from "../../kernel/index.ts";
import type { LabState } from "../state.ts";

/** More open pages than anyone looks at. One that finds no room asks every two seconds instead. */
const STREAMS = 32;
/** Moves the chart when nothing happens, and finds connections that are gone. */
const TICK_MS = 5_000;
const UNREAD_BYTES = 64 * 1024;

/** The pages that listen (server-sent events). They are told that something changed, and read what. */
export class LiveStreams {
  readonly #state: LabState;
  readonly #open = new Map<ServerResponse, () => void>();
  #tick: Timer | null = null;
  #stopped = false;

  constructor(state: LabState) {
    this.#state = state;
  }

  get hasRoom(): boolean {
    return !this.#stopped && this.#open.size < STREAMS;
  }

  /** Takes over a response whose head was written. */
  add(response: ServerResponse): void {
    const stopListening = this.#state.changes.listen(() => send(response, "changed"));
    this.#open.set(response, stopListening);
    response.on("close", () => this.#drop(response));
    response.on("error", () => this.#drop(response));
    response.write("retry: 1000\n\n");
    send(response, "changed"); // whatever happened between the page and this stream
    this.#plan();
  }

  /** Ends all of them: a server with open streams would never close. */
  stop(): void {
    this.#stopped = true;
    for (const response of this.#open.keys()) {
      this.#drop(response);
      response.end();
    }
  }

  #drop(response: ServerResponse): void {
    this.#open.get(response)?.();
    this.#open.delete(response);
    if (this.#open.size > 0) return;
    this.#tick?.cancel();
    this.#tick = null;
  }

  #plan(): void {
    this.#tick ??= this.#state.clock.after(TICK_MS, () => {
      this.#tick = null;
      for (const response of this.#open.keys()) send(response, "tick");
      if (this.#open.size > 0) this.#plan();
    });
  }
}

function send(response: ServerResponse, event: string): void {
  // A reader that stopped reading is cut off; its browser connects again by itself.
  if (response.writableLength > UNREAD_BYTES) response.destroy();
  else response.write(`event: ${event}\ndata: {}\n\n`);
}
