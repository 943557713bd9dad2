import { createServer as createHttpServer } from "node:http";
import { type Server, createServer } from "node:net";
import { type AdapterKind, RECIPIENT } from "./kinds.ts";

/**
 * The far end of one adapter, in a process of its own: takes everything, answers at once with the vendor's yes, or keeps
 * its answers until it is told to let go. Told by IPC: "hold", "release"; tells { port }, then { holding } while it holds.
 *
 * `node bench/adapters/null-peer.ts KIND`
 */
export type PeerSays = { port: number } | { holding: number };

const id = "0123456789abcdef0123456789abcdef";
const json = (body: unknown): [status: number, headers: Record<string, string>, body: string] => [
  200,
  { "content-type": "application/json" },
  JSON.stringify(body),
];
const YES: Record<Exclude<AdapterKind, "smtp">, ReturnType<typeof json>> = {
  mandrill: json([{ email: RECIPIENT, status: "sent", _id: id, reject_reason: null }]),
  sendgrid: [202, { "x-message-id": id }, ""],
  postmark: json({ To: RECIPIENT, SubmittedAt: "2026-03-01T09:30:00Z", MessageID: id, ErrorCode: 0, Message: "OK" }),
  mailgun: json({ id: `<${id}@account.acme.example>`, message: "Queued. Thank you." }),
  resend: json({ id }),
  ses: json({ MessageId: id }),
};

const say = (what: PeerSays): void => void process.send?.(what);
let held: (() => void)[] | null = null;
function answer(now: () => void): void {
  if (!held) return now();
  held.push(now);
  say({ holding: held.length });
}

function httpPeer([status, headers, body]: ReturnType<typeof json>): Server {
  return createHttpServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume().on("end", () => answer(() => response.writeHead(status, headers).end(body)));
  });
}

/** As much of RFC 5321 as a client needs that does nothing wrong. */
function smtpPeer(): Server {
  return createServer((socket) => {
    let text = "";
    let inMessage = false;
    socket.setNoDelay(true).on("error", () => {});
    socket.write("220 peer.test\r\n");
    socket.on("data", (piece) => {
      text += piece.toString("latin1");
      for (;;) {
        const end = inMessage ? "\r\n.\r\n" : "\r\n";
        const at = text.indexOf(end);
        if (at === -1) return;
        const line = text.slice(0, at).toUpperCase();
        text = text.slice(at + end.length);
        if (inMessage) {
          inMessage = false;
          answer(() => socket.write(`250 2.0.0 Ok: queued as ${id}\r\n`));
        } else if (line.startsWith("EHLO")) socket.write("250-peer.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
        else if (line === "DATA") {
          inMessage = true;
          socket.write("354 go on\r\n");
        } else if (line === "QUIT") socket.end("221 bye\r\n");
        else socket.write("250 2.1.0 Ok\r\n");
      }
    });
  });
}

if (process.send) {
  const kind = process.argv[2] as AdapterKind;
  const server = kind === "smtp" ? smtpPeer() : httpPeer(YES[kind]);
  // All connections of the measurement of memory come at once.
  server.listen({ host: "127.0.0.1", port: 0, backlog: 2_048 }, () => {
    const address = server.address();
    if (address && typeof address === "object") say({ port: address.port });
  });
  process.on("message", (what) => {
    if (what === "hold") held = [];
    else {
      const waiting = held ?? [];
      held = null;
      for (const now of waiting) now();
    }
  });
  process.on("disconnect", () => process.exit(0));
}
