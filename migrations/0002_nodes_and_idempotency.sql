-- Running processes, and what clients may safely ask twice.

-- One row per running process; `seen_at` is the database's own clock, so that a node with a wrong clock neither
-- loses its leases nor keeps a dead one's.
CREATE TABLE IF NOT EXISTS nodes (
  node_id uuid PRIMARY KEY,
  label text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now()
);

-- An Idempotency-Key and the hash of the body it came with; the same pair gives the same answer for 72 h.
CREATE TABLE IF NOT EXISTS idempotency_keys (
  tenant text NOT NULL,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  spool_id uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, key)
);
CREATE INDEX IF NOT EXISTS idempotency_keys_by_expiry ON idempotency_keys (expires_at);
