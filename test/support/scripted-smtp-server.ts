import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import path from "node:path";
import { createServer as createTlsServer, type TlsOptions, TLSSocket } from "node:tls";

/** What the server does when something was asked: octets to send as they are, and then perhaps the end. */
export type Act = { say: string | Buffer; after?: Then } | Exclude<Then, "go-on">;
/** hang: reads on, answers nothing more. stall: does not even read. */
export type Then = "go-on" | "close" | "reset" | "hang" | "stall";

/** A line as an answer. */
export const line = (text: string, after: Then = "go-on"): Act => ({ say: `${text}\r\n`, after });

export type ScriptedMessage = { mail: string; recipients: string[]; raw: Buffer };

/** What a server says at each point. Everything left out is what a friendly server says. */
export type Script = {
  greeting: Act;
  /** Extensions, one a line; also those after STARTTLS unless `securedOffers` is given. */
  offers: readonly string[];
  securedOffers?: readonly string[];
  ehlo?: Act;
  starttls: Act;
  auth: (command: string) => Act;
  mail: (command: string) => Act;
  rcpt: (command: string) => Act;
  data: (recipients: readonly string[]) => Act;
  /** After the text, by DATA or BDAT. */
  text: (message: ScriptedMessage, count: number) => Act;
  rset: Act;
  /** Asked for each piece of a text whose end has not come, with the octets so far. */
  during?: (octets: number) => Act | null;
};

const FRIENDLY: Script = {
  greeting: line("220 twin.example ESMTP"),
  offers: ["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE 10000000", "ENHANCEDSTATUSCODES"],
  starttls: line("220 2.0.0 Go ahead"),
  auth: () => line("235 2.7.0 Welcome"),
  mail: () => line("250 2.1.0 Ok"),
  rcpt: () => line("250 2.1.5 Ok"),
  data: (recipients) => line(recipients.length > 0 ? "354 Go ahead" : "554 5.5.1 No valid recipients"),
  text: (_message, count) => line(`250 2.0.0 Ok: queued as Q${count}`),
  rset: line("250 2.0.0 Ok"),
};

export type ScriptedServer = {
  port: number;
  /** Messages whose end was seen, whatever was answered. */
  messages: ScriptedMessage[];
  /** Every command line, AUTH included, in the order of arrival; the server's own parsing, not the client's. */
  commands: string[];
  connections: number;
  /** Connections open now. */
  open(): number;
  /** Closes what is open; the server goes on listening. */
  dropAll(): void;
  close(): Promise<void>;
};

export const TLS_FOLDER = path.join(import.meta.dirname, "tls");
export const certFile = path.join(TLS_FOLDER, "cert.pem");
const pem = () => ({ cert: readFileSync(certFile), key: readFileSync(path.join(TLS_FOLDER, "key.pem")) });

/** A real server on a real socket that follows a script; for what a client must do with what servers say. */
export async function startScriptedServer(
  script: Partial<Script> = {},
  options: { implicitTls?: boolean; host?: string; port?: number; tls?: TlsOptions } = {},
): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const seen = { messages: [] as ScriptedMessage[], commands: [] as string[], connections: 0 };
  const greet = (socket: Socket) => {
    seen.connections += 1;
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    new Session(socket, { ...FRIENDLY, ...script }, seen, { ...pem(), ...options.tls }).start();
  };
  const server = options.implicitTls ? createTlsServer({ ...pem(), ...options.tls }, greet) : createServer(greet);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve));
  const address = server.address();
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === "object" && address ? address.port : 0,
    messages: seen.messages,
    commands: seen.commands,
    get connections() {
      return seen.connections;
    },
    open: () => sockets.size,
    dropAll,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      dropAll();
      await closed;
    },
  };
}

type Seen = { messages: ScriptedMessage[]; commands: string[]; connections: number };
const END_OF_TEXT = Buffer.from("\r\n.\r\n");

class Session {
  #socket: Socket;
  readonly #script: Script;
  readonly #seen: Seen;
  readonly #tls: TlsOptions;
  #input: Buffer = Buffer.alloc(0);
  #mail = "";
  #recipients: string[] = [];
  #inText = false;
  #chunkOctets = -1;
  #loginSteps = 0;
  #secured = false;
  #deaf = false;

  constructor(socket: Socket, script: Script, seen: Seen, tls: TlsOptions) {
    this.#tls = tls;
    this.#script = script;
    this.#seen = seen;
    this.#socket = this.#wire(socket);
  }

  start(): void {
    this.#act(this.#script.greeting);
  }

