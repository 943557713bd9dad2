-- Each webhook's due deliveries are found by themselves: a receiver that is down for days, with its backlog, costs the
-- others nothing (src/notify/lease-deliveries.ts).
CREATE INDEX IF NOT EXISTS webhook_deliveries_by_webhook ON webhook_deliveries (tenant, webhook, due_at) WHERE state = 'waiting';
