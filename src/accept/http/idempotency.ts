import { createHash } from "node:crypto";
import { type LeafValue, canonicalJson } from "../../ledger/index.ts";
import type { Submission } from "../submission.ts";
import { type ProblemDocument, problem } from "./problem.ts";
import { type Content } from "./submit/read-message.ts";

/** As stored; a batch adds `/index` to what its client gave. */
const KEY_CHARACTERS = 255;
const BATCH_SUFFIX_CHARACTERS = "/99".length;
const PRINTABLE = /^[\x20-\x7e]+$/;

/** The Idempotency-Key of a request (draft-ietf-httpapi-idempotency-key-header), undefined where there is none. */
export function readKey(given: string | string[] | undefined, forBatch = false): string | undefined | ProblemDocument {
  if (given === undefined) return undefined;
  const longest = forBatch ? KEY_CHARACTERS - BATCH_SUFFIX_CHARACTERS : KEY_CHARACTERS;
  if (typeof given === "string" && given.length <= longest && PRINTABLE.test(given)) return given;
  const detail = `The Idempotency-Key must be 1 to ${longest} printable ASCII characters, sent once. A random UUID is a good one.`;
  return problem(422, "idempotency-key-invalid", detail, { errors: [{ header: "Idempotency-Key", detail }] });
}

type Idempotency = NonNullable<Submission["idempotency"]>;

/** One message of a request in JSON. The same message alone and in a batch has the same hash. */
export const keyedJson = (key: string, message: unknown): Idempotency => ({
  key,
  bodyHash: createHash("sha256")
    .update(canonicalJson(message as LeafValue))
    .digest(),
});

/** A message sent as message/rfc822: its octets and what the headers said of it. */
export const keyedOctets = (key: string, { raw, envelope, stream, sendAt, supersedes }: Content): Idempotency => ({
  key,
  bodyHash: createHash("sha256")
    .update(
      canonicalJson({
        raw: createHash("sha256").update(raw).digest("hex"),
        returnPath: envelope.returnPath?.address ?? null,
        recipients: envelope.recipients.map(({ mailbox }) => mailbox.address),
        stream: stream ?? null,
        ...(sendAt === undefined ? {} : { sendAt }),
        ...(supersedes === undefined ? {} : { supersedes }),
      }),
    )
    .digest(),
});
