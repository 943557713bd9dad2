-- What the migrations add up to. Made by `node scripts/schema.ts --write`; a test compares them. The program never runs it.

CREATE TABLE attempts (
  spool_id uuid NOT NULL,
  n smallint NOT NULL,
  provider text NOT NULL,
  route_reason text NOT NULL,
  recipients smallint[],
  node uuid NOT NULL,
  fence bigint NOT NULL,
  intent_at timestamp with time zone NOT NULL,
  settled_at timestamp with time zone,
  outcome text,
  scope text,
  cause text,
  reply_code smallint,
  enhanced_status text,
  provider_message_id text,
  diagnostic text,
  mixed jsonb,
  resolved text,
  CONSTRAINT attempts_pkey PRIMARY KEY (spool_id, n),
  CONSTRAINT attempts_outcome_check CHECK ((outcome = ANY (ARRAY['accepted'::text, 'deferred'::text, 'held'::text, 'rejected'::text, 'indeterminate'::text]))),
  CONSTRAINT attempts_resolved_check CHECK ((resolved = ANY (ARRAY['taken'::text, 'not-taken'::text, 'resent'::text, 'held'::text])))
) WITH (fillfactor=70);

CREATE TABLE bodies (
  spool_id uuid NOT NULL,
  salt bytea NOT NULL,
  sealed bytea NOT NULL,
  CONSTRAINT bodies_pkey PRIMARY KEY (spool_id)
) WITH (toast_tuple_target=8160);

CREATE TABLE foreign_notices (
  foreign_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  provider text NOT NULL,
  type text NOT NULL,
  recipient text,
  provider_message_id text,
  at timestamp with time zone NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  CONSTRAINT foreign_notices_pkey PRIMARY KEY (foreign_id)
);

CREATE TABLE idempotency_keys (
  tenant text NOT NULL,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  spool_id uuid NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant, key)
);

CREATE TABLE ledger_leaves (
  leaf_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  at timestamp with time zone NOT NULL,
  leaf bytea NOT NULL,
  CONSTRAINT ledger_leaves_pkey PRIMARY KEY (leaf_id)
);

CREATE TABLE message_events (
  event_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  spool_id uuid NOT NULL,
  tenant text NOT NULL,
  kind text NOT NULL,
  at timestamp with time zone NOT NULL,
  detail jsonb NOT NULL,
  notify boolean NOT NULL,
  CONSTRAINT message_events_pkey PRIMARY KEY (event_id)
);

CREATE TABLE messages (
  spool_id uuid NOT NULL,
  tenant text NOT NULL,
  stream text NOT NULL,
  class smallint NOT NULL,
  credential text NOT NULL,
  door text NOT NULL,
  return_path text NOT NULL,
  author text NOT NULL,
  header_message_id text NOT NULL,
  size_bytes integer NOT NULL,
  body_mac bytea NOT NULL,
  needs_smtputf8 boolean NOT NULL,
  needs_8bit boolean NOT NULL,
  dsn_return text,
  dsn_envelope_id text,
  tags jsonb,
  accepted_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone,
  ended_at timestamp with time zone,
  send_at timestamp with time zone,
  CONSTRAINT messages_pkey PRIMARY KEY (spool_id),
  CONSTRAINT messages_class_check CHECK (((class >= 0) AND (class <= 4)))
) WITH (fillfactor=85);

CREATE TABLE nodes (
  node_id uuid NOT NULL,
  label text NOT NULL,
  started_at timestamp with time zone DEFAULT now() NOT NULL,
  seen_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT nodes_pkey PRIMARY KEY (node_id)
);

CREATE TABLE queue (
  spool_id uuid NOT NULL,
  class smallint NOT NULL,
  state text NOT NULL,
  due_at timestamp with time zone NOT NULL,
  lease_node uuid,
  fence bigint DEFAULT 0 NOT NULL,
  attempt_count smallint DEFAULT 0 NOT NULL,
  held_reason text,
  CONSTRAINT queue_pkey PRIMARY KEY (spool_id),
  CONSTRAINT queue_check CHECK (((state = 'leased'::text) = (lease_node IS NOT NULL))),
  CONSTRAINT queue_check1 CHECK (((state = 'held'::text) = (held_reason IS NOT NULL))),
  CONSTRAINT queue_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'leased'::text, 'held'::text])))
) WITH (fillfactor=70);

CREATE TABLE recipients (
  spool_id uuid NOT NULL,
  n smallint NOT NULL,
  address text NOT NULL,
  dsn_notify text,
  dsn_original text,
  state text DEFAULT 'pending'::text NOT NULL,
  reason text,
  CONSTRAINT recipients_pkey PRIMARY KEY (spool_id, n),
  CONSTRAINT recipients_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'handed-off'::text, 'delivered'::text, 'rejected'::text, 'expired'::text, 'suppressed'::text, 'cancelled'::text])))
) WITH (fillfactor=85);

