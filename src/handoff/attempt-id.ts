import { type KeyObject, createHmac, createSecretKey } from "node:crypto";
import type { AttemptId, SpoolId } from "../kernel/index.ts";

/** The field by which a provider's log, or our own receivers, find a try again. */
export const ATTEMPT_FIELD = "X-Postern-Attempt";

/** The same try always has the same id, and nobody without the key can make one up for a message whose id they know. */
export class AttemptIds {
  readonly #key: KeyObject;
  constructor(masterKey: Buffer) {
    this.#key = createSecretKey(createHmac("sha256", masterKey).update("attempt id\0").digest());
  }

  of(spoolId: SpoolId, provider: string, n: number): AttemptId {
    const digest = createHmac("sha256", this.#key).update(`${spoolId}\0${provider}\0${n}`).digest();
    return digest.subarray(0, 16).toString("hex") as AttemptId;
  }
}

/** The message as this try sends it. */
export const withAttemptField = (raw: Buffer, attemptId: AttemptId): Buffer =>
  Buffer.concat([Buffer.from(`${ATTEMPT_FIELD}: ${attemptId}\r\n`, "latin1"), raw]);
