import { type TextFault, textFault } from "../../mail/index.ts";

const CR = 0x0d;
const LF = 0x0a;

/**
 * What is unsafe in `input[from…to)`, a piece of a longer text: a bare CR, a bare LF or a NUL. A CR at its end is left to
 * the next piece, which must then begin with LF: `afterCr`. Finding it here and not at the end of the message matters
 * to a client whose end of data was none: it hears so now, not when the idle time is over.
 */
export function faultOfPiece(input: Buffer, from: number, to: number, afterCr: boolean): TextFault | null {
  let start = from;
  if (afterCr && start < to) {
    if (input[start] !== LF) return "bare-cr";
    start += 1;
  }
  const end = to > start && input[to - 1] === CR ? to - 1 : to;
  return start < end ? textFault(input.subarray(start, end), Number.POSITIVE_INFINITY) : null;
}
