import type { CredentialSettings, Settings, TenantSettings } from "../../config/index.ts";
import { Problem, Secret } from "../../kernel/index.ts";
import type { Run } from "../run.ts";

/** Where a letter is handed in, and as whom. */
export type PostOffice = {
  url: string;
  apiKey: Secret | null;
  /** For the SMTP door. */
  login: { username: string; password: Secret } | null;
  /** A domain the sender owns, for a message without an author. */
  domain: string | null;
  smtp: { host: string; port: number } | null;
};

type Asked = { server?: string; tenant?: string; credential?: string };

const KEY_VARIABLE = "POSTERN_API_KEY";

/**
 * With --server and POSTERN_API_KEY no configuration is needed: that is how an application's machine tests its access.
 * Otherwise the configuration names the door and the credential.
 * @throws Problem `send-no-credential`, `send-no-tenant`, `send-bad-server`.
 */
export function postOffice(run: Run, asked: Asked): PostOffice {
  const key = run.world.environment[KEY_VARIABLE];
  const own = key ? new Secret(key) : null;
  const named = asked.server === undefined ? null : serverUrl(asked.server);
  if (named !== null && own !== null) return { url: named, apiKey: own, login: null, domain: null, smtp: null };
  const settings = run.settings();
  const tenant = tenantOf(settings, asked.tenant);
  const credential = credentialOf(tenant, asked.credential);
  const { http, smtp } = settings.listen;
  return {
    url: named ?? `http://${reachable(http.host)}:${http.port}`,
    apiKey: own ?? credential.apiKey,
    login:
      credential.username !== null && credential.password
        ? { username: credential.username, password: credential.password }
        : null,
    domain: tenant.domains[0] ?? null,
    smtp: smtp && { host: reachable(smtp.host).replace(/^\[|\]$/g, ""), port: smtp.port },
  };
}

export function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new Problem("send-bad-server", "--server must be an http or https address, such as http://127.0.0.1:8025.");
  return url.href.replace(/\/+$/, "");
}

/** Where a door listens on every address, this machine reaches it on loopback. */
const reachable = (host: string): string => {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
};

function tenantOf({ tenants }: Settings, name: string | undefined): TenantSettings {
  const names = tenants.map((tenant) => tenant.name).join(", ");
  if (name === undefined && tenants.length > 1)
    throw new Problem("send-no-tenant", `There are several tenants: choose one with --tenant (${names}).`);
  const tenant = name === undefined ? tenants[0] : tenants.find((one) => one.name === name);
  if (!tenant) throw new Problem("send-no-tenant", `There is no tenant ${name}. There is: ${names}.`);
  return tenant;
}

function credentialOf({ name: tenant, credentials }: TenantSettings, name: string | undefined): CredentialSettings {
  const found =
    name === undefined
      ? (credentials.find((one) => one.apiKey !== null) ?? credentials[0])
      : credentials.find((one) => one.name === name);
  if (found) return found;
  const names = credentials.map((one) => one.name).join(", ");
  throw new Problem("send-no-credential", `The tenant ${tenant} has no credential ${name}. It has: ${names}.`);
}
