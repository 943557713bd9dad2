import { type KeyObject, createCipheriv, createDecipheriv, createHmac, createSecretKey } from "node:crypto";
import { Problem, type Random, type SpoolId, uuidBytes } from "../kernel/index.ts";
import type { Queryable } from "../store/index.ts";

/** A body at rest: the salt its key is derived from, and ciphertext followed by the 16-byte tag. */
export type SealedBody = { salt: Buffer; sealed: Buffer };

const SALT_BYTES = 32;
const TAG_BYTES = 16;
/** A key is used for one message only, so a fixed nonce is never used twice with one key (NIST SP 800-38D §8.2). */
const NONCE = Buffer.alloc(12);

/**
 * AES-256-GCM under a key of the message's own: HMAC-SHA-256(master key, salt ‖ spoolId), the extract step of
 * RFC 5869 §2.2 with the master key as the secret. The salt lives only beside the body: with the row gone no one,
 * not even the holder of the master key, can read a copy of the ciphertext again.
 */
export class Sealer {
  readonly #masterKey: KeyObject; // a KeyObject: a Buffer would be made one at every use, at four times the cost
  readonly #random: Random;

  /** @param masterKey 32 bytes. */
  constructor(masterKey: Buffer, random: Random) {
    if (masterKey.length !== 32) throw new Problem("body-key-length", "The body key must be 32 bytes long.");
    this.#masterKey = createSecretKey(masterKey);
    this.#random = random;
  }

  seal(spoolId: SpoolId, raw: Buffer): SealedBody {
    const salt = this.#random.bytes(SALT_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#keyFor(salt, spoolId), NONCE);
    const text = cipher.update(raw);
    cipher.final();
    return { salt, sealed: Buffer.concat([text, cipher.getAuthTag()]) };
  }

  /** @throws Problem `body-unreadable` when the key is another one or the row was altered. */
  open(spoolId: SpoolId, body: SealedBody): Buffer {
    const end = body.sealed.length - TAG_BYTES;
    const decipher = createDecipheriv("aes-256-gcm", this.#keyFor(body.salt, spoolId), NONCE);
    try {
      decipher.setAuthTag(body.sealed.subarray(end));
      const raw = decipher.update(body.sealed.subarray(0, end));
      decipher.final();
      return raw;
    } catch (cause) {
      throw new Problem(
        "body-unreadable",
        "A stored message cannot be opened: the body key is not the one it was sealed with, or the row was changed. Put the former key back.",
        cause,
      );
    }
  }

  #keyFor(salt: Buffer, spoolId: SpoolId): KeyObject {
    return createSecretKey(createHmac("sha256", this.#masterKey).update(salt).update(uuidBytes(spoolId)).digest());
  }
}

/** One row that was altered is no other key, and must not keep all else from starting; so many that are would be. */
const LOOKS = 20;

/**
 * Holds the key against messages that wait. A key file that was lost is made anew at a start; without this look every
 * waiting message would be found unreadable one by one.
 * @throws Problem `body-unreadable` when it opens none of those looked at.
 */
export async function checkBodyKey(database: Queryable, sealer: Sealer): Promise<void> {
  const ids = await database.query<{ spool_id: SpoolId }>(`SELECT spool_id FROM bodies LIMIT ${LOOKS}`);
  let failure: unknown = null;
  for (const { spool_id: id } of ids) {
    const [row] = await database.query<SealedBody>("SELECT salt, sealed FROM bodies WHERE spool_id = $1", [id]);
    if (!row) continue; // purged meanwhile
    try {
      sealer.open(id, row);
      return;
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure) throw failure;
}
