-- What people have to hear of: one row from when it began to when it ended. The same key again is the same trouble.
CREATE TABLE IF NOT EXISTS alerts (
  alert_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL,
  kind text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('page', 'notice')),
  provider text,
  scope text NOT NULL,
  sentence text NOT NULL,
  numbers jsonb NOT NULL,
  raised_at timestamptz NOT NULL,
  resolved_at timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS alerts_open ON alerts (key) WHERE resolved_at IS NULL;

-- One row per alert, target and what it is told: that it began, that it is over.
CREATE TABLE IF NOT EXISTS alert_deliveries (
  alert_id bigint NOT NULL,
  target text NOT NULL,
  telling text NOT NULL CHECK (telling IN ('raised', 'resolved')),
  state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'gave-up')),
  due_at timestamptz NOT NULL,
  tries smallint NOT NULL DEFAULT 0,
  last_error text,
  PRIMARY KEY (alert_id, target, telling)
);
CREATE INDEX IF NOT EXISTS alert_deliveries_due ON alert_deliveries (due_at) WHERE state = 'waiting';
