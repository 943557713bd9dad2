import { type TextFault, textFault } from "../../mail/index.ts";
import type { Limits } from "../../config/index.ts";
import { faultRefusal, tooLarge } from "../checks.ts";
import { INTAKE } from "../refusals.ts";
import type { Shares } from "../shares.ts";
import type { Refusal } from "../submission.ts";
import { faultOfPiece } from "./piece-check.ts";
import { unstuffed } from "./unstuff.ts";

/** Answers of `take` that are no position: the end was not seen yet · the text is unsafe · the client does not stop. */
export const MORE = -1;
export const UNSAFE = -2;
export const ENDLESS = -3;

const END_OF_DATA = Buffer.from("\r\n.\r\n");
const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
/** What the dot line leaves behind the message's own last CR LF. */
const DOT_LINE_OCTETS = 3;
/** Doubling from here, a message of the usual size needs no second allocation. */
const FIRST_CAPACITY = 16 * 1024;
/** Greatest stuffed text whose plain text still fits: lines of a single dot grow by a third. */
export const greatestText = (limits: Limits): number => Math.ceil((limits.messageBytes * 4) / 3) + DOT_LINE_OCTETS;
/** A message this many times too large is not read to its end. */
const ENDLESS_FACTOR = 4;

/**
 * Reads the text behind DATA. Its end is CR LF . CR LF and nothing else (RFC 5321 §4.1.1.4, §4.5.2); a bare CR or LF or
 * a NUL makes it unsafe, because another server could see an end of data, and with it commands, where this one sees text.
 *
 * A message that comes in one piece, as most do, is cut out of it without a copy. Others are gathered in one growing
 * buffer: a list of pieces would cost a client that sends single octets nothing, and us a hundred octets for each.
 */
export class DataReader {
  readonly #limits: Limits;
  readonly #budget: Shares;
  readonly #mostOctets: number;
  /** The tenant whose message it is. */
  #who = "";
  /** The last four octets before the current piece; before the first one, the CR LF of the DATA line. */
  readonly #seam = Buffer.alloc(8);
  #seamLength = 0;
  #endsInCr = false;
  #text: Buffer | null = null;
  #length = 0;
  #seenOctets = 0;
  #heldOctets = 0;
  #refusal: Refusal | null = null;
  /** Why `take` said UNSAFE. */
  fault: TextFault | null = null;

  constructor(limits: Limits, budget: Shares) {
    this.#limits = limits;
    this.#budget = budget;
    this.#mostOctets = greatestText(limits);
  }

  begin(who: string): void {
    this.#who = who;
    this.#seam[0] = CR;
    this.#seam[1] = LF;
    this.#seamLength = 2;
    this.#endsInCr = false;
    this.#length = 0;
    this.#seenOctets = 0;
    this.#refusal = null;
  }

  /** Octets of the current message so far. */
  get seenOctets(): number {
    return this.#seenOctets;
  }

  /** Takes what belongs to the message from `input[at…]`; gives the position behind its end, or MORE, UNSAFE, ENDLESS. */
  take(input: Buffer, at: number): number {
    const end = this.#endIn(input, at);
    if (end !== MORE && this.#seenOctets === 0) {
      this.#seenOctets = end - at;
      this.#text = input.subarray(at, end);
      this.#length = end - at;
      return end;
    }
    const to = end === MORE ? input.length : end;
    this.fault = faultOfPiece(input, at, to, this.#endsInCr);
    if (this.fault !== null) return UNSAFE;
    this.#seenOctets += to - at;
    if (this.#seenOctets > this.#mostOctets * ENDLESS_FACTOR) return ENDLESS;
    this.#keep(input, at, to);
    this.#remember(input, at, to);
    return end;
  }

  /** The message that `take` saw the end of, or why it cannot be taken; `unsafe` ones end the session. */
  finish(): { raw: Buffer } | { refusal: Refusal; unsafe: boolean } {
    if (this.#refusal !== null) return { refusal: this.#refusal, unsafe: false };
    const raw = unstuffed(this.#text!.subarray(0, this.#length - DOT_LINE_OCTETS));
    if (this.#heldOctets === 0 && !this.#hold(raw.length)) return { refusal: INTAKE.busy, unsafe: false };
    const fault = this.#worstFault(raw);
    if (fault !== null && fault !== "line-too-long")
      return { refusal: faultRefusal(fault, this.#limits), unsafe: true };
    if (raw.length > this.#limits.messageBytes) return { refusal: tooLarge(this.#limits), unsafe: false };
    if (fault !== null) return { refusal: faultRefusal(fault, this.#limits), unsafe: false };
    return { raw };
  }

  /** Lets go of the message: it was accepted, refused, or its client is gone. */
  release(): void {
    this.#budget.give(this.#who, this.#heldOctets);
    this.#heldOctets = 0;
    this.#text = null;
  }

  /** A line that is merely long must not hide an unsafe one behind it. */
  #worstFault(raw: Buffer): TextFault | null {
    const fault = textFault(raw, this.#limits.lineOctets);
    return fault === "line-too-long" ? (textFault(raw, Number.POSITIVE_INFINITY) ?? fault) : fault;
  }

  #endIn(input: Buffer, at: number): number {
    const first = input[at];
    if (first === DOT || first === CR || first === LF) {
      const before = this.#seamLength;
      const length = before + input.copy(this.#seam, before, at, at + 4);
      const found = this.#seam.subarray(0, length).indexOf(END_OF_DATA);
      if (found !== -1) return at + found + END_OF_DATA.length - before;
    }
    const found = input.indexOf(END_OF_DATA, at);
    return found === -1 ? MORE : found + END_OF_DATA.length;
  }

  #keep(input: Buffer, at: number, to: number): void {
    if (this.#refusal !== null) return;
    const needed = this.#length + to - at;
    if (needed > this.#mostOctets) return this.#drop(tooLarge(this.#limits));
    const capacity = this.#text?.length ?? 0;
    if (needed > capacity) {
      const larger = Math.min(this.#mostOctets, Math.max(needed, capacity * 2, FIRST_CAPACITY));
      if (!this.#hold(larger - capacity)) return this.#drop(INTAKE.busy);
      const text = Buffer.allocUnsafeSlow(larger);
      this.#text?.copy(text, 0, 0, this.#length);
      this.#text = text;
    }
    input.copy(this.#text!, this.#length, at, to);
    this.#length = needed;
  }

  #hold(octets: number): boolean {
    if (!this.#budget.take(this.#who, octets, this.#heldOctets)) return false;
    this.#heldOctets += octets;
    return true;
  }

  /** The rest is read and forgotten, so that the reply comes when the client is ready for it. */
  #drop(refusal: Refusal): void {
    this.release();
    this.#refusal = refusal;
  }

  #remember(input: Buffer, at: number, to: number): void {
    this.#endsInCr = input[to - 1] === CR;
    const from = Math.max(at, to - 4);
    const kept = Math.min(this.#seamLength, 4 - (to - from));
    this.#seam.copyWithin(0, this.#seamLength - kept, this.#seamLength);
    this.#seamLength = kept + input.copy(this.#seam, kept, from, to);
  }
}
