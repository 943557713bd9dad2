import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { type TLSSocket, connect as connectTls } from "node:tls";
import { newSession } from "./smtp-session.ts";
import type { SmtpDoorParts } from "../../src/accept/index.ts";

/** A client's end of a connection to the SMTP door: sends what it is told, reads line by line, judges nothing. */
export type SmtpLine = {
  send(octets: Buffer | string): void;
  /** The next line without CR LF; null once the server has closed. */
  line(): Promise<string | null>;
  /** TLS from here on. */
  secure(): Promise<void>;
  /** Ends the client's side only. */
  end(): void;
  destroy(): void;
};

/** A real connection. `implicitTls`: secure from the start. */
export async function socketLine(port: number, implicitTls = false): Promise<SmtpLine> {
  let socket: Socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  const lines = lineQueue();
  await once(socket, "connect");
  const listen = (to: Socket): void => {
    to.on("data", (piece: Buffer) => lines.add(piece.toString("latin1")));
    to.on("end", lines.close);
    to.on("close", lines.close);
    to.on("error", lines.close);
  };
  const secure = async (): Promise<void> => {
    socket.removeAllListeners("data");
    const over: TLSSocket = connectTls({ socket, servername: "localhost", rejectUnauthorized: false });
    socket = over;
    listen(over);
    await once(over, "secureConnect");
  };
  if (implicitTls) await secure();
  else listen(socket);
  return {
    send: (octets) => void socket.write(octets),
    line: lines.next,
    secure,
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}

/** The session alone, for a client that is not on this machine. */
export function directLine(parts: SmtpDoorParts, remoteAddress: string): SmtpLine {
  const lines = lineQueue();
  const { session } = newSession(parts, { remoteAddress }, { text: lines.add, closed: lines.close });
  session.open();
  return {
    send: (octets) => session.receive(Buffer.from(octets)),
    line: lines.next,
    secure: async () => session.secured(),
    end: () => session.clientEnded(),
    destroy: () => session.gone(),
  };
}

function lineQueue() {
  let text = "";
  let closed = false;
  let wake = (): void => {};
  return {
    add(more: string): void {
      text += more;
      wake();
    },
    close(): void {
      closed = true;
      wake();
    },
    async next(): Promise<string | null> {
      for (;;) {
        const end = text.indexOf("\r\n");
        if (end !== -1) {
          const line = text.slice(0, end);
          text = text.slice(end + 2);
          return line;
        }
        if (closed) return text === "" ? null : `unfinished: ${text}`;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
