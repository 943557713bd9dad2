import { randomUUID } from "node:crypto";
import type { Queryable } from "../store/index.ts";

/** Rows as accept, settle and notices write them, made by hand where a test is about what is read from them. */
export class TestRows {
  readonly #database: Queryable;
  constructor(database: Queryable) {
    this.#database = database;
  }

  /** A message of acme/alerts that a provider answered. @returns its spool id */
  async handOff(row: {
    at: number;
    provider?: string;
    outcome?: string;
    scope?: string;
    cause?: string;
    tenant?: string;
    stream?: string;
    class?: number;
    to?: string[];
    id?: string;
  }): Promise<string> {
    const id = row.id ?? randomUUID();
    const at = new Date(row.at);
    const { provider = "harbour", outcome = "accepted", scope = "message", cause = outcome } = row;
    await this.#database.query(
      `INSERT INTO messages (spool_id, tenant, stream, class, credential, door, return_path, author, header_message_id, size_bytes, body_mac,
         needs_smtputf8, needs_8bit, accepted_at) VALUES ($1, $2, $3, $4, 'app', 'http', '', 'a@acme.test', '<1@acme.test>', 1, '\\x00', false, false, $5)`,
      [id, row.tenant ?? "acme", row.stream ?? "alerts", row.class ?? 2, at],
    );
    for (const [n, address] of (row.to ?? ["bob@gmail.com"]).entries())
      await this.#database.query("INSERT INTO recipients (spool_id, n, address, state) VALUES ($1, $2, $3, $4)", [
        id,
        n,
        address,
        outcome === "accepted" ? "handed-off" : "pending",
      ]);
    await this.#database.query(
      `INSERT INTO attempts (spool_id, n, provider, route_reason, node, fence, intent_at, settled_at, outcome, scope, cause)
       VALUES ($1, 1, $2, 'preferred', $3, 1, $4, $4, $5, $6, $7)`,
      [id, provider, randomUUID(), at, outcome, scope, cause],
    );
    return id;
  }

  async told(row: {
    id: string;
    at: number;
    kind?: string;
    provider?: string;
    recipients?: number[];
    tenant?: string;
    detail?: Record<string, unknown>;
  }): Promise<void> {
    const { id, at, kind = "message.delivered", provider = "harbour", recipients = [0], tenant = "acme" } = row;
    await this.#database.query(
      "INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify) VALUES ($1, $2, $3, $4, $5, false)",
      [id, tenant, kind, new Date(at), { provider, attempt: 1, recipients, ...row.detail }],
    );
  }

  async tells(provider: string, at: number): Promise<void> {
    await this.#database.query("INSERT INTO provider_signs (provider, event_at) VALUES ($1, $2)", [
      provider,
      new Date(at),
    ]);
  }
}
