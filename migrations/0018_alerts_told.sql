-- Alerts that are told again, that somebody takes on, and that are told by mail.

-- when that it began, or that it lasts, was last ordered to be told
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS told_at timestamptz;
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS acknowledged_at timestamptz;
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS acknowledged_by text;
CREATE INDEX IF NOT EXISTS alerts_ended ON alerts (resolved_at) WHERE resolved_at IS NOT NULL;

-- One row per alert, target and what it is told: that it began, that it lasts, that somebody has it, that it is over.
ALTER TABLE alert_deliveries DROP CONSTRAINT IF EXISTS alert_deliveries_telling_check;
ALTER TABLE alert_deliveries ADD CONSTRAINT alert_deliveries_telling_check
  CHECK (telling IN ('raised', 'repeated', 'acknowledged', 'resolved'));
-- mailed: accepted as a message, and not known yet to have left
ALTER TABLE alert_deliveries DROP CONSTRAINT IF EXISTS alert_deliveries_state_check;
ALTER TABLE alert_deliveries ADD CONSTRAINT alert_deliveries_state_check
  CHECK (state IN ('waiting', 'mailed', 'delivered', 'gave-up'));
-- what the target said when it took it
ALTER TABLE alert_deliveries ADD COLUMN IF NOT EXISTS answer text;
-- of a target that is written to: the message
ALTER TABLE alert_deliveries ADD COLUMN IF NOT EXISTS spool_id uuid;

-- Each target has a line of its own.
DROP INDEX IF EXISTS alert_deliveries_due;
CREATE INDEX IF NOT EXISTS alert_deliveries_by_target ON alert_deliveries (target, due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS alert_deliveries_mailed ON alert_deliveries (spool_id) WHERE state = 'mailed';
