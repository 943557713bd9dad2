import type { Outcome } from "../../mail/index.ts";
import type { Handoff } from "../provider.ts";
import { beyondServer, commandsFor } from "./commands.ts";
import type { Connection, Listener } from "./connection.ts";
import { deferredBy, indeterminateBy, type Loss } from "../losses.ts";
import { outcomeOf, type ReadAnswer, type Stage } from "./outcomes.ts";
import type { Reply } from "./replies.ts";
import { chunkText, couldEndElsewhere, dataText } from "./text.ts";

export type DialogueTimes = { replyTimeoutMs: number; dataEndTimeoutMs: number };

/** How a dialogue ended: one outcome per recipient, and what the connection is good for. */
export type Ending = {
  outcomes: Outcome[];
  /** reset: RSET must come before the next message (RFC 5321 §4.1.1.5). lost: it is ended. */
  connection: "ready" | "reset" | "lost";
  /** The server was gone before it answered anything: nothing was tried yet, as far as this message goes. */
  unheard: boolean;
};

/**
 * One message over one connection (RFC 5321 §3.3, RFC 2920, RFC 3030).
 * 1. MAIL, RCPT…, DATA: in one write where the server takes PIPELINING, else one by one.
 * 2. When a recipient was accepted: the text and its end.  3. The answer to that is the outcome of those recipients.
 * Invariants: once the write that holds the end of the text was called, a missing or unreadable answer is `indeterminate`;
 * before that it is `deferred`, never the other way round. The text goes out only when every command before it is answered
 * and nothing else was received, so that an answer sent ahead cannot be taken for the answer to the text.
 */
export class Dialogue implements Listener {
  readonly #connection: Connection;
  readonly #handoff: Handoff;
  readonly #times: DialogueTimes;
  readonly #done: (ending: Ending) => void;
  readonly #read: ReadAnswer;
  readonly #outcomes: (Outcome | undefined)[];
  #commands: string[] = [];
  #answered = 0;
  #accepted = 0;
  #mailRefused = false;
  #dataRefusal: Outcome | null = null;
  #mayWrite = false;
  #phase: "commands" | "writing" | "ended-text" | "empty-text" = "commands";

  /** @param done called exactly once. @throws UnsafeEnvelope from `start`, before anything was sent. */
  constructor(
    connection: Connection,
    handoff: Handoff,
    times: DialogueTimes,
    done: (ending: Ending) => void,
    read: ReadAnswer = outcomeOf,
  ) {
    this.#connection = connection;
    this.#handoff = handoff;
    this.#times = times;
    this.#done = done;
    this.#read = read;
    this.#outcomes = Array.from({ length: handoff.envelope.recipients.length });
  }

  start(): void {
    const { envelope, raw } = this.#handoff;
    const { capabilities } = this.#connection;
    const refusal = couldEndElsewhere(raw) ? UNSAFE_TEXT : beyondServer(envelope, capabilities, raw.length);
    if (refusal) return this.#end("ready", refusal);
    this.#commands = commandsFor(envelope, capabilities, raw.length);
    this.#connection.messages += 1;
    this.#connection.listen(this);
    this.#sendCommands(capabilities.pipelining ? this.#commands.join("") : this.#commands[0]!);
  }

