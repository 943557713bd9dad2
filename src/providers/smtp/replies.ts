/** One reply of a server: all its lines under one code (RFC 5321 §4.2.1). */
export type Reply = {
  code: number;
  /** What stands after the code, the lines joined by `\n`. */
  text: string;
};

/** The octets are no reply, or a reply longer than REPLY_OCTETS. Nothing after them can be trusted to be in step. */
export type ReplyFault = "malformed" | "too-long";

/** RFC 5321 §4.5.3.1.5 gives 512 a line; the longest real answers (EHLO, refusals with links) are 1–2 KB in all. */
export const REPLY_OCTETS = 16 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const HYPHEN = 0x2d;
const ZERO = 0x30;
const NOTHING = Buffer.alloc(0);

/**
 * Cuts a server's octets into replies, however they arrive. Strict: CRLF only, three digits, one code for all lines of
 * a reply; what a forgiving reader would guess at could put question and answer out of step.
 */
export class ReplyReader {
  #tail: Buffer = NOTHING;
  #unread = false;
  #code = 0;
  #lines = "";
  /** Octets of the reply that is being read. */
  #octets = 0;

  /** Octets came that are not part of a reply already given: seen while a reply is given, it means more was sent. */
  get hasUnread(): boolean {
    return this.#unread || this.#octets > 0;
  }

  /**
   * Gives each reply that `chunk` completes to `onReply`, in order; `chunk` may be reused afterwards.
   * Stops, and forgets the rest, when `onReply` gives false.
   */
  read(chunk: Buffer, onReply: (reply: Reply) => boolean): ReplyFault | null {
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    this.#tail = NOTHING;
    let at = 0;
    for (let lf = bytes.indexOf(LF); lf !== -1; lf = bytes.indexOf(LF, at)) {
      const line = this.#line(bytes, at, lf);
      at = lf + 1;
      if (typeof line === "string") return line;
      if (line === null) continue;
      this.#unread = at < bytes.length;
      if (!onReply(line)) return null;
    }
    this.#unread = at < bytes.length;
    if (this.#unread) this.#tail = Buffer.from(bytes.subarray(at));
    return this.#octets + this.#tail.length > REPLY_OCTETS ? "too-long" : null;
  }

  /** One line, `at` to its LF. Null: more lines follow. */
  #line(bytes: Buffer, at: number, lf: number): Reply | ReplyFault | null {
    this.#octets += lf + 1 - at;
    if (this.#octets > REPLY_OCTETS) return "too-long";
    const end = lf - 1;
    if (end < at + 3 || bytes.indexOf(CR, at) !== end) return "malformed";
    const code = codeAt(bytes, at);
    const mark = end === at + 3 ? SPACE : bytes[at + 3]; // RFC 5321 §4.2: a bare code should be taken
    if (code === 0 || (mark !== SPACE && mark !== HYPHEN)) return "malformed";
    const first = this.#code === 0;
    if (!first && code !== this.#code) return "malformed";
    // RFC 6531 §3.7.4 lets texts be UTF-8 once SMTPUTF8 is in use; ASCII is the same in it.
    const text = end <= at + 4 ? "" : bytes.toString("utf8", at + 4, end);
    const whole = first ? text : `${this.#lines}\n${text}`;
    if (mark === HYPHEN) {
      this.#code = code;
      this.#lines = whole;
      return null;
    }
    this.#code = 0;
    this.#lines = "";
    this.#octets = 0;
    return { code, text: whole };
  }
}

/**
 * First digit 2–5, as RFC 5321 §4.2 has it; the other two are any, because `571` is a clear refusal that servers do send
 * although the grammar ends at 5. 0 where it is no code.
 */
function codeAt(bytes: Buffer, at: number): number {
  const first = bytes[at]! - ZERO;
  const second = bytes[at + 1]! - ZERO;
  const third = bytes[at + 2]! - ZERO;
  const isCode = first >= 2 && first <= 5 && second >= 0 && second <= 9 && third >= 0 && third <= 9;
  return isCode ? first * 100 + second * 10 + third : 0;
}

const ENHANCED = /^[245]\.\d{1,3}\.\d{1,3}(?=\s|$)/;

/** RFC 2034 §4: `5.7.1` at the beginning of the text; undefined where there is none. */
export const enhancedStatusOf = (reply: Reply): string | undefined => ENHANCED.exec(reply.text)?.[0];

/**
 * What the server says in its own words. It often repeats what a client of ours wrote (`554 5.7.1 <suspended@b.example>:
 * Recipient address rejected`), and whoever chooses an address must not choose how such a reply is understood.
 */
export const ownWordsOf = (text: string): string[] =>
  text
    .replace(/<[^<>]*>/g, " ")
    .split(/\s+/)
    .filter((word) => !word.includes("@"));
