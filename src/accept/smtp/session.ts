import { causeText } from "../../kernel/index.ts";
import { faultRefusal, tooLarge } from "../checks.ts";
import type { AcceptAnswer } from "../submission.ts";
import { LOGIN_LINE_OCTETS, loginLine } from "./auth.ts";
import { perform } from "./perform.ts";
import { DataReader, MORE, UNSAFE } from "./data-reader.ts";
import { type Dialog, type DoorFacts, forgetEverything, newDialog } from "./dialog.ts";
import { envelopeOf } from "./envelope-of.ts";
import { BARE_LF, INCOMPLETE, LineReader } from "./line-reader.ts";
import { ACCEPT_FAILED, ENDLESS_LINE, ENDLESS_LOGIN_LINE, LINE_END, type Reply, good, refused } from "./replies.ts";
import { HANDSHAKE_MS, LEAST_DATA_OCTETS_PER_S, LINGER_MS, STRESSED_IDLE_MS, SWEEP_MS } from "./timing.ts";
import type { Wire } from "./wire.ts";

export type Client = { remoteAddress: string; loopback: boolean; secure: boolean };

/** A client may send ahead so much while its message is being accepted; then its socket is not read. */
const AHEAD_OCTETS = 16 * 1024;
/** Replies to pipelined commands are written together, at the latest when there are so many. */
const REPLY_OCTETS = 16 * 1024;

/**
 * One client's way through the protocol, without a network: octets come in by `receive`, replies go out by the wire.
 *
 *     handshake ─▶ commands ─▶ accepting ─▶ commands … ─▶ closed
 *                  (lines, login lines, message text)
 *
 * Invariants: every command has one reply, in order; octets behind a message wait until it was accepted or refused;
 * how the octets were cut into pieces on the way changes nothing, except that octets behind DATA or STARTTLS must not
 * come in one piece with it.
 */
export class Session {
  readonly #facts: DoorFacts;
  readonly #wire: Wire;
  readonly #dialog: Dialog;
  readonly #reader: DataReader;
  readonly #lines = new LineReader(LOGIN_LINE_OCTETS);
  #state: "handshake" | "commands" | "accepting" | "closed" = "handshake";
  #out = "";
  #errors = 0;
  #paused = false;
  /** The client does not read its replies; nothing more is done for it until it does. */
  #draining = false;
  #clientEnded = false;
  #stopping = false;
  /** Of the latest whole command, octets of a message, or change of state. */
  #activeAt: number;
  #dataSince = 0;

  constructor(facts: DoorFacts, wire: Wire, client: Client) {
    this.#facts = facts;
    this.#wire = wire;
    this.#dialog = newDialog(facts, client.remoteAddress, client.loopback, client.secure);
    this.#reader = new DataReader(facts.parts.limits, facts.budget);
    this.#activeAt = facts.now;
  }

  /** The connection stands (with implicit TLS: is secure). */
  open(): void {
    this.#enter("commands");
    this.#out = this.#facts.replies.greeting.text;
    this.#run();
  }

