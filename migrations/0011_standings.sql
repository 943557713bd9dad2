-- How each provider stands, and since when. Written by the node that leads, read by all: verdicts reach the route as rows.
CREATE TABLE IF NOT EXISTS provider_standings (
  provider text NOT NULL,
  -- '' = the provider as a whole; 'tenant/stream' = that stream through it
  scope text NOT NULL,
  state text NOT NULL CHECK (state IN ('HEALTHY', 'SUSPECT', 'DOWN', 'PROBING', 'EVENTS_DARK', 'QUARANTINED', 'PINNED_OFF')),
  since timestamptz NOT NULL,
  -- the whole value as the judge goes on from it
  standing jsonb NOT NULL,
  -- the change that made it so: who leads by mistake writes after a change that is no longer the last, and is refused
  change_id bigint NOT NULL,
  PRIMARY KEY (provider, scope)
);

-- Every change with the numbers that caused it.
CREATE TABLE IF NOT EXISTS standing_changes (
  change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  scope text NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  at timestamptz NOT NULL,
  because jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS standing_changes_by_provider ON standing_changes (provider, change_id);
