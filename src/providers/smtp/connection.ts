import { connect, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, createSecureContext, TLSSocket } from "node:tls";
import type { SmtpProviderSettings } from "../../config/index.ts";
import { type Clock, unreachable } from "../../kernel/index.ts";
import { NO_CAPABILITIES } from "./capabilities.ts";
import { type Loss, type LossCause, lossOfError, type Stand } from "../losses.ts";
import type { ReadAnswer } from "./outcomes.ts";
import { type Reply, ReplyReader } from "./replies.ts";

/** Who is told what happens on a connection: the dialogue that runs on it at this moment. */
export type Listener = { onReply(reply: Reply): void; onLost(loss: Loss): void };

/** A whole reply, most of the time, in one read; a longer one takes two. */
const READ_OCTETS = 4 * 1024;

/**
 * One connection to a provider: octets out, replies in, one deadline. It knows nothing of mail.
 * Invariants: a listener hears of the end exactly once; a reply nobody waits for ends the connection, because from
 * then on an answer could be taken for the answer to something else.
 * Callbacks instead of a promise per command, and a deadline that one timer of the pool looks at (`checkDeadline`)
 * instead of a timer per command: together half of what a message costs here.
 */
export class Connection {
  capabilities = NO_CAPABILITIES;
  /** Transactions begun on it. */
  messages = 0;
  /** When it was given back last; null: it is used for the first time. */
  idleSinceMs: number | null = null;
  readonly #clock: Clock;
  readonly #onGone: (connection: Connection) => void;
  readonly #checkPeer: Target["checkPeer"];
  readonly #reader = new ReplyReader();
  #socket: Socket;
  #stand: Stand = "connecting";
  #listener: Listener | null = null;
  #onOpen: ((loss: Loss | null) => void) | null = null;
  #deadlineAtMs = Number.POSITIVE_INFINITY;
  #replyMs = 0;
  /** The greeting, when it came before it was asked for: under TLS it can come with the end of the handshake. */
  #early: Reply | null = null;
  #mayGreet = true;
  #loss: Loss | null = null;

  /** @param onGone called once when it ends, before its listener hears of it. */
  constructor(target: Target, clock: Clock, onGone: (connection: Connection) => void) {
    this.#clock = clock;
    this.#onGone = onGone;
    this.#checkPeer = target.checkPeer;
    this.#socket = this.#dial(target);
  }

  get loss(): Loss | null {
    return this.#loss;
  }

  get secured(): boolean {
    return this.#socket instanceof TLSSocket;
  }

  get isLoopback(): boolean {
    const address = this.#socket.remoteAddress ?? "";
    return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
  }

  /** More octets came than were asked for. */
  get hasUnread(): boolean {
    return this.#reader.hasUnread;
  }

