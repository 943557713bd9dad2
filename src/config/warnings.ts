import { DIRECT_MX_DEFAULTS } from "./defaults.ts";
import { type ConfigMistake, pathText } from "./mistakes.ts";
import type { Settings } from "./settings.ts";
import { isLoopback } from "./values.ts";

/** What is allowed but should be meant: said at every start and by `postern doctor`. */
export function warningsOf(settings: Settings): ConfigMistake[] {
  const warnings: ConfigMistake[] = [];
  const warn = (path: PropertyKey[], sentence: string) => warnings.push({ path: pathText(path), sentence, line: null });
  const { listen } = settings;
  if (listen.smtp && !isLoopback(listen.smtp.host)) {
    if (listen.allowPlaintextAuth)
      warn(["listen", "allowPlaintextAuth"], "lets passwords cross the network in clear: set listen.tls instead.");
    else if (listen.tls === null)
      warn(["listen", "smtp"], "is open to other hosts without TLS, so nobody there can log in: set listen.tls.");
  }
  if (!isLoopback(listen.http.host)) {
    warn(
      ["listen", "http"],
      "is open to other hosts and speaks plain HTTP, so API keys would cross the network in clear: put a TLS proxy before it.",
    );
  }
  settings.providers.forEach((provider, index) => {
    if (provider.kind === "direct-mx") {
      const { resolver } = provider;
      if (resolver !== null && !isLoopback(resolver.host))
        warn(
          ["providers", index, "resolver"],
          "is another host: whoever is on the way there can say that an answer was proven. Run a validating resolver here.",
        );
      if (provider.port !== DIRECT_MX_DEFAULTS.port)
        warn(["providers", index, "port"], "is not 25, where servers of mail listen: for tests only.");
      return;
    }
    if (provider.kind !== "smtp") return;
    const away = !isLoopback(provider.host);
    if (provider.tls === "none" && away)
      warn(
        ["providers", index, "tls"],
        `none hands mail to ${provider.name} in clear over the network: use starttls or implicit.`,
      );
    if (provider.tls !== "none" && !provider.verifyCertificate && away) {
      warn(
        ["providers", index, "verifyCertificate"],
        `false lets anyone on the way pose as ${provider.name}: give its caFile instead.`,
      );
    }
  });
  for (const [index, tenant] of settings.tenants.entries()) {
    for (const [stream, route] of Object.entries(tenant.routes)) {
      const groups = new Set(
        [...route.prefer, ...route.standby].map(
          (name) => settings.providers.find((one) => one.name === name)?.ownerGroup,
        ),
      );
      if (groups.size === 1) {
        warn(
          ["tenants", index, "routes", stream],
          "rests on one owner group: when that company stops your account, this mail stops. Add a provider of another owner.",
        );
      }
    }
  }
  return warnings;
}
