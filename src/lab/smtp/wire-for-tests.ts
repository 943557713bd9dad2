import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** The other end of a dialogue, for tests: what is said is written as it is, what comes back is read reply by reply. */
export type Wire = {
  /** The next whole reply, lines joined by `|`. */
  reply(): Promise<string>;
  /** Writes `line` and CRLF, gives the reply. */
  say(line: string): Promise<string>;
  write(octets: string | Buffer): void;
  /** All that is still said until the other side closes. */
  rest(): Promise<string>;
  socket: Socket;
};

export async function dial(port: number): Promise<Wire> {
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  let ended = false;
  let wake = () => {};
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    heard += text;
    wake();
  });
  for (const event of ["end", "close", "error"]) {
    socket.on(event, () => {
      ended = true;
      wake();
    });
  }
  await once(socket, "connect");
  const more = () => new Promise<void>((resolve) => (wake = resolve));
  const wire: Wire = {
    socket,
    async reply() {
      for (;;) {
        const whole = /^(?:\d{3}-[^\r]*\r\n)*\d{3}(?: [^\r]*)?\r\n/.exec(heard)?.[0];
        if (whole !== undefined) {
          heard = heard.slice(whole.length);
          return whole.trimEnd().replaceAll("\r\n", "|");
        }
        if (ended) throw new Error(`closed, after: ${JSON.stringify(heard)}`);
        await more();
      }
    },
    say(line) {
      wire.write(`${line}\r\n`);
      return wire.reply();
    },
    write: (octets) => void socket.write(octets),
    async rest() {
      while (!ended) await more();
      socket.destroy();
      return heard;
    },
  };
  return wire;
}

/** As `dial`, past the greeting and EHLO. */
export async function greeted(port: number): Promise<Wire> {
  const wire = await dial(port);
  await wire.reply();
  await wire.say("EHLO client.test");
  return wire;
}

/** One message as nearly every client sends it; gives the reply to the last command that was answered. */
export async function send(wire: Wire, text: string, recipient = "mara@example.com"): Promise<string> {
  const mail = await wire.say("MAIL FROM:<hello@lab.test>");
  if (!mail.startsWith("250")) return mail;
  await wire.say(`RCPT TO:<${recipient}>`);
  await wire.say("DATA");
  return wire.say(`${text}\r\n.`);
}
