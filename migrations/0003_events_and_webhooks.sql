-- What happened to a message in the words of its tenant, and the deliveries of that news to the tenant's webhooks.

-- Rare events are always kept; common ones (accepted, handed-off) only where a webhook wants them: the attempts tell them anyway.
CREATE TABLE IF NOT EXISTS message_events (
  event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  spool_id uuid NOT NULL,
  tenant text NOT NULL,
  kind text NOT NULL,
  at timestamptz NOT NULL,
  detail jsonb NOT NULL,
  -- true until the notifier has made deliveries of it
  notify boolean NOT NULL
);
CREATE INDEX IF NOT EXISTS message_events_by_message ON message_events (spool_id, event_id);
CREATE INDEX IF NOT EXISTS message_events_to_notify ON message_events (event_id) WHERE notify;

-- One row per event and webhook until it was taken (2xx) or given up.
CREATE TABLE IF NOT EXISTS webhook_deliveries (
  event_id bigint NOT NULL,
  webhook text NOT NULL,
  tenant text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'gave-up')),
  due_at timestamptz NOT NULL,
  tries smallint NOT NULL DEFAULT 0,
  last_error text,
  settled_at timestamptz,
  PRIMARY KEY (event_id, webhook)
);
CREATE INDEX IF NOT EXISTS webhook_deliveries_due ON webhook_deliveries (due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS webhook_deliveries_settled ON webhook_deliveries (settled_at) WHERE state <> 'waiting';
