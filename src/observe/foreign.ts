import { instantArray, type Lane, type Statement, textArray } from "../store/index.ts";

/** What a provider told of mail that it was not given by us. */
export type Foreign = {
  provider: string;
  type: string;
  /** A pseudonym. */
  recipient: string | null;
  providerMessageId: string | null;
  at: number;
};

const KEEP: Statement = {
  name: "keep-foreign",
  text: `
INSERT INTO foreign_notices (provider, type, recipient, provider_message_id, at, seen_at)
SELECT g.provider, g.type, g.recipient, g.id, g.at, ($6::timestamptz[])[1]
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]) AS g(provider, type, recipient, id, at)`,
};

export async function keepForeign(execute: Lane["execute"], foreign: readonly Foreign[], now: number): Promise<void> {
  if (foreign.length === 0) return;
  await execute(KEEP, [
    textArray(foreign.map((one) => one.provider)),
    textArray(foreign.map((one) => one.type)),
    textArray(foreign.map((one) => one.recipient)),
    textArray(foreign.map((one) => one.providerMessageId)),
    instantArray(foreign.map((one) => one.at)),
    instantArray([now]),
  ]);
}
