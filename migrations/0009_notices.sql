-- Notices of providers that were taken, so that the same one again changes nothing: on whatever node, after whatever crash.
CREATE TABLE IF NOT EXISTS seen_notices (
  provider text NOT NULL,
  -- the first half of SHA-256 of what the provider's scheme knows a notice by
  id_hash bytea NOT NULL,
  seen_at timestamptz NOT NULL,
  -- longer than its signature would be believed again
  forget_at timestamptz NOT NULL,
  PRIMARY KEY (provider, id_hash)
);
CREATE INDEX IF NOT EXISTS seen_notices_by_age ON seen_notices (forget_at);

-- What providers told of mail that is none of ours: sent by others with the account, or by somebody who should not. Bounded by a sweep.
CREATE TABLE IF NOT EXISTS foreign_notices (
  foreign_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  type text NOT NULL,
  -- a pseudonym under a key of the provider's name
  recipient text,
  provider_message_id text,
  at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL
);
