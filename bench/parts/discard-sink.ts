import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";

/**
 * Takes mail over SMTP as fast as it can and throws it away: the far end of the benches, so that what is measured is the
 * sender. Answers pipelined commands in one write (RFC 2920) and offers chunks (RFC 3030) when asked to. Loopback only;
 * it checks nothing.
 *
 * `node bench/parts/discard-sink.ts [--port 0] [--chunking]` prints `{"port":…}`; each line on stdin is answered by
 * `{"messages":…,"connections":…}`, and the end of stdin ends it.
 */
export type DiscardSink = { port: number; readonly messages: number; readonly connections: number; close(): void };

export function startDiscardSink(options: { port: number; chunking: boolean }): Promise<DiscardSink> {
  const counts = { messages: 0, connections: 0 };
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    counts.connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    new SinkSession(socket, options.chunking, () => (counts.messages += 1)).start();
  });
  return new Promise((resolve) => {
    server.listen({ port: options.port, host: "127.0.0.1", backlog: 1024 }, () => {
      const bound = server.address();
      resolve({
        port: typeof bound === "object" && bound ? bound.port : 0,
        get messages() {
          return counts.messages;
        },
        get connections() {
          return counts.connections;
        },
        close() {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}

const LF = 0x0a;
const END_OF_TEXT = Buffer.from("\r\n.\r\n");
const NOTHING = Buffer.alloc(0);
const M = 0x4d;
const R = 0x52;
const D = 0x44;
const B = 0x42;
const E = 0x45;
const Q = 0x51;

class SinkSession {
  readonly #socket: Socket;
  readonly #taken: () => void;
  readonly #hello: string;
  #tail: Buffer = NOTHING;
  #inText = false;
  /** Octets of a chunk still to come. */
  #chunkLeft = 0;
  #answers = "";

  constructor(socket: Socket, chunking: boolean, taken: () => void) {
    this.#socket = socket;
    this.#taken = taken;
    this.#hello = `250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n${chunking ? "250-CHUNKING\r\n" : ""}250 SIZE 104857600\r\n`;
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", () => socket.destroy());
  }

  start(): void {
    this.#socket.write("220 sink ESMTP\r\n");
  }

  #take(chunk: Buffer): void {
    let bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    this.#tail = NOTHING;
    while (bytes.length > 0) {
      if (this.#chunkLeft > 0) {
        const taken = Math.min(this.#chunkLeft, bytes.length);
        this.#chunkLeft -= taken;
        bytes = bytes.subarray(taken);
        if (this.#chunkLeft === 0) this.#message();
        continue;
      }
      if (this.#inText) {
        const end = bytes.indexOf(END_OF_TEXT);
        if (end === -1) {
          this.#tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - END_OF_TEXT.length + 1)));
          break;
        }
        this.#inText = false;
        bytes = bytes.subarray(end + END_OF_TEXT.length);
        this.#message();
        continue;
      }
      const lf = bytes.indexOf(LF);
      if (lf === -1) {
        this.#tail = Buffer.from(bytes);
        break;
      }
      this.#command(bytes, lf);
      bytes = bytes.subarray(lf + 1);
    }
    if (this.#answers === "") return;
    const answers = this.#answers;
    this.#answers = "";
    this.#socket.write(answers, "latin1");
  }

  #message(): void {
    this.#taken();
    this.#answers += "250 2.0.0 Ok: queued as 4XkqYz1234\r\n";
  }

  #command(bytes: Buffer, lf: number): void {
    switch (bytes[0]! & 0xdf) {
      case M:
        this.#answers += "250 2.1.0 Ok\r\n";
        break;
      case R:
        this.#answers += "250 2.1.5 Ok\r\n";
        break;
      case D:
        this.#inText = true;
        this.#answers += "354 End data with <CR><LF>.<CR><LF>\r\n";
        break;
      case B:
        this.#chunkLeft = Number.parseInt(bytes.toString("latin1", 5, lf), 10);
        break;
      case E:
        this.#answers += this.#hello;
        break;
      case Q:
        this.#socket.end(`${this.#answers}221 2.0.0 Bye\r\n`);
        this.#answers = "";
        break;
      default:
        this.#answers += "250 2.0.0 Ok\r\n";
    }
  }
}

async function main(): Promise<void> {
  const portAt = process.argv.indexOf("--port");
  const sink = await startDiscardSink({
    port: portAt === -1 ? 0 : Number(process.argv[portAt + 1]),
    chunking: process.argv.includes("--chunking"),
  });
  process.stdout.write(`${JSON.stringify({ port: sink.port })}\n`);
  const lines = createInterface({ input: process.stdin });
  lines.on("line", () => {
    process.stdout.write(`${JSON.stringify({ messages: sink.messages, connections: sink.connections })}\n`);
  });
  lines.on("close", () => sink.close());
}

if (import.meta.main) await main();