  /** TLS has begun behind STARTTLS. */
  secured(): void {
    if (this.#state !== "handshake") return;
    forgetEverything(this.#dialog);
    this.#enter("commands");
    this.#run();
  }

  receive(piece: Buffer): void {
    if (this.#state === "closed") return;
    this.#lines.add(piece);
    if (this.#state === "commands" && !this.#draining) this.#run();
    else if (this.#lines.waiting > AHEAD_OCTETS) this.#pause();
  }

  /** The client takes replies again. */
  drained(): void {
    if (!this.#draining) return;
    this.#draining = false;
    this.#goOn();
  }

  /** The client sends nothing more; what it sent is still answered. */
  clientEnded(): void {
    this.#clientEnded = true;
    if (this.#state === "handshake") this.#wire.destroy();
    else if (this.#state === "commands" && !this.#draining) this.#run();
  }

  /** The connection is no more. A message on its way to the spool stays on it: its client will not hear of it. */
  gone(): void {
    if (this.#state !== "accepting") this.#reader.release();
    this.#lines.clear();
    this.#state = "closed";
  }

  /** The door closes: at once between messages, behind the reply where one is under way. */
  stop(): void {
    this.#stopping = true;
    if (this.#state === "handshake") this.#wire.destroy();
    else if (this.#state === "commands" && this.#dialog.next !== "data") this.#sayLast(this.#facts.replies.stopping);
  }

  /** Once a second. @param stressed all sessions are taken: those who have not said who they are must hurry. */
  sweep(now: number, stressed: boolean): void {
    const idleMs = now - this.#activeAt - SWEEP_MS; // `#activeAt` may be older by that than the truth
    switch (this.#state) {
      case "accepting":
        return;
      case "closed":
        if (idleMs > LINGER_MS) this.#wire.destroy();
        return;
      case "handshake":
        if (idleMs > HANDSHAKE_MS) this.#wire.destroy();
        return;
      case "commands": {
        const { smtpIdleMs } = this.#facts.parts.limits;
        const mayIdleMs = stressed && this.#dialog.submitter === null ? STRESSED_IDLE_MS : smtpIdleMs;
        const mayTakeMs = smtpIdleMs + (this.#reader.seenOctets / LEAST_DATA_OCTETS_PER_S) * 1000;
        const slow = this.#dialog.next === "data" && now - this.#dataSince > mayTakeMs;
        if (slow || idleMs > Math.min(mayIdleMs, smtpIdleMs)) this.#sayLast(this.#facts.replies.idle);
      }
    }
  }

  #run(): void {
    while (this.#state === "commands" && this.#lines.waiting > 0) {
      if (this.#dialog.next === "data") this.#readText();
      else if (!this.#readLine()) break;
      if (this.#out.length > REPLY_OCTETS) {
        this.#flush();
        if (this.#draining) return;
      }
    }
    if (this.#lines.waiting === 0) this.#lines.clear();
    if (this.#clientEnded && this.#state === "commands") this.#end();
    else this.#flush();
  }

  /** False where there is no whole line. */
  #readLine(): boolean {
    const line = this.#lines.next();
    if (line === INCOMPLETE) return false;
    if (typeof line !== "string") {
      const endless = this.#dialog.next === "login" ? ENDLESS_LOGIN_LINE : ENDLESS_LINE;
      this.#sayLast(line === BARE_LF ? LINE_END : endless);
      return false;
    }
    this.#activeAt = this.#facts.now;
    const dialog = this.#dialog;
    this.#say(dialog.next === "login" ? loginLine(dialog, line) : perform(dialog, line, this.#lines));
    if (this.#state !== "commands") return false;
    if (dialog.next === "data") {
      this.#reader.begin(dialog.submitter!.tenant);
      this.#dataSince = this.#facts.now;
    } else if (dialog.next === "tls") this.#startTls();
    return true;
  }

  #readText(): void {
    const lines = this.#lines;
    this.#activeAt = this.#facts.now;
    const end = this.#reader.take(lines.octets, lines.at);
    lines.at = end < 0 ? lines.octets.length : end;
    if (end >= 0) this.#submit();
    else if (end !== MORE) {
      const { limits } = this.#facts.parts;
      const refusal = end === UNSAFE ? faultRefusal(this.#reader.fault!, limits) : tooLarge(limits);
      this.#sayLast({ ...refused(refusal), closes: true });
    }
  }

  #submit(): void {
    const dialog = this.#dialog;
    const transaction = dialog.transaction!;
    dialog.transaction = null;
    dialog.next = "command";
    const finished = this.#reader.finish();
    if ("refusal" in finished) {
      this.#reader.release();
      const reply = refused(finished.refusal);
      if (finished.unsafe) this.#sayLast(reply);
      else this.#answer(reply, true);
      return;
    }
    const { raw } = finished;
    this.#state = "accepting";
    this.#facts.parts.port
      .accept({
        submitter: dialog.submitter!,
        door: "smtp",
        stream: undefined,
        envelope: envelopeOf(transaction, raw),
        raw,
        ...(this.#facts.parts.receives ? { peer: { address: dialog.remoteAddress, secure: dialog.secure } } : {}),
      })
      .then(this.#accepted, this.#failed);
  }

  // RFC 5321 §6.1: the 250 takes responsibility; the port resolves behind the commit only.
  readonly #accepted = (answer: AcceptAnswer): void => {
    const reply =
      answer.kind === "accepted" ? good("250 2.0.0", `Queued as ${answer.spoolId}`) : refused(answer.refusal);
    this.#settled(reply, false); // a refusal was counted where it was made
  };

  readonly #failed = (error: unknown): void => {
    this.#facts.parts.log.error("smtp.accept-failed", { cause: causeText(error) });
    this.#settled(ACCEPT_FAILED, true);
  };

  #settled(reply: Reply, count: boolean): void {
    this.#reader.release();
    if (this.#state !== "accepting") return; // the client is gone
    this.#enter("commands");
    this.#answer(reply, count);
    this.#goOn();
  }

  /** The reply to a message; the last one where the door is closing. */
  #answer(reply: Reply, count: boolean): void {
    if (count) this.#say(reply);
    else if (reply.closes) this.#sayLast(reply);
    else this.#out += reply.text;
    if (this.#stopping && this.#state !== "closed") this.#sayLast(this.#facts.replies.stopping);
  }

  #say(reply: Reply): void {
    if (reply.code !== null) {
      if (reply.counts) this.#errors += 1;
      if (this.#errors > this.#facts.parts.limits.smtpErrorsPerSession && reply.counts) {
        return this.#sayLast(this.#facts.replies.tooManyErrors);
      }
      if (!reply.closes) this.#facts.parts.metrics.refused("smtp", reply.code);
    }
    if (reply.closes) this.#sayLast(reply);
    else this.#out += reply.text;
  }

  #sayLast(reply: Reply): void {
    if (reply.code !== null) {
      const { remoteAddress } = this.#dialog;
      this.#facts.parts.metrics.refused("smtp", reply.code);
      this.#facts.parts.log.info("smtp.session-closed", { code: reply.code, remoteAddress });
    }
    this.#out += reply.text;
    this.#end();
  }

  #end(): void {
    const text = this.#out;
    this.#out = "";
    this.#enter("closed");
    this.#reader.release();
    this.#lines.clear();
    this.#wire.end(text);
    this.#resume(); // what still comes is read and dropped
  }

  #startTls(): void {
    this.#flush();
    if (this.#draining) return this.#wire.destroy(); // octets of ours would end up inside the handshake
    this.#enter("handshake");
    this.#wire.startTls();
  }

  #enter(state: "handshake" | "commands" | "accepting" | "closed"): void {
    this.#state = state;
    this.#activeAt = this.#facts.now;
  }

  #goOn(): void {
    if (this.#state !== "commands" || this.#draining) return;
    this.#resume();
    this.#run();
  }

  #flush(): void {
    if (this.#out === "") return;
    const text = this.#out;
    this.#out = "";
    if (this.#wire.write(text)) return;
    this.#draining = true;
    this.#pause();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#wire.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#wire.resume();
  }
}
