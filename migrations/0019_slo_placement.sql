-- Whether a canary that arrived in a mailbox was in its folder for spam.
ALTER TABLE canaries ADD COLUMN IF NOT EXISTS in_spam boolean NOT NULL DEFAULT false;
