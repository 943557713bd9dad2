-- Addresses that never go onto the suppression list by themselves, whatever a provider tells of them: mailboxes a tenant
-- knows to be good, such as its own. A person may still put one there.
CREATE TABLE IF NOT EXISTS suppression_exceptions (
  tenant text NOT NULL,
  address text NOT NULL,
  comment text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant, address)
);
