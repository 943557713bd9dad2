import type { Random } from "./random.ts";

/** A repeatable sequence (sfc32): the same seed draws the same bytes and fractions. Not for secrets. */
export function seededRandom(seed: number): Random {
  const next = sfc32(seed);
  return {
    bytes(size) {
      const drawn = Buffer.allocUnsafe(size);
      for (let at = 0; at < size; at += 1) drawn[at] = next() >>> 24;
      return drawn;
    },
    fraction: () => (next() >>> 0) / 2 ** 32,
  };
}

function sfc32(seed: number): () => number {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = () => {
    const drawn = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + drawn;
    return drawn;
  };
  for (let warmUp = 0; warmUp < 16; warmUp += 1) next();
  return next;
}
