import type { DirectMxProviderSettings } from "../../config/index.ts";
import type { WayOutFound } from "../../providers/index.ts";
import { type Check, notChecked, ok, warning, wrong } from "./check.ts";

/** What stands between this machine and the servers of recipients: a resolver that proves, and a port that is open. */
export function wayOutChecks(provider: DirectMxProviderSettings, found: WayOutFound): Check[] {
  const name = `provider ${provider.name}`;
  return [resolverCheck(name, provider, found), portCheck(name, provider, found)];
}

function resolverCheck(name: string, { resolver }: DirectMxProviderSettings, found: WayOutFound): Check {
  const who = resolver === null ? "The system's resolver" : `The resolver ${resolver.host}:${resolver.port}`;
  if (found.resolver === "silent")
    return wrong(name, `${who} does not answer.`, "Start it, or correct resolver: without it no domain can be found.");
  if (found.isValidating) return ok(name, `${who} answers and checks DNSSEC.`);
  return warning(
    name,
    `${who} does not say that answers are proven, so DANE is not used.`,
    "Run one that checks DNSSEC on this machine (unbound does as it comes) and name it as resolver: 127.0.0.1:53.",
  );
}

function portCheck(name: string, { port }: DirectMxProviderSettings, { reached }: WayOutFound): Check {
  if (reached === null) return notChecked(name, "No public server of mail of the first tenant's domain to knock at.");
  const where = `${reached.host} (${reached.address}), port ${port}`;
  return reached.open
    ? ok(name, `${where}, can be reached.`)
    : wrong(
        name,
        `${where}, cannot be reached.`,
        "Most clouds block port 25 until one asks: have it opened, or send through a provider.",
      );
}