  #wire(socket: Socket): Socket {
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => socket.destroy());
    return socket;
  }

  #take(chunk: Buffer): void {
    if (this.#deaf) return;
    this.#input = Buffer.concat([this.#input, chunk]);
    while (!this.#deaf && this.#step());
  }

  #step(): boolean {
    if (this.#chunkOctets >= 0) {
      if (this.#input.length < this.#chunkOctets) return false;
      const raw = this.#cut(this.#chunkOctets);
      this.#chunkOctets = -1;
      this.#textEnded(raw);
      return true;
    }
    if (this.#inText) {
      // The dot may be all there is: then the CRLF before it is that of the DATA command.
      const whole = Buffer.concat([Buffer.from("\r\n"), this.#input]);
      const end = whole.indexOf(END_OF_TEXT);
      if (end === -1) {
        const act = this.#script.during?.(this.#input.length) ?? null;
        if (act !== null) this.#act(act);
        return false;
      }
      const stuffed = this.#cut(end);
      this.#cut(END_OF_TEXT.length - 2);
      this.#inText = false;
      this.#textEnded(Buffer.from(stuffed.toString("latin1").replace(/^\./gm, ""), "latin1"));
      return true;
    }
    const end = this.#input.indexOf("\r\n");
    if (end === -1) return false;
    const command = this.#cut(end).toString("utf8");
    this.#cut(2);
    this.#command(command);
    return true;
  }

  #cut(octets: number): Buffer {
    const head = this.#input.subarray(0, octets);
    this.#input = this.#input.subarray(octets);
    return head;
  }

  #command(command: string): void {
    this.#seen.commands.push(command);
    const script = this.#script;
    if (this.#loginSteps > 0) return this.#loginStep(command);
    const verb = command.split(/[ :]/)[0]!.toUpperCase();
    switch (verb) {
      case "EHLO": {
        const offers = this.#secured ? (script.securedOffers ?? script.offers) : script.offers;
        return this.#act(script.ehlo ?? { say: ["twin.example", ...offers].map(asReplyLine).join("") });
      }
      case "HELO":
        return this.#act(line("250 twin.example"));
      case "STARTTLS":
        return this.#startTls();
      case "AUTH":
        if (command.toUpperCase() === "AUTH LOGIN") {
          this.#loginSteps = 2;
          return this.#act(line("334 VXNlcm5hbWU6"));
        }
        return this.#act(script.auth(command));
      case "MAIL":
        this.#mail = command;
        this.#recipients = [];
        return this.#act(script.mail(command));
      case "RCPT": {
        const act = script.rcpt(command);
        if (typeof act === "object" && act.say.toString().startsWith("2")) this.#recipients.push(command);
        return this.#act(act);
      }
      case "DATA": {
        const act = script.data(this.#recipients);
        this.#inText = typeof act === "object" && act.say.toString().startsWith("3");
        return this.#act(act);
      }
      case "BDAT":
        this.#chunkOctets = Number(command.split(" ")[1]);
        return;
      case "RSET":
        return this.#act(script.rset);
      case "QUIT":
        return this.#act(line("221 2.0.0 Bye", "close"));
      default:
        return this.#act(line("500 5.5.1 What?"));
    }
  }

  #loginStep(response: string): void {
    this.#loginSteps -= 1;
    if (this.#loginSteps > 0) this.#act(line("334 UGFzc3dvcmQ6"));
    else this.#act(this.#script.auth(response));
  }

  #startTls(): void {
    const act = this.#script.starttls;
    this.#act(act);
    if (typeof act !== "object" || !act.say.toString().startsWith("220")) return;
    const plain = this.#socket;
    plain.removeAllListeners("data");
    this.#secured = true;
    this.#socket = this.#wire(new TLSSocket(plain, { isServer: true, ...this.#tls }));
  }

  #textEnded(raw: Buffer): void {
    const message = { mail: this.#mail, recipients: this.#recipients, raw: Buffer.from(raw) };
    this.#seen.messages.push(message);
    this.#act(this.#script.text(message, this.#seen.messages.length));
  }

  #act(act: Act): void {
    const after = typeof act === "object" ? (act.after ?? "go-on") : act;
    this.#deaf = after !== "go-on";
    if (typeof act === "object") this.#socket.write(act.say);
    if (after === "stall") this.#socket.pause();
    if (after === "close") this.#socket.end();
    if (after === "reset") this.#socket.resetAndDestroy();
  }
}

const asReplyLine = (text: string, at: number, all: readonly string[]): string =>
  `250${at === all.length - 1 ? " " : "-"}${text}\r\n`;
