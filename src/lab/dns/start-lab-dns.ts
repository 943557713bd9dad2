import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { type Address, isLoopback } from "../../config/index.ts";
import { answerTo } from "./answer.ts";
import { LabZone } from "./zone.ts";

/** The lab's nameserver at work. */
export type LabDns = { address: Address; zone: LabZone; stop(): Promise<void> };

const TCP_CONNECTIONS = 100;
const TCP_IDLE_MS = 10_000;
/** A free UDP port whose TCP twin is taken is rare; ten in a row are a fault. */
const PORT_TRIES = 10;

/**
 * A nameserver on loopback for the lab: it answers for every name there is, out of one zone in memory, and calls answers
 * authentic where the zone says so. It stands in for the internet's nameservers and for a validating resolver at once.
 * Standards: RFC 1035, RFC 6891 (payload size and DO only), RFC 7766 (TCP). It refers nobody anywhere and signs nothing.
 */
export async function startLabDns({ host = "127.0.0.1", port = 0 }: Partial<Address> = {}): Promise<LabDns> {
  if (!isLoopback(host)) throw new Error(`the lab's nameserver must listen on loopback, not on ${host}`);
  const zone = new LabZone();
  const connections = new Set<Socket>();
  const { udp, tcp } = await listenOnBoth(host, port);
  udp.on("error", () => {}); // an answer nobody waits for any more
  udp.on("message", (query, from) => {
    const response = answerTo(query, zone, "udp");
    if (response !== null) udp.send(response, from.port, from.address, () => {});
  });
  tcp.maxConnections = TCP_CONNECTIONS;
  tcp.on("connection", (socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    answerOver(socket, zone);
  });
  return {
    address: { host, port: udp.address().port },
    zone,
    async stop() {
      const closed = [once(udp, "close"), once(tcp, "close")];
      udp.close();
      tcp.close();
      for (const socket of connections) socket.destroy();
      await Promise.all(closed);
    },
  };
}

/** UDP and TCP on one port, as resolvers expect it. */
async function listenOnBoth(host: string, port: number): Promise<{ udp: UdpSocket; tcp: Server }> {
  for (let tries = 1; ; tries += 1) {
    const udp = createSocket(host.includes(":") ? "udp6" : "udp4");
    const tcp = createServer();
    try {
      udp.bind(port, host);
      await once(udp, "listening");
      tcp.listen(udp.address().port, host);
      await once(tcp, "listening");
      return { udp, tcp };
    } catch (error) {
      udp.close();
      if (port !== 0 || tries === PORT_TRIES) throw error;
    }
  }
}

/** RFC 7766 §8: each message after its length in two octets; any number of them on one connection. */
function answerOver(socket: Socket, zone: LabZone): void {
  let input = Buffer.alloc(0);
  socket.setTimeout(TCP_IDLE_MS, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    input = Buffer.concat([input, chunk]);
    while (input.length >= 2 && input.length >= 2 + input.readUInt16BE(0)) {
      const end = 2 + input.readUInt16BE(0);
      const response = answerTo(input.subarray(2, end), zone, "tcp");
      input = input.subarray(end);
      if (response === null) continue;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(response.length);
      socket.write(Buffer.concat([length, response]));
    }
  });
}
