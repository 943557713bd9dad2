-- When a message is to be sent, where that is later than its acceptance. Its place in the queue is due then; this column
-- keeps the wish itself, so that what waits for its time can be told from what waits for its next try.
ALTER TABLE messages ADD COLUMN IF NOT EXISTS send_at timestamptz;
-- Only rows that were scheduled are in it: all others pay nothing for it.
CREATE INDEX IF NOT EXISTS messages_scheduled ON messages (tenant, send_at) WHERE send_at IS NOT NULL;
