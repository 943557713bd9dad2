-- Mail that a provider took and probably lost, and what became of it: ordered by verdicts and by people, done by the node
-- that leads. The rows are its memory: whoever leads next goes on from them.
CREATE TABLE IF NOT EXISTS redrive_orders (
  order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  -- '' = all of its mail; 'tenant/stream' = that stream's
  scope text NOT NULL,
  -- hand-offs from here on are in doubt
  since_at timestamptz NOT NULL,
  verdict_at timestamptz NOT NULL,
  reason text NOT NULL,
  -- the provider says "delivered" of what did not arrive: its word counts for nothing
  lying boolean NOT NULL,
  -- null: a verdict
  operator text,
  ordered_at timestamptz NOT NULL,
  -- null: there is still something to do
  done_at timestamptz,
  UNIQUE (provider, scope, verdict_at)
);
CREATE INDEX IF NOT EXISTS redrive_orders_open ON redrive_orders (order_id) WHERE done_at IS NULL;

CREATE TABLE IF NOT EXISTS redrive_items (
  order_id bigint NOT NULL,
  spool_id uuid NOT NULL,
  class smallint NOT NULL CHECK (class BETWEEN 0 AND 4),
  due_at timestamptz NOT NULL,
  -- null: it waits for its turn, for the provider's log, or for whoever works on the message at this moment
  result text CHECK (result IN ('resent', 'reissue-wanted', 'hurried', 'confirmed', 'delivered', 'superseded', 'expired', 'body-gone', 'twice', 'no-other-way', 'bulk', 'gone')),
  result_at timestamptz,
  -- the provider's log was asked about it
  asked boolean NOT NULL DEFAULT false,
  -- when the copy that was given up was told to have arrived after all
  late_at timestamptz,
  PRIMARY KEY (order_id, spool_id)
);
CREATE INDEX IF NOT EXISTS redrive_items_open ON redrive_items (order_id, class, due_at) WHERE result IS NULL;
CREATE INDEX IF NOT EXISTS redrive_items_by_message ON redrive_items (spool_id);

-- disbelieved: sent again, because its provider says "delivered" of what did not arrive.
ALTER TABLE attempts DROP CONSTRAINT IF EXISTS attempts_resolved_check;
ALTER TABLE attempts ADD CONSTRAINT attempts_resolved_check CHECK (resolved IN ('taken', 'not-taken', 'resent', 'held', 'disbelieved')) NOT VALID;
-- apart from adding it, so that nothing waits while rows are looked at
ALTER TABLE attempts VALIDATE CONSTRAINT attempts_resolved_check;

-- The message that took its place: it is never sent (again).
ALTER TABLE messages ADD COLUMN IF NOT EXISTS superseded_by uuid;

-- How much routine mail a standby is given an hour while it carries another provider's, so that receivers are not
-- surprised by it. Written by the node that leads, read by all.
CREATE TABLE IF NOT EXISTS provider_paces (
  -- the standby
  provider text PRIMARY KEY,
  -- whose mail: "harbour", or of one stream only: "harbour acme/alerts"
  instead_of text[] NOT NULL,
  state text NOT NULL CHECK (state IN ('ramping', 'stopped')),
  -- in all; what of it routine mail (C3) may use; and critical mail (C2) for itself; of all nodes together
  allowance_per_hour integer NOT NULL,
  routine_per_hour integer NOT NULL,
  critical_per_hour integer NOT NULL,
  peak_per_hour integer NOT NULL,
  -- share of tries that receivers put off
  deferred real NOT NULL,
  began_at timestamptz NOT NULL,
  -- when the allowance was last changed: it may be doubled an hour later
  step_at timestamptz NOT NULL,
  counted_at timestamptz NOT NULL
);
