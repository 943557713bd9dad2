import type { App } from "../app.ts";
import { type ProviderSettings, type Address, type Settings, warningsOf } from "../config/index.ts";
import type { Paint } from "./paint.ts";
import { padEnd, wrap } from "./text.ts";
import { plural } from "./when.ts";

/** What runs now, in a few calm lines, and what should be thought about again. */
export function startSummary(
  app: Pick<App, "smtp" | "smtps" | "http">,
  settings: Settings,
  { paint, width }: { paint: Paint; width: number },
): string {
  const { database, dataFolder, listen, providers, tenants } = settings;
  const tls = listen.tls ? "STARTTLS" : "without TLS";
  const facts: [name: string, fact: string][] = [
    ["SMTP", app.smtp ? `${at(app.smtp)}, ${tls}` : "closed"],
    ...(app.smtps ? ([["SMTPS", `${at(app.smtps)}, implicit TLS`]] as [string, string][]) : []),
    ["HTTP", `http://${at(app.http)}, health at /healthz, metrics at /metrics`],
    ["Database", database.kind === "embedded" ? `embedded, in ${dataFolder}` : "a PostgreSQL server (database.url)"],
    ["Tenants", tenants.map((tenant) => `${tenant.name} (${plural(tenant.streams.length, "stream")})`).join(", ")],
    ["Providers", providers.map(placeOf).join(", ")],
  ];
  const lines = facts.map(([name, fact]) => `  ${paint.quiet(padEnd(name, 9))}  ${fact}`);
  const noted = warningsOf(settings).flatMap(({ path, sentence }) =>
    wrap(`${path} ${sentence}`, width - 4).map((line, n) => `  ${n === 0 ? paint.warn("!") : " "} ${line}`),
  );
  return ["", paint.strong("Postern runs."), ...lines, ...(noted.length > 0 ? ["", ...noted] : []), ""].join("\n");
}

const at = ({ host, port }: Address): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

const placeOf = (provider: ProviderSettings): string =>
  provider.kind === "smtp"
    ? `${provider.name} (${provider.host}:${provider.port})`
    : `${provider.name} (${provider.kind}${"baseUrl" in provider && provider.baseUrl !== null ? ` at ${provider.baseUrl}` : ""})`;