  /** Resolves when the connection stands (with TLS where it begins with TLS), or with why it does not. */
  opened(timeoutMs: number): Promise<Loss | null> {
    if (this.#loss) return Promise.resolve(this.#loss);
    this.#allow(timeoutMs);
    return new Promise((resolve) => (this.#onOpen = resolve));
  }

  /** The TLS handshake after a STARTTLS that was answered with 220. */
  secure(target: Target, timeoutMs: number): Promise<Loss | null> {
    // RFC 3207 §4.2 and CVE-2011-0411: what came in clear after the answer must not be read as if it came under TLS.
    if (this.hasUnread) this.end("protocol-error", "Octets followed the answer to STARTTLS.");
    if (this.#loss) return Promise.resolve(this.#loss);
    this.#stand = "securing";
    this.#socket = this.#wire(connectTls({ ...target.tlsOptions, socket: this.#socket }), "secureConnect");
    return this.opened(timeoutMs);
  }

  /** From now on `listener` hears of replies and of the end. Null: nothing is awaited. */
  listen(listener: Listener | null): void {
    this.#listener = listener;
    if (listener === null) this.#deadlineAtMs = Number.POSITIVE_INFINITY;
  }

  /** Sends; each reply must follow within `replyMs` of this or of the reply before it. Latin-1 unless told otherwise. */
  send(data: string | Buffer, replyMs: number, encoding: "latin1" | "utf8" = "latin1", sent?: () => void): void {
    this.#allow(replyMs);
    if (typeof data === "string") this.#socket.write(data, encoding, sent);
    else this.#socket.write(data, sent);
  }

  /** One command (null: none, as for the greeting) and its reply; for dialogues that do not need to be fast. */
  ask(command: string | null, timeoutMs: number): Promise<Reply | Loss> {
    const known = this.#loss ?? this.#early;
    this.#mayGreet = false;
    this.#early = null;
    if (known) return Promise.resolve(known);
    return new Promise((resolve) => {
      const onReply = (reply: Reply) => {
        this.listen(null);
        resolve(reply);
      };
      this.listen({ onReply, onLost: resolve });
      if (command === null) this.#allow(timeoutMs);
      else this.send(command, timeoutMs);
    });
  }

  checkDeadline(nowMs: number): void {
    if (nowMs < this.#deadlineAtMs) return;
    this.end(this.#stand === "talking" ? "reply-timeout" : "connect-timeout", "No answer in time.");
  }

  end(cause: LossCause, diagnostic?: string): void {
    this.#lose(diagnostic === undefined ? { cause } : { cause, diagnostic });
  }

  #allow(ms: number): void {
    this.#replyMs = ms;
    this.#deadlineAtMs = this.#clock.monotonicMs() + ms;
  }

  #dial({ settings, tlsOptions }: Target): Socket {
    const { host, port } = settings;
    switch (settings.tls) {
      case "implicit":
        this.#stand = "securing";
        return this.#wire(connectTls({ ...tlsOptions, host, port }), "secureConnect");
      case "starttls":
        return this.#wire(connect({ host, port }), "connect");
      case "none":
        return this.#wire(connect({ host, port, onread: this.#ownBuffer() }), "connect");
      default:
        return unreachable(settings.tls);
    }
  }

  /** Reads into one buffer instead of a new one each time. Not under TLS: Node has it for plain sockets only. */
  #ownBuffer() {
    const buffer = Buffer.allocUnsafeSlow(READ_OCTETS);
    return {
      buffer,
      callback: (octets: number): boolean => {
        this.#take(buffer.subarray(0, octets));
        return true;
      },
    };
  }

  /** Below TLS the plain socket lives on; what it still tells is the business of the TLS socket. */
  #wire(socket: Socket, openEvent: "connect" | "secureConnect"): Socket {
    const ifCurrent =
      <Args extends unknown[]>(task: (...args: Args) => void) =>
      (...args: Args) => {
        if (this.#socket === socket) task(...args);
      };
    const closed = () => this.end("connection-lost", "The server closed the connection.");
    socket.setNoDelay(true);
    socket.once(
      openEvent,
      ifCurrent(() => this.#open()),
    );
    socket.on(
      "data",
      ifCurrent((chunk: Buffer) => this.#take(chunk)),
    );
    socket.on("end", ifCurrent(closed));
    socket.on("close", ifCurrent(closed));
    socket.on(
      "error",
      ifCurrent((error: Error) => {
        const isSecuring = this.#stand === "securing";
        const refused = isSecuring && socket instanceof TLSSocket && Boolean(socket.authorizationError);
        this.#lose(lossOfError(error, this.#stand, refused));
      }),
    );
    return socket;
  }

  #open(): void {
    const stranger = this.#socket instanceof TLSSocket ? (this.#checkPeer?.(this.#socket) ?? null) : null;
    if (stranger) return this.#lose(stranger);
    this.#stand = "talking";
    this.#deadlineAtMs = Number.POSITIVE_INFINITY;
    const onOpen = this.#onOpen;
    this.#onOpen = null;
    onOpen?.(null);
  }

  #take(chunk: Buffer): void {
    if (this.#loss) return;
    const fault = this.#reader.read(chunk, this.#deliver);
    if (fault && !this.#loss) this.end("protocol-error", `The server's reply is ${fault}.`);
  }

  readonly #deliver = (reply: Reply): boolean => {
    const listener = this.#listener;
    if (listener) {
      this.#deadlineAtMs = this.#clock.monotonicMs() + this.#replyMs;
      listener.onReply(reply);
    } else if (this.#mayGreet) {
      this.#mayGreet = false;
      this.#early = reply;
    } else {
      // Often `421 idle too long`, before the close; either way the connection is of no use any more.
      this.end("connection-lost", `Unasked: ${reply.code}`);
    }
    return this.#loss === null;
  };

  #lose(loss: Loss): void {
    if (this.#loss) return;
    this.#loss = loss;
    this.#deadlineAtMs = Number.POSITIVE_INFINITY;
    this.#socket.destroy();
    const listener = this.#listener;
    const onOpen = this.#onOpen;
    this.#listener = null;
    this.#onOpen = null;
    this.#onGone(this);
    onOpen?.(loss);
    listener?.onLost(loss);
  }
}

/** Where to connect, and how to be sure who is there. */
export type Target = {
  settings: SmtpProviderSettings;
  tlsOptions: ConnectionOptions;
  /** Looks at who is there once TLS stands; what it gives ends the connection before a word is said over it. */
  checkPeer?: (peer: TLSSocket) => Loss | null;
  /** Left out: as a provider's answers are read. */
  read?: ReadAnswer;
};

/** RFC 8314 §4: TLS 1.2 or newer, the certificate checked against the name that was asked for. */
export function tlsOptionsOf(settings: SmtpProviderSettings, ca: Buffer | null): ConnectionOptions {
  return {
    host: settings.host, // what the certificate must name, by STARTTLS too
    ...(isIP(settings.host) === 0 ? { servername: settings.host } : {}), // RFC 6066 §3: no addresses
    rejectUnauthorized: settings.verifyCertificate,
    // Once for all connections: reading the roots takes longer than a handshake.
    secureContext: createSecureContext({ minVersion: "TLSv1.2", ...(ca === null ? {} : { ca }) }),
  };
}
