import { randomFillSync, randomInt } from "node:crypto";

/** Chance as a parameter: the system's CSPRNG in production, a seeded sequence in simulations. */
export type Random = {
  /** `size` unpredictable bytes. */
  bytes(size: number): Buffer;
  /** A number in [0, 1). */
  fraction(): number;
};

// One call of randomFill for many small draws: a 16-byte draw costs 0.05 µs from the pool, 1 µs from the system.
const POOL_BYTES = 16 * 1024;
const pool = Buffer.alloc(POOL_BYTES);
let poolUsed = POOL_BYTES;

export const systemRandom: Random = {
  bytes(size) {
    const drawn = Buffer.allocUnsafe(size);
    if (size > POOL_BYTES / 4) return randomFillSync(drawn);
    if (poolUsed + size > POOL_BYTES) {
      randomFillSync(pool);
      poolUsed = 0;
    }
    pool.copy(drawn, 0, poolUsed, poolUsed + size);
    pool.fill(0, poolUsed, poolUsed + size); // a drawn byte is never left where the next reader could see it
    poolUsed += size;
    return drawn;
  },
  fraction: () => randomInt(0, 2 ** 47) / 2 ** 47,
};
