import { isAscii } from "node:buffer";
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import type { Clock, Timer } from "../../kernel/index.ts";
import type { ModeRule } from "../modes.ts";
import {
  asksForSmtputf8,
  announces8bit,
  LAB_SIZE_BYTES,
  type LabEnvelope,
  type PathCommand,
  readMail,
  readRcpt,
} from "./envelope.ts";
import { isAmbiguous, TextReader } from "./text-reader.ts";

/** Who delivered: the address the connection came from, the name of its last EHLO, and TLS as `TLSv1.3 <cipher>`. */
export type SessionPeer = { address: string; helo: string; tls: string | null };

/** What a session needs of the provider it speaks for. */
export type SessionDesk = {
  hostname(): string;
  /** The mode's rule at this moment. */
  rule(): ModeRule;
  /** A refusal at MAIL was given. */
  refused(reply: string): void;
  /** A message ended as the rule says; gives the provider's own id of it. */
  ended(rule: ModeRule, envelope: LabEnvelope, raw: Buffer, peer: SessionPeer): string;
  /** The reply that refuses a recipient; null takes it. */
  recipientReply?(address: string): string | null;
  /** Given: STARTTLS is offered with it (RFC 3207). */
  tls?: SecureContext;
};

const COMMAND_OCTETS = 2_048; // RFC 5321 §4.5.3.1.4 gives 512; the extensions' parameters add to it
const RECIPIENTS = 100; // RFC 5321 §4.5.3.1.8
const ERRORS = 10;
const OFFERS = ["PIPELINING", `SIZE ${LAB_SIZE_BYTES}`, "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"];
const CLOSING_MS = 5_000;
const IDLE_MS = 5 * 60_000; // RFC 5321 §4.5.3.2.7

/**
 * One SMTP dialogue with a lab provider (RFC 5321), written apart from Postern's own door so that a mistake in one
 * does not hide in the other. Stricter than most servers: what a forgiving one swallows is shown here.
 */
class LabSession {
  #socket: Socket;
  readonly #desk: SessionDesk;
  readonly #clock: Clock;
  #input: Buffer = Buffer.alloc(0);
  #reader: TextReader | null = null;
  /** The name of the last EHLO; null before it. */
  #helo: string | null = null;
  #mail: PathCommand | null = null;
  #recipients: PathCommand[] = [];
  #errors = 0;
  #replies: string[] = [];
  /** True while an answer is being waited for (slow) or will never come (hanging): no input is looked at. */
  #waiting = false;
  #ended = false;
  /** Ends a silent session; once it ends, makes sure that it does. */
  #idle: Timer;
  #late: Timer | null = null;

  constructor(socket: Socket, desk: SessionDesk, clock: Clock) {
    this.#socket = socket;
    this.#desk = desk;
    this.#clock = clock;
    this.#idle = clock.after(IDLE_MS, () => this.#timeOut());
  }

  start(): void {
    this.#socket.setNoDelay(true);
    this.#listen(this.#socket);
    this.#reply(`220 ${this.#desk.hostname()} ESMTP Postern lab`);
    this.#flush();
  }

