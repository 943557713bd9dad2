-- A calibration that lowers a threshold by more than a fifth waits for a second person, and is judged with from then on.
ALTER TABLE calibrations ADD COLUMN IF NOT EXISTS waits boolean NOT NULL DEFAULT false;
