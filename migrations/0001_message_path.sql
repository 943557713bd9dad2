-- The mail path: what was accepted, where it stands, what was tried, and the ledger's leaves.
-- Who owns which table, what is kept how long and what is personal: docs/data.md.

-- One row per accepted submission. Facts never change; only `ended_at` and `held_reason` follow its life.
CREATE TABLE IF NOT EXISTS messages (
  spool_id uuid PRIMARY KEY,
  tenant text NOT NULL,
  stream text NOT NULL,
  class smallint NOT NULL CHECK (class BETWEEN 0 AND 4),
  credential text NOT NULL,
  door text NOT NULL,
  return_path text NOT NULL,
  author text NOT NULL,
  header_message_id text NOT NULL,
  size_bytes integer NOT NULL,
  body_sha256 bytea NOT NULL,
  needs_smtputf8 boolean NOT NULL,
  needs_8bit boolean NOT NULL,
  dsn_return text,
  dsn_envelope_id text,
  tags jsonb,
  accepted_at timestamptz NOT NULL,
  expires_at timestamptz, -- null: lives until it is done (bulk)
  ended_at timestamptz
) WITH (fillfactor = 85); -- room for the one HOT update that ends a message

-- Lists are read newest first within a tenant; a UUIDv7 sorts by the time of accept.
CREATE INDEX IF NOT EXISTS messages_by_tenant ON messages (tenant, spool_id);
-- Retention sweeps read by time of end; BRIN, because an updated BRIN column does not spoil a HOT update.
CREATE INDEX IF NOT EXISTS messages_by_end ON messages USING brin (ended_at);

CREATE TABLE IF NOT EXISTS recipients (
  spool_id uuid NOT NULL,
  n smallint NOT NULL,
  address text NOT NULL,
  dsn_notify text,
  dsn_original text,
  state text NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'handed-off', 'delivered', 'rejected', 'expired', 'suppressed', 'cancelled')),
  reason text,
  PRIMARY KEY (spool_id, n)
) WITH (fillfactor = 85);

-- The message itself, sealed under a key of its own (AES-256-GCM; the key is derived from `salt`). No salt, no key:
-- deleting the row is the purge. Sealed bytes do not compress, so they are stored as they are.
CREATE TABLE IF NOT EXISTS bodies (
  spool_id uuid PRIMARY KEY,
  salt bytea NOT NULL,
  sealed bytea NOT NULL
) WITH (toast_tuple_target = 8160);
ALTER TABLE bodies ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- What is still to be done. A message has a row here exactly until it ends, so the table stays as small as the backlog.
CREATE TABLE IF NOT EXISTS queue (
  spool_id uuid PRIMARY KEY,
  class smallint NOT NULL,
  state text NOT NULL CHECK (state IN ('queued', 'leased', 'held')),
  due_at timestamptz NOT NULL,
  lease_node uuid,
  fence bigint NOT NULL DEFAULT 0,
  attempt_count smallint NOT NULL DEFAULT 0,
  held_reason text,
  CHECK ((state = 'leased') = (lease_node IS NOT NULL)),
  CHECK ((state = 'held') = (held_reason IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX IF NOT EXISTS queue_due ON queue (class, due_at) WHERE state = 'queued';
CREATE INDEX IF NOT EXISTS queue_leased ON queue (lease_node) WHERE state = 'leased';
CREATE INDEX IF NOT EXISTS queue_held ON queue (due_at) WHERE state = 'held';

-- One row per try, committed as an intent (outcome null) before the provider is called.
CREATE TABLE IF NOT EXISTS attempts (
  spool_id uuid NOT NULL,
  n smallint NOT NULL,
  provider text NOT NULL,
  route_reason text NOT NULL,
  -- which recipients this try was for; null = all of them
  recipients smallint[],
  node uuid NOT NULL,
  fence bigint NOT NULL,
  intent_at timestamptz NOT NULL,
  settled_at timestamptz,
  outcome text CHECK (outcome IN ('accepted', 'deferred', 'held', 'rejected', 'indeterminate')),
  scope text,
  cause text,
  reply_code smallint,
  enhanced_status text,
  provider_message_id text,
  diagnostic text,
  -- only where the provider answered differently for different recipients: [{ "n": 0, "outcome": … }, …]
  mixed jsonb,
  -- what became of an indeterminate try: the provider said so, or a rule of the class decided
  resolved text CHECK (resolved IN ('taken', 'not-taken', 'resent', 'held')),
  PRIMARY KEY (spool_id, n)
) WITH (fillfactor = 70);

-- Every accept, attempt and outcome, in the transaction that made it so. Only ever added to: see the trigger.
CREATE TABLE IF NOT EXISTS ledger_leaves (
  leaf_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  leaf bytea NOT NULL
);
CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ledger_leaves is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER ledger_leaves_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_leaves
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
