import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type ServerOptions } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

const read = (name: string): string => readFileSync(path.join(import.meta.dirname, "tls", name), "utf8");
/** For localhost, 127.0.0.1 and ::1; its own issuer. */
export const TEST_CERTIFICATE = read("cert.pem");
const TEST_KEY = read("key.pem");

export type Received = { path: string; headers: IncomingMessage["headers"]; body: Buffer };
export type Receiver = {
  port: number;
  url: string;
  /** Every request whose body has arrived. */
  received: Received[];
  /** TCP connections taken so far. */
  connections: number;
  stop(): Promise<void>;
};

/** A real HTTPS server on loopback; `answer` is called once a request is complete. */
export async function startReceiver(
  answer: (received: Received, response: ServerResponse) => void = (_, response) => response.writeHead(204).end(),
  options: ServerOptions = {},
): Promise<Receiver> {
  const server = createServer({ cert: TEST_CERTIFICATE, key: TEST_KEY, ...options }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const received = { path: request.url!, headers: request.headers, body: Buffer.concat(chunks) };
      receiver.received.push(received);
      answer(received, response);
    });
  });
  server.on("connection", () => (receiver.connections += 1));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    port,
    url: `https://localhost:${port}/hook`,
    received: [],
    connections: 0,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return receiver;
}
