import { hash } from "node:crypto";
import { byteaArray, instantArray, type Lane, type Statement, textArray } from "../store/index.ts";
import type { TakenNotice } from "./facts.ts";

/**
 * Claims the ids of notices. One that another node is recording at this moment waits here for its commit and is then seen
 * before. In the order of the ids, so that two groups never wait for each other in a circle.
 */
const CLAIM: Statement = {
  name: "claim-notices",
  text: `
INSERT INTO seen_notices (provider, id_hash, seen_at, forget_at)
SELECT * FROM unnest($1::text[], $2::bytea[], $3::timestamptz[], $4::timestamptz[]) AS g(provider, id_hash, seen_at, forget_at)
ORDER BY provider, id_hash
ON CONFLICT DO NOTHING RETURNING provider, id_hash`,
};

/** Per notice its ids that were never seen before; of the same id in one group the first notice has it. */
export async function claimIds(
  execute: Lane["execute"],
  notices: readonly TakenNotice[],
  now: number,
): Promise<Set<string>[]> {
  const owners = new Map<string, { index: number; id: string; provider: string; hash: Buffer; forgetAt: number }>();
  notices.forEach((notice, index) => {
    for (const id of notice.ids) {
      const idHash = hash("sha256", id, "buffer").subarray(0, 16);
      const key = keyOf(notice.provider, idHash);
      if (!owners.has(key)) {
        owners.set(key, { index, id, provider: notice.provider, hash: idHash, forgetAt: notice.forgetAt });
      }
    }
  });
  const fresh = notices.map(() => new Set<string>());
  if (owners.size === 0) return fresh;
  const claims = [...owners.values()];
  const claimed = await execute(CLAIM, [
    textArray(claims.map((one) => one.provider)),
    byteaArray(claims.map((one) => one.hash)),
    instantArray(claims.map(() => now)),
    instantArray(claims.map((one) => one.forgetAt)),
  ]);
  for (const [provider, idHash] of claimed) {
    const owner = owners.get(keyOf(provider as string, idHash as Buffer));
    if (owner) fresh[owner.index]!.add(owner.id);
  }
  return fresh;
}

const keyOf = (provider: string, idHash: Buffer): string => `${provider} ${idHash.toString("hex")}`;
