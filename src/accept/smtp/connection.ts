import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { causeText } from "../../kernel/index.ts";
import type { Certificate } from "./certificate.ts";
import type { DoorFacts } from "./dialog.ts";
import { type Client, Session } from "./session.ts";
import type { Wire } from "./wire.ts";

export type Connection = { session: Session; destroy(): void };

/** Joins a socket and a session; the socket may become a TLS one on the way. */
export function connect(
  socket: Socket,
  facts: DoorFacts,
  certificate: Certificate | null,
  client: Client,
  onClosed: (connection: Connection) => void,
): Connection {
  let current: Socket = socket;
  const wire: Wire = {
    write: (text) => current.write(text, "latin1"),
    end: (text) => void current.end(text, "latin1"),
    destroy: () => void current.destroy(),
    pause: () => void current.pause(),
    resume: () => void current.resume(),
    startTls() {
      socket.removeAllListeners("data");
      socket.removeAllListeners("end");
      socket.removeAllListeners("drain");
      current = secureSocket(socket, certificate!, (error) => {
        facts.parts.log.info("smtp.tls-failed", { cause: causeText(error), remoteAddress: client.remoteAddress });
      });
      current.once("secure", () => {
        if (client.secure) session.open();
        else session.secured();
      });
      listen(current);
    },
  };
  const session = new Session(facts, wire, client);
  const connection: Connection = { session, destroy: wire.destroy };

  function listen(to: Socket): void {
    to.on("data", (piece) => session.receive(piece));
    to.on("drain", () => session.drained());
    to.on("end", () => session.clientEnded());
    to.on("error", () => to.destroy());
  }

  socket.once("close", () => {
    session.gone();
    onClosed(connection);
  });
  if (client.secure) {
    socket.on("error", () => socket.destroy());
    wire.startTls();
  } else {
    listen(socket);
    session.open();
  }
  return connection;
}

function secureSocket(socket: Socket, certificate: Certificate, onFault: (error: Error) => void): TLSSocket {
  const secure = new TLSSocket(socket, { isServer: true, secureContext: certificate.context() });
  // A handshake that fails says so here, and only once TLS stands by "error".
  secure.on("_tlsError", (error: Error) => {
    onFault(error);
    secure.destroy();
  });
  secure.once("close", () => socket.destroy());
  return secure;
}
