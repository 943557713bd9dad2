-- Providers that are withdrawn on purpose for a bounded time, to see that the others carry the mail.
CREATE TABLE IF NOT EXISTS drills (
  drill_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  -- null: all streams; else "tenant/stream"
  streams text[],
  -- of its mail: how much is withdrawn
  share real NOT NULL CHECK (share > 0 AND share <= 1),
  operator text NOT NULL,
  reason text NOT NULL,
  -- who stands in for it, and for what: as the start was told
  plan jsonb NOT NULL,
  started_at timestamptz NOT NULL,
  -- by then it is over, whoever leads: every node looks at it by itself
  until_at timestamptz NOT NULL,
  stop_asked_by text,
  -- from then on no node withdraws it; its end is written a moment later
  stop_asked_at timestamptz,
  ended_at timestamptz,
  -- time, operator, or what the guard saw; with the sentence and its numbers
  ended_by text,
  ended_because text,
  numbers jsonb,
  -- what moved, how fast, what it cost; null until the time after it is over too
  report jsonb,
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
-- One at a time.
CREATE UNIQUE INDEX IF NOT EXISTS drills_running ON drills ((true)) WHERE ended_at IS NULL;

-- What `postern calibrate --apply` found: the newest row is what verdicts are made with.
CREATE TABLE IF NOT EXISTS calibrations (
  calibration_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  made_at timestamptz NOT NULL,
  operator text NOT NULL,
  approved_by text,
  -- the days that it rests on
  days real NOT NULL,
  -- what replaces the assumed figures, and how much stands behind each
  found jsonb NOT NULL
);
