import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from "node:crypto";
import type { Random } from "../kernel/index.ts";

/**
 * Addresses of canaries. The local part is a name and a token: 64 random bits and as many of a MAC over them, so that any
 * node tells an address of ours from a guess without asking the database, and no provider can know it in advance. Of a
 * token the rows keep the hash alone.
 */
const RANDOM_OCTETS = 8;
const MAC_OCTETS = 8;
const LETTERS = "abcdefghijklmnopqrstuvwxyz234567"; // RFC 4648 §6 in lower case: what is on the way may not keep capitals
const TOKEN = /^[a-z2-7]{26}$/;

const FIRST = ["mara", "jonas", "ines", "tom", "lena", "oskar", "nadia", "paul", "eva", "henry", "sofia", "milan"];
const LAST = [
  "keller",
  "brandt",
  "novak",
  "meyer",
  "rossi",
  "lund",
  "silva",
  "hart",
  "moreau",
  "weber",
  "costa",
  "vogel",
];

export class Tokens {
  readonly #key: KeyObject;

  constructor(masterKey: Buffer) {
    this.#key = createSecretKey(createHmac("sha256", masterKey).update("canary token").digest());
  }

  /** A new local part, and what is kept of it. */
  draw(random: Random): { localPart: string; hash: Buffer; name: string } {
    const octets = random.bytes(RANDOM_OCTETS);
    const token = base32(Buffer.concat([octets, this.#mac(octets)]));
    const [first, last] = [pick(FIRST, random), pick(LAST, random)];
    return {
      localPart: `${first}.${last}.${token}`,
      hash: tokenHash(token),
      name: `${capital(first)} ${capital(last)}`,
    };
  }

  /** The hash under which a local part's row is found; null: no address of ours. */
  read(localPart: string): Buffer | null {
    const token = localPart.slice(localPart.lastIndexOf(".") + 1).toLowerCase();
    const octets = TOKEN.test(token) ? fromBase32(token) : null;
    if (octets === null) return null;
    const mac = this.#mac(octets.subarray(0, RANDOM_OCTETS));
    return timingSafeEqual(mac, octets.subarray(RANDOM_OCTETS)) ? tokenHash(token) : null;
  }

  #mac(octets: Buffer): Buffer {
    return createHmac("sha256", this.#key).update(octets).digest().subarray(0, MAC_OCTETS);
  }
}

const tokenHash = (token: string): Buffer => hash("sha256", token, "buffer");
const pick = (words: readonly string[], random: Random): string => words[Math.floor(random.fraction() * words.length)]!;
const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);

function base32(octets: Buffer): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const octet of octets) {
    held = (held << 8) | octet;
    for (bits += 8; bits >= 5; bits -= 5) text += LETTERS[(held >> (bits - 5)) & 31]!;
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + LETTERS[(held << (5 - bits)) & 31]! : text;
}

/** Null where bits that no octet holds are set: two spellings of one token would be two addresses. */
function fromBase32(text: string): Buffer | null {
  const octets: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text) {
    held = (held << 5) | LETTERS.indexOf(letter);
    bits += 5;
    if (bits >= 8) octets.push((held >> (bits -= 8)) & 255);
    held &= (1 << bits) - 1;
  }
  return held === 0 ? Buffer.from(octets) : null;
}
