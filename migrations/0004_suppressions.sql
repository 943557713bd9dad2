-- Addresses a tenant must not write to (bounced for good, complained). Secret and security mail (C0, C1) is never
-- suppressed: whoever can mark an address would otherwise decide who may recover an account.
CREATE TABLE IF NOT EXISTS suppressions (
  tenant text NOT NULL,
  address text NOT NULL,
  reason text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant, address)
);
