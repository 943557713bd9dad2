const END = Buffer.from("\r\n.\r\n");
const CRLF = Buffer.from("\r\n");
const LINE_DOT = Buffer.from("\r\n.");
const DOT = 0x2e;

/**
 * Collects the text after DATA up to `CRLF . CRLF`, in whatever pieces it arrives (RFC 5321 §4.1.1.4).
 * A text above `maxBytes` is read to its end but not kept.
 */
export class TextReader {
  readonly #maxBytes: number;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  /** The last octets seen: the end mark may be cut anywhere. It begins as the CRLF that ended the DATA line. */
  #tail: Buffer = CRLF;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes input; gives what came after the end of the text, or null while the text goes on. */
  take(input: Buffer): Buffer | null {
    const seen = Buffer.concat([this.#tail, input]);
    const found = seen.indexOf(END);
    const used = found === -1 ? input.length : found + END.length - this.#tail.length;
    this.#bytes += used;
    if (this.#bytes <= this.#maxBytes + 3) this.#pieces.push(input.subarray(0, used));
    else this.#pieces.length = 0;
    this.#tail = seen.subarray(-(END.length - 1));
    return found === -1 ? null : input.subarray(used);
  }

  get tooBig(): boolean {
    return this.#bytes > this.#maxBytes + 3;
  }

  /** The text as its author wrote it: without the final dot, stuffed dots taken out (RFC 5321 §4.5.2). */
  text(): Buffer {
    const stuffed = Buffer.concat(this.#pieces);
    return unstuffed(stuffed.subarray(0, -3));
  }
}

function unstuffed(text: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = text[0] === DOT ? 1 : 0;
  for (let at = text.indexOf(LINE_DOT); at !== -1; at = text.indexOf(LINE_DOT, at + LINE_DOT.length)) {
    parts.push(text.subarray(from, at + 2));
    from = at + LINE_DOT.length;
  }
  // A copy in any case: the pieces are views into the socket's buffers, which are larger than the message.
  return Buffer.concat([...parts, text.subarray(from)]);
}

/** A CR or LF on its own, or a NUL: two servers could see two different messages in it (RFC 5321 §2.3.8, RFC 5322 §2.3). */
export const isAmbiguous = (text: Buffer): boolean =>
  text.includes(0) || /\r(?!\n)|(?<!\r)\n/.test(text.toString("latin1"));