CREATE TABLE schema_migrations (
  name text NOT NULL,
  sha256 text NOT NULL,
  applied_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT schema_migrations_pkey PRIMARY KEY (name)
);

CREATE TABLE seen_notices (
  provider text NOT NULL,
  id_hash bytea NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  forget_at timestamp with time zone NOT NULL,
  CONSTRAINT seen_notices_pkey PRIMARY KEY (provider, id_hash)
);

CREATE TABLE suppression_exceptions (
  tenant text NOT NULL,
  address text NOT NULL,
  comment text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT suppression_exceptions_pkey PRIMARY KEY (tenant, address)
);

CREATE TABLE suppressions (
  tenant text NOT NULL,
  address text NOT NULL,
  reason text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT suppressions_pkey PRIMARY KEY (tenant, address)
);

CREATE TABLE template_names (
  tenant text NOT NULL,
  name text NOT NULL,
  template_id bigint NOT NULL,
  is_alias boolean NOT NULL,
  CONSTRAINT template_names_pkey PRIMARY KEY (tenant, name)
);

CREATE TABLE template_versions (
  version_id uuid NOT NULL,
  template_id bigint NOT NULL,
  n integer NOT NULL,
  label text NOT NULL,
  subject text,
  html text,
  text text,
  fallbacks jsonb NOT NULL,
  size_bytes integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT template_versions_pkey PRIMARY KEY (version_id)
);

CREATE TABLE templates (
  template_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  uuid uuid NOT NULL,
  tenant text NOT NULL,
  name text NOT NULL,
  display_name text NOT NULL,
  dialect text NOT NULL,
  author text,
  reply_to text,
  labels text[] NOT NULL,
  extra jsonb NOT NULL,
  published uuid,
  draft uuid NOT NULL,
  created_at timestamp with time zone NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT templates_tenant_name_key UNIQUE (tenant, name),
  CONSTRAINT templates_uuid_key UNIQUE (uuid),
  CONSTRAINT templates_pkey PRIMARY KEY (template_id)
);

CREATE TABLE webhook_deliveries (
  event_id bigint NOT NULL,
  webhook text NOT NULL,
  tenant text NOT NULL,
  state text NOT NULL,
  due_at timestamp with time zone NOT NULL,
  tries smallint DEFAULT 0 NOT NULL,
  last_error text,
  settled_at timestamp with time zone,
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (event_id, webhook),
  CONSTRAINT webhook_deliveries_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'gave-up'::text])))
);

ALTER TABLE bodies ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE INDEX attempts_by_end ON public.attempts USING brin (settled_at);

CREATE INDEX idempotency_keys_by_expiry ON public.idempotency_keys USING btree (expires_at);

CREATE INDEX message_events_by_message ON public.message_events USING btree (spool_id, event_id);

CREATE INDEX message_events_by_time ON public.message_events USING brin (at);

CREATE INDEX message_events_to_notify ON public.message_events USING btree (event_id) WHERE notify;

CREATE INDEX messages_by_end ON public.messages USING brin (ended_at);

CREATE INDEX messages_by_tenant ON public.messages USING btree (tenant, spool_id);

CREATE INDEX messages_scheduled ON public.messages USING btree (tenant, send_at) WHERE (send_at IS NOT NULL);

CREATE INDEX queue_due ON public.queue USING btree (class, due_at) WHERE (state = 'queued'::text);

CREATE INDEX queue_held ON public.queue USING btree (due_at) WHERE (state = 'held'::text);

CREATE INDEX queue_leased ON public.queue USING btree (lease_node) WHERE (state = 'leased'::text);

CREATE INDEX seen_notices_by_age ON public.seen_notices USING btree (forget_at);

CREATE INDEX template_names_by_template ON public.template_names USING btree (template_id);

CREATE INDEX template_versions_by_template ON public.template_versions USING btree (template_id, n);

CREATE INDEX webhook_deliveries_by_webhook ON public.webhook_deliveries USING btree (tenant, webhook, due_at) WHERE (state = 'waiting'::text);

CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (due_at) WHERE (state = 'waiting'::text);

CREATE INDEX webhook_deliveries_settled ON public.webhook_deliveries USING btree (settled_at) WHERE (state <> 'waiting'::text);

CREATE OR REPLACE FUNCTION public.ledger_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'ledger_leaves is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $function$;

CREATE TRIGGER ledger_leaves_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ledger_leaves FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
