const CR = 0x0d;
const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

/** Answers of `next` that are no line. */
export const INCOMPLETE = 0;
export const BARE_LF = 1;
export const ENDLESS = 2;

/**
 * The octets a client sent and nobody has read yet, and command lines cut from them. A line ends in CR LF only: whoever
 * took LF alone could be made to see commands where the client's own server saw text.
 */
export class LineReader {
  readonly #mostOctets: number;
  /** Octets before `at` are read. */
  octets: Buffer = NOTHING;
  at = 0;
  /** Octets from `at` known to hold no LF: a client that sends them singly makes nobody search twice. */
  #searched = 0;
  /** Octets of the line that `next` gave, CR LF included. */
  lineOctets = 0;

  constructor(mostOctets: number) {
    this.#mostOctets = mostOctets;
  }

  get waiting(): number {
    return this.octets.length - this.at;
  }

  add(piece: Buffer): void {
    this.octets = this.waiting === 0 ? piece : Buffer.concat([this.octets.subarray(this.at), piece]);
    this.at = 0;
  }

  /** Drops everything. */
  clear(): void {
    this.octets = NOTHING;
    this.at = 0;
    this.#searched = 0;
  }

  /** The next line without its CR LF, each octet a character. */
  next(): string | typeof INCOMPLETE | typeof BARE_LF | typeof ENDLESS {
    const { octets, at } = this;
    const lf = octets.indexOf(LF, at + this.#searched);
    if (lf === -1) {
      this.#searched = octets.length - at;
      return this.#searched > this.#mostOctets ? ENDLESS : INCOMPLETE;
    }
    this.lineOctets = lf + 1 - at;
    if (this.lineOctets > this.#mostOctets) return ENDLESS;
    if (lf === at || octets[lf - 1] !== CR) return BARE_LF;
    this.#searched = 0;
    this.at = lf + 1;
    return octets.toString("latin1", at, lf - 1);
  }
}