  onReply(reply: Reply): void {
    if (this.#phase === "commands") this.#commandAnswered(reply);
    else if (this.#phase === "empty-text") this.#end(reply.code === 421 ? "lost" : "ready");
    else if (this.#phase === "ended-text") this.#textAnswered(reply);
    else this.#answeredTooEarly(reply);
  }

  onLost(loss: Loss): void {
    const outcome = this.#phase === "ended-text" ? indeterminateBy(loss) : deferredBy(loss);
    this.#end("lost", outcome, this.#answered === 0 && loss.cause === "connection-lost");
  }

  #sendCommands(text: string): void {
    const encoding = this.#handoff.envelope.needsSmtputf8 ? "utf8" : "latin1";
    this.#connection.send(text, this.#times.replyTimeoutMs, encoding);
  }

  #commandAnswered(reply: Reply): void {
    const n = this.#answered;
    this.#answered += 1;
    const stage = this.#stageOf(n);
    // RFC 5321 §3.8: 421 to anything ends the session; no answer to the rest will come.
    if (reply.code === 421) return this.#end("lost", this.#read(stage, reply), n === 0);
    const isPositive = stage === "data" ? reply.code >= 300 && reply.code < 400 : reply.code < 300;
    if (!isPositive && reply.code < 400) return this.#end("lost", this.#read(stage, reply));
    if (isPositive) {
      if (stage === "rcpt") this.#accepted += 1;
      if (stage === "data") this.#mayWrite = true;
    } else if (stage === "mail") {
      this.#mailRefused = true;
      this.#fill(this.#read(stage, reply));
    } else if (stage === "rcpt") this.#outcomes[n - 1] ??= this.#read(stage, reply);
    else this.#dataRefusal = this.#read(stage, reply);

    if (this.#answered === this.#commands.length) return this.#allAnswered();
    if (this.#connection.capabilities.pipelining) return;
    // One by one there is no need to go on for nothing.
    if (this.#mailRefused) return this.#end("ready");
    const next = this.#commands[this.#answered]!;
    if (this.#accepted === 0 && next === DATA) return this.#end("reset");
    this.#sendCommands(next);
  }

  #stageOf(n: number): Stage {
    if (n === 0) return "mail";
    return n <= this.#outcomes.length ? "rcpt" : "data";
  }

  #allAnswered(): void {
    if (this.#mailRefused) {
      // A server that refuses MAIL and goes on all the same might take an empty message for one: not with us.
      return this.#end(this.#mayWrite || this.#accepted > 0 ? "lost" : "ready");
    }
    if (this.#accepted === 0) {
      if (!this.#mayWrite) return this.#end("reset");
      // RFC 2920 §3.1: 354 though nobody was accepted is answered by the dot alone, and that by 554.
      this.#phase = "empty-text";
      return this.#connection.send(".\r\n", this.#times.replyTimeoutMs);
    }
    if (this.#dataRefusal) return this.#end("reset", this.#dataRefusal);
    this.#sendText();
  }

  #sendText(): void {
    if (this.#connection.hasUnread)
      return this.#connection.end("protocol-error", "An answer came before its question.");
    const { raw } = this.#handoff;
    this.#phase = "writing";
    this.#sendPieces(this.#connection.capabilities.chunking ? chunkText(raw) : dataText(raw), 0);
  }

  /** The last piece, which holds the end, is written only when the system has taken all others. */
  #sendPieces(pieces: readonly Buffer[], n: number): void {
    if (this.#phase !== "writing" || this.#connection.loss) return;
    if (n === pieces.length - 1) {
      if (!this.#handoff.isOurs()) return this.#end("lost", NO_LONGER_OURS);
      this.#phase = "ended-text";
      return this.#connection.send(pieces[n]!, this.#times.dataEndTimeoutMs);
    }
    this.#connection.send(pieces[n]!, this.#times.replyTimeoutMs, "latin1", () => this.#sendPieces(pieces, n + 1));
  }

  #textAnswered(reply: Reply): void {
    const outcome = this.#read("text", reply);
    const isClear = reply.code !== 421 && outcome.kind !== "indeterminate";
    // RFC 3030 §2: after a refused chunk only RSET is sure to end the transaction.
    const next = this.#connection.capabilities.chunking && reply.code >= 400 ? "reset" : "ready";
    this.#end(isClear ? next : "lost", outcome);
  }

  /** Refused in the middle of a long text, or out of step. The end was not sent, so it was not taken. */
  #answeredTooEarly(reply: Reply): void {
    this.#end("lost", reply.code >= 400 ? this.#read("text", reply) : deferredBy({ cause: "protocol-error" }));
  }

  #fill(outcome: Outcome): void {
    for (let n = 0; n < this.#outcomes.length; n += 1) this.#outcomes[n] ??= outcome;
  }

  /** @param outcome of every recipient that has none yet. */
  #end(connection: Ending["connection"], outcome?: Outcome, unheard = false): void {
    if (outcome) this.#fill(outcome);
    const outcomes = this.#outcomes.map((one) => one ?? NEVER_ANSWERED);
    this.#connection.listen(null);
    if (connection === "lost") this.#connection.end("connection-lost");
    this.#done({ outcomes, connection, unheard });
  }
}

const DATA = "DATA\r\n";
const UNSAFE_TEXT: Outcome = { kind: "rejected", scope: "message", cause: "message-text-unsafe" };
const NO_LONGER_OURS: Outcome = { kind: "deferred", scope: "message", cause: "aborted" };
/** Every way to an end has filled all places; held is what says least of what is not known. */
const NEVER_ANSWERED: Outcome = { kind: "held", scope: "message", cause: "unknown-answer" };
