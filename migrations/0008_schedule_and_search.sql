-- When a message is to be sent, where that is later than its acceptance. Its place in the queue is due then; this column
-- keeps the wish itself, so that what waits for its time can be told from what waits for its next try.
ALTER TABLE messages ADD COLUMN IF NOT EXISTS send_at timestamptz;
-- Only rows that were scheduled are in it: all others pay nothing for it.
CREATE INDEX IF NOT EXISTS messages_scheduled ON messages (tenant, send_at) WHERE send_at IS NOT NULL;

-- What happened within a span of time, over all messages (src/spool/event-list.ts). Both columns grow with the place of
-- their row, so a few octets per megabyte of rows are enough; summarizing indexes leave updates HOT.
CREATE INDEX IF NOT EXISTS message_events_by_time ON message_events USING brin (at);
CREATE INDEX IF NOT EXISTS attempts_by_end ON attempts USING brin (settled_at);
