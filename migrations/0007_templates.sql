-- Templates of tenants. A template is found by its name, an alias, a number or a UUID, because the providers' APIs that are
-- served from here name templates in these four ways. Sources are kept version by version: what is published does not
-- change while its successor is being written.
CREATE TABLE IF NOT EXISTS templates (
  template_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uuid uuid NOT NULL UNIQUE,
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
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (tenant, name)
);

-- Names and aliases share one space, so that either finds one template.
CREATE TABLE IF NOT EXISTS template_names (
  tenant text NOT NULL,
  name text NOT NULL,
  template_id bigint NOT NULL,
  is_alias boolean NOT NULL,
  PRIMARY KEY (tenant, name)
);
CREATE INDEX IF NOT EXISTS template_names_by_template ON template_names (template_id);

CREATE TABLE IF NOT EXISTS template_versions (
  version_id uuid PRIMARY KEY,
  template_id bigint NOT NULL,
  n integer NOT NULL,
  label text NOT NULL,
  subject text,
  html text,
  text text,
  fallbacks jsonb NOT NULL,
  size_bytes integer NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS template_versions_by_template ON template_versions (template_id, n);
