-- What the node that leads knows of providers and a restart must not forget, and what operators order.

-- How long confirmation usually takes, per provider and group of receivers; saved every few minutes.
CREATE TABLE IF NOT EXISTS usual_latencies (
  provider text NOT NULL,
  receivers text NOT NULL,
  latencies jsonb NOT NULL,
  saved_at timestamptz NOT NULL,
  PRIMARY KEY (provider, receivers)
);

-- When a provider last told anything of mail: one that never does is not silent, it is mute.
CREATE TABLE IF NOT EXISTS provider_signs (
  provider text PRIMARY KEY,
  event_at timestamptz NOT NULL
);

-- Orders of people about a provider's standing, taken by the node that leads within a second or two.
CREATE TABLE IF NOT EXISTS standing_orders (
  order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('pin-off', 'unpin', 'release-quarantine')),
  operator text NOT NULL,
  why text NOT NULL,
  -- of release-quarantine: when the keys were changed
  keys_rotated_at timestamptz,
  ordered_at timestamptz NOT NULL,
  -- null: nobody has looked at it yet, or it waits for a second person
  answered_at timestamptz,
  answer text
);
CREATE INDEX IF NOT EXISTS standing_orders_open ON standing_orders (order_id) WHERE answered_at IS NULL;

-- What was settled within the last seconds is read every second: ranges of pages are summarized as they fill, and not
-- only when a vacuum comes by.
ALTER INDEX attempts_by_end SET (autosummarize = on);

-- When the node that leads last looked. Mail from before a time in which nobody looked is not missed afterwards: notices of
-- it may have found nobody who took them.
CREATE TABLE IF NOT EXISTS last_look (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  at timestamptz NOT NULL
);
