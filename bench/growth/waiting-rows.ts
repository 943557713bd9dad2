import pg from "pg";
import { delay, newSpoolId, systemClock, systemRandom } from "../../src/kernel/index.ts";
import { Sealer } from "../../src/spool/index.ts";
import { type DatabaseTarget, byteaArray, textArray, uuidArray } from "../../src/store/index.ts";

/**
 * Messages that wait, written straight into the tables: real rows with bodies that open, so that they are handed off
 * when their time comes. Only their ledger leaves are left out; nothing reads those on the way.
 */
export class WaitingRows {
  readonly #client: pg.Client;
  readonly #sealer: Sealer;
  #count = 0;

  private constructor(client: pg.Client, bodyKey: string) {
    this.#client = client;
    this.#sealer = new Sealer(Buffer.from(bodyKey, "hex"), systemRandom);
  }

  static async open(target: DatabaseTarget, bodyKey: string): Promise<WaitingRows> {
    const client = new pg.Client(target);
    await client.connect();
    return new WaitingRows(client, bodyKey);
  }

  get count(): number {
    return this.#count;
  }

  /** Until `wanted` wait, none of them due before tomorrow. */
  async fill(wanted: number, onCount: (count: number) => void): Promise<void> {
    while (this.#count < wanted) {
      const group = Math.min(GROUP, wanted - this.#count);
      const ids = Array.from({ length: group }, () => newSpoolId(systemClock, systemRandom));
      const bodies = ids.map((id) => this.#sealer.seal(id, letter(id)));
      await this.#client.query(INSERT, [
        uuidArray(ids),
        textArray(ids.map((id) => `<${id}@waiting.test>`)),
        byteaArray(bodies.map((body) => body.salt)),
        byteaArray(bodies.map((body) => body.sealed)),
      ]);
      this.#count += group;
      onCount(this.#count);
    }
    // What autovacuum does by itself in a queue that grew in its own time.
    await this.#client.query("ANALYZE messages, recipients, bodies, queue");
  }

  /** All that wait are due from now on. */
  async makeDue(): Promise<void> {
    await this.#client.query("UPDATE queue SET due_at = clock_timestamp() WHERE state = 'queued'");
  }

  /** What is left waits until tomorrow again, once what was in hand is handed off. @returns how many wait. */
  async putOff(): Promise<number> {
    const until = performance.now() + IN_HAND_MS;
    for (;;) {
      await this.#client.query(PUT_OFF);
      const { rows } = await this.#client.query<{ waiting: number; due: number; inHand: number }>(COUNT);
      const { waiting, due, inHand } = rows[0]!;
      this.#count = waiting;
      if (inHand === 0 && due === 0) return waiting;
      if (performance.now() > until)
        throw new Error(`${inHand} messages were in hand and ${due} due for ${IN_HAND_MS / 1_000} s.`);
      await delay(systemClock, POLL_MS);
    }
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}

const GROUP = 5_000;
const IN_HAND_MS = 30_000;
const POLL_MS = 100;
/** Passes over what Postern has its hands on: two that lock the same rows in different orders would wait for each other. */
const PUT_OFF = `UPDATE queue q SET due_at = clock_timestamp() + interval '1 day'
  FROM (SELECT spool_id FROM queue WHERE state = 'queued' AND due_at < clock_timestamp() + interval '1 hour'
        FOR UPDATE SKIP LOCKED) free
  WHERE q.spool_id = free.spool_id`;
const COUNT = `SELECT count(*)::int AS waiting, count(*) FILTER (WHERE state = 'leased')::int AS "inHand",
  count(*) FILTER (WHERE state = 'queued' AND due_at < clock_timestamp() + interval '1 hour')::int AS due FROM queue`;
const LINE = `${"Something waits here. ".repeat(3)}\r\n`;

/** Short: a million of them have to fit on a disk, and only their own pages know how long they are. */
const letter = (id: string): Buffer =>
  Buffer.from(
    `From: <a@src.test>\r\nTo: <b@dst.test>\r\nMessage-ID: <${id}@waiting.test>\r\nSubject: waiting\r\n\r\n${LINE}`,
  );

const INSERT = `
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[]) AS g(spool_id, message_id, salt, sealed)
), m AS (
  INSERT INTO messages (spool_id, tenant, stream, class, credential, door, return_path, author, header_message_id, size_bytes,
    body_mac, needs_smtputf8, needs_8bit, accepted_at, expires_at)
  SELECT spool_id, 'bench', 'alerts', 2, 'load', 'smtp', 'a@src.test', 'a@src.test', message_id, length(sealed) - 16,
    sha256(sealed), false, false, clock_timestamp(), clock_timestamp() + interval '3 days' FROM given
), r AS (
  INSERT INTO recipients (spool_id, n, address) SELECT spool_id, 0, 'b@dst.test' FROM given
), b AS (
  INSERT INTO bodies (spool_id, salt, sealed) SELECT spool_id, salt, sealed FROM given
)
INSERT INTO queue (spool_id, class, state, due_at)
SELECT spool_id, 2, 'queued', clock_timestamp() + interval '1 day' FROM given`;
