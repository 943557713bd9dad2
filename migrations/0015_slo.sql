-- How fast mail was handed off and confirmed, in counts: what promises (service level objectives) are measured with.

-- One row per minute of accept (of mail for later: of the time it was for), stream and the provider that took it first.
CREATE TABLE IF NOT EXISTS slo_minutes (
  minute timestamptz NOT NULL,
  tenant text NOT NULL,
  stream text NOT NULL,
  class smallint NOT NULL CHECK (class BETWEEN 0 AND 4),
  -- '': none has taken it yet
  provider text NOT NULL,
  -- what counts as there: the receiving server's word, or where its provider tells nothing, the provider's own
  measure text NOT NULL CHECK (measure IN ('confirmed', 'handed-off')),
  -- without what could not arrive anywhere: suppressed, cancelled, to mailboxes that do not exist
  accepted integer NOT NULL,
  handed_off integer NOT NULL,
  confirmed integer NOT NULL,
  failed integer NOT NULL,
  expired integer NOT NULL,
  -- how many were handed off, confirmed (since accept), confirmed (since hand-off) within each of the edges (src/slo/edges.ts)
  handed_off_within integer[] NOT NULL,
  confirmed_within integer[] NOT NULL,
  leg_within integer[] NOT NULL,
  PRIMARY KEY (minute, tenant, stream, class, provider)
);

-- The same, added up; kept for as long as objectives look back.
CREATE TABLE IF NOT EXISTS slo_hours (
  hour timestamptz NOT NULL,
  tenant text NOT NULL,
  stream text NOT NULL,
  class smallint NOT NULL CHECK (class BETWEEN 0 AND 4),
  provider text NOT NULL,
  measure text NOT NULL CHECK (measure IN ('confirmed', 'handed-off')),
  accepted integer NOT NULL,
  handed_off integer NOT NULL,
  confirmed integer NOT NULL,
  failed integer NOT NULL,
  expired integer NOT NULL,
  handed_off_within integer[] NOT NULL,
  confirmed_within integer[] NOT NULL,
  leg_within integer[] NOT NULL,
  PRIMARY KEY (hour, tenant, stream, class, provider, measure)
);

-- When the mail of a minute was last counted: it is again at growing ages, since confirmations come late.
CREATE TABLE IF NOT EXISTS slo_counted (
  minute timestamptz PRIMARY KEY,
  at timestamptz NOT NULL
);

-- Mail for later counts from the time it was for. Only rows that were scheduled are in it.
CREATE INDEX IF NOT EXISTS messages_by_send_at ON messages (send_at) WHERE send_at IS NOT NULL;