  #listen(socket: Socket): void {
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#ended = true;
      this.#idle.cancel();
      this.#late?.cancel();
    });
  }

  #take(chunk: Buffer): void {
    if (this.#ended) return;
    this.#idle.cancel();
    this.#idle = this.#clock.after(IDLE_MS, () => this.#timeOut());
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    this.#advance();
  }

  #advance(): void {
    while (!this.#waiting && !this.#ended && this.#step());
    this.#flush();
    // Nobody sends this much ahead of an answer; without the bound a waiting session would fill memory.
    if (this.#waiting && this.#input.length > LAB_SIZE_BYTES) this.#socket.destroy();
  }

  /** Does one thing with the input; false when it needs more of it. */
  #step(): boolean {
    if (this.#input.length === 0) return false;
    if (this.#reader !== null) {
      const rest = this.#reader.take(this.#input);
      this.#input = rest ?? Buffer.alloc(0);
      if (rest === null) return false;
      const reader = this.#reader;
      this.#reader = null;
      this.#textEnded(reader);
      return true;
    }
    const lf = this.#input.indexOf(0x0a);
    if (lf === -1 && this.#input.length <= COMMAND_OCTETS) return false;
    if (lf === -1 || lf > COMMAND_OCTETS) return this.#quit("500 5.5.6 Line too long");
    const line = this.#input.toString("utf8", 0, lf + 1);
    this.#input = this.#input.subarray(lf + 1);
    // RFC 5321 §2.3.8: a command ends with CRLF, never with LF alone.
    // oxlint-disable-next-line no-control-regex
    if (!line.endsWith("\r\n") || /[\u0000\r\n]/.test(line.slice(0, -2))) return this.#quit("500 5.5.2 Bad line end");
    return this.#command(line.slice(0, -2));
  }

  #command(line: string): boolean {
    const space = line.indexOf(" ");
    const verb = (space === -1 ? line : line.slice(0, space)).toUpperCase();
    const rest = space === -1 ? "" : line.slice(space + 1);
    switch (verb) {
      case "EHLO":
      case "HELO":
        return this.#hello(verb, rest);
      case "MAIL":
        return this.#mailFrom(rest);
      case "RCPT":
        return this.#rcptTo(rest);
      case "DATA":
        return this.#data(rest);
      case "RSET":
        this.#forgetMessage();
        return this.#reply("250 2.0.0 Ok");
      case "NOOP":
        return this.#reply("250 2.0.0 Ok");
      case "VRFY":
        return this.#reply("252 2.5.0 Send it and see"); // RFC 5321 §3.5.3
      case "QUIT":
        return this.#quit("221 2.0.0 Bye");
      case "STARTTLS":
        return this.#startTls(rest);
      case "AUTH":
      case "BDAT":
      case "EXPN":
      case "HELP":
        return this.#fault("502 5.5.1 Not offered here");
      default:
        // A browser page that posts to this port must not get a second line in.
        if (/ HTTP\/\d/i.test(line)) return this.#quit("500 5.5.2 This is SMTP");
        return this.#fault("500 5.5.2 Unknown command");
    }
  }

  #hello(verb: string, name: string): boolean {
    if (!/^[!-~]{1,255}$/.test(name)) return this.#fault(`501 5.5.4 Syntax: ${verb} name`);
    this.#helo = name;
    this.#forgetMessage();
    if (verb === "HELO") return this.#reply(`250 ${this.#desk.hostname()}`);
    const lines = [this.#desk.hostname(), ...OFFERS, ...(this.#mayStartTls ? ["STARTTLS"] : [])];
    const last = lines.length - 1;
    return this.#reply(lines.map((line, at) => `250${at === last ? " " : "-"}${line}`).join("\r\n")); // RFC 5321 §4.2.1
  }

  get #mayStartTls(): boolean {
    return this.#desk.tls !== undefined && !(this.#socket instanceof TLSSocket);
  }

  #startTls(rest: string): boolean {
    if (!this.#mayStartTls) return this.#fault("502 5.5.1 Not offered here");
    if (rest !== "") return this.#fault("501 5.5.4 Syntax: STARTTLS");
    // What was sent ahead of TLS could have been put there by anyone on the way.
    if (this.#input.length > 0) return this.#quit("501 5.5.4 Nothing may follow STARTTLS");
    this.#reply("220 2.0.0 Ready");
    this.#flush();
    // RFC 3207 §4.2: whatever was learned before TLS is forgotten.
    this.#helo = null;
    this.#forgetMessage();
    this.#socket.removeAllListeners("data");
    this.#socket = new TLSSocket(this.#socket, { isServer: true, secureContext: this.#desk.tls! });
    this.#listen(this.#socket);
    return false;
  }

  #peer(): SessionPeer {
    const socket = this.#socket;
    return {
      address: socket.remoteAddress ?? "",
      helo: this.#helo ?? "",
      tls: socket instanceof TLSSocket ? `${socket.getProtocol()} ${socket.getCipher().name}` : null,
    };
  }

  #mailFrom(rest: string): boolean {
    if (this.#helo === null) return this.#fault("503 5.5.1 Say EHLO first");
    if (this.#mail !== null) return this.#fault("503 5.5.1 A message is already under way");
    const mail = readMail(rest);
    if ("reply" in mail) return this.#fault(mail.reply);
    const refusal = this.#desk.rule().mailReply;
    if (refusal !== null) {
      this.#desk.refused(refusal);
      return this.#reply(refusal);
    }
    this.#mail = mail;
    return this.#reply("250 2.1.0 Ok");
  }

  #rcptTo(rest: string): boolean {
    if (this.#mail === null) return this.#fault("503 5.5.1 MAIL first");
    const rcpt = readRcpt(rest, asksForSmtputf8(this.#mail));
    if ("reply" in rcpt) return this.#fault(rcpt.reply);
    if (this.#recipients.length >= RECIPIENTS) return this.#reply("452 4.5.3 Too many recipients");
    const refusal = this.#desk.recipientReply?.(rcpt.address) ?? null;
    if (refusal !== null) return this.#reply(refusal);
    this.#recipients.push(rcpt);
    return this.#reply("250 2.1.5 Ok");
  }

  #data(rest: string): boolean {
    if (rest !== "") return this.#fault("501 5.5.4 Syntax: DATA");
    if (this.#recipients.length === 0) return this.#fault("503 5.5.1 RCPT first"); // RFC 5321 §4.1.1.4
    this.#reader = new TextReader(LAB_SIZE_BYTES);
    return this.#reply("354 End with <CRLF>.<CRLF>");
  }

  #textEnded(reader: TextReader): void {
    const mail = this.#mail!;
    const recipients = this.#recipients;
    this.#forgetMessage();
    if (reader.tooBig) return void this.#fault("552 5.3.4 Message too big");
    const raw = reader.text();
    if (isAmbiguous(raw)) return void this.#quit("550 5.6.0 The text holds a NUL, or a CR or LF alone");
    if (!announces8bit(mail) && !isAscii(raw))
      return void this.#fault("554 5.6.3 Octets above 127, but neither BODY=8BITMIME nor SMTPUTF8");
    const rule = this.#desk.rule();
    const envelope = {
      returnPath: mail.address,
      parameters: mail.parameters,
      recipients,
      smtputf8: asksForSmtputf8(mail),
    };
    const queueId = this.#desk.ended(rule, envelope, raw, this.#peer());
    if (rule.end.waitMs === 0) return this.#answerText(rule, queueId);
    this.#waiting = true;
    this.#late = this.#clock.after(rule.end.waitMs, () => {
      if (this.#ended) return;
      this.#waiting = false;
      this.#answerText(rule, queueId);
      this.#advance();
    });
  }

  #answerText(rule: ModeRule, queueId: string): void {
    const { reply, closes } = rule.end;
    if (reply !== null) this.#reply(reply.replace("QUEUED", queueId));
    if (closes) this.#end();
    else if (reply === null) this.#waiting = true;
  }

  #forgetMessage(): void {
    this.#mail = null;
    this.#recipients = [];
  }

  #reply(text: string): true {
    this.#replies.push(`${text}\r\n`);
    return true;
  }

  #fault(text: string): boolean {
    this.#errors += 1;
    return this.#errors > ERRORS ? this.#quit("421 4.7.0 Too many errors") : this.#reply(text);
  }

  #quit(text: string): boolean {
    this.#reply(text);
    this.#end();
    return false;
  }

  #timeOut(): void {
    if (!this.#waiting) this.#quit("421 4.4.2 Idle for too long");
    else this.#end();
  }

  #flush(): void {
    if (this.#replies.length === 0 || !this.#socket.writable) return;
    this.#socket.write(this.#replies.join(""));
    this.#replies = [];
  }

  #end(): void {
    this.#flush();
    this.#ended = true;
    this.#socket.end();
    this.#idle.cancel();
    this.#idle = this.#clock.after(CLOSING_MS, () => this.#socket.destroy());
  }
}

/** Speaks SMTP on a new connection until one side ends it. */
export function speakSmtp(socket: Socket, desk: SessionDesk, clock: Clock): void {
  new LabSession(socket, desk, clock).start();
}
