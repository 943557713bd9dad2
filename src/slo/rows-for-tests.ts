import { randomBytes, randomUUID } from "node:crypto";
import { type Random, systemClock, uuidText, uuidV7 } from "../kernel/index.ts";
import type { Queryable } from "../store/index.ts";

const random: Random = { bytes: (size) => randomBytes(size), fraction: () => 0.5 };

export type TestMail = {
  at: number;
  sendAt?: number;
  tenant?: string;
  stream?: string;
  class?: number;
  /** Null: nobody took it. */
  provider?: string | null;
  tookMs?: number;
  /** Since accept; of each recipient. Null: nobody said so. */
  confirmedMs?: (number | null)[];
  states?: string[];
  reasons?: (string | null)[];
  disbelieved?: boolean;
};

/** Rows of one message as accept, settle and notices write them. @returns its id */
export async function putMail(database: Queryable, mail: TestMail): Promise<string> {
  const { at, tenant = "acme", stream = "alerts", provider = "harbour", tookMs = 80, confirmedMs = [3_000] } = mail;
  const id = uuidText(uuidV7({ ...systemClock, now: () => at }, random));
  const since = mail.sendAt ?? at;
  await database.query(
    `INSERT INTO messages (spool_id, tenant, stream, class, credential, door, return_path, author, header_message_id, size_bytes, body_mac,
       needs_smtputf8, needs_8bit, accepted_at, send_at) VALUES ($1, $2, $3, $4, 'app', 'http', '', 'a@acme.test', '<1@acme.test>', 1, '\\x00', false, false, $5, $6)`,
    [id, tenant, stream, mail.class ?? 2, new Date(at), mail.sendAt === undefined ? null : new Date(mail.sendAt)],
  );
  for (const [n, ms] of confirmedMs.entries()) {
    const state = mail.states?.[n] ?? (ms === null ? (provider === null ? "pending" : "handed-off") : "delivered");
    await database.query(
      "INSERT INTO recipients (spool_id, n, address, state, reason) VALUES ($1, $2, 'bob@example.com', $3, $4)",
      [id, n, state, mail.reasons?.[n] ?? null],
    );
    if (ms !== null)
      await database.query(
        "INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify) VALUES ($1, $2, 'message.delivered', $3, $4, false)",
        [id, tenant, new Date(since + ms), { provider, attempt: 1, recipients: [n] }],
      );
  }
  if (provider !== null)
    await database.query(
      `INSERT INTO attempts (spool_id, n, provider, route_reason, node, fence, intent_at, settled_at, outcome, scope, cause, resolved)
       VALUES ($1, 1, $2, 'preferred', $3, 1, $4, $4, 'accepted', 'message', 'accepted', $5)`,
      [id, provider, randomUUID(), new Date(since + tookMs), mail.disbelieved ? "disbelieved" : null],
    );
  return id;
}
