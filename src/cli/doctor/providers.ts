import type { Settings, SmtpProviderSettings } from "../../config/index.ts";
import type { Clock } from "../../kernel/index.ts";
import { examineWayOut } from "../../providers/index.ts";
import { type Check, notChecked, ok, warning, wrong } from "./check.ts";
import { type Step, type Talk, talkTo } from "./smtp-talk.ts";
import { wayOutChecks } from "./way-out.ts";

/** All are asked at once; one that hangs costs this long. */
const TIMEOUT_MS = 5_000;

/** Each provider can be found, reached and greeted. `labRuns`: the lab's own providers listen only then. */
export async function checkProviders(settings: Settings, labRuns: boolean, clock: Clock): Promise<Check[]> {
  const checks = await Promise.all(
    settings.providers.map(async (provider) => {
      const name = `provider ${provider.name}`;
      if (settings.lab && !labRuns) return notChecked(name, "Part of the lab; it runs when Postern does.");
      if (provider.kind === "direct-mx") {
        const domain = settings.tenants[0]!.domains[0]!;
        return wayOutChecks(provider, await examineWayOut(provider, { domain, clock, timeoutMs: TIMEOUT_MS }));
      }
      if (provider.kind !== "smtp") return notChecked(name, "Its API is asked when mail goes there.");
      if (provider.port === 0) return notChecked(name, "Part of the lab, at a port chosen at its start.");
      return talkCheck(provider, await talkTo(provider, settings.hostname, { clock, timeoutMs: TIMEOUT_MS }));
    }),
  );
  return checks.flat();
}

export function talkCheck(provider: SmtpProviderSettings, { addresses, failed, offers, tls }: Talk): Check {
  const name = `provider ${provider.name}`;
  const where = `${provider.host}:${provider.port}`;
  if (failed) return wrong(name, `${where}, ${failed.step}: ${failed.reason}.`, nextOf(failed.step, provider));
  const channel = tls ?? "without TLS";
  if (provider.auth !== null && !offers.some((offer) => /^AUTH\b/.test(offer))) {
    return warning(
      name,
      `${where} answers (${channel}) but offers no login, and one is configured.`,
      "Check host, port and tls: many providers offer AUTH only after TLS, or only on port 587 or 465.",
    );
  }
  const resolved = addresses.length === 1 && addresses[0] === provider.host ? "" : ` (${addresses.join(", ")})`;
  return ok(name, `${where}${resolved} answers, ${channel}.`);
}

function nextOf(step: Step, { host, port, tls }: SmtpProviderSettings): string {
  switch (step) {
    case "DNS":
      return `Check the name (getent hosts ${host}) and this machine's resolver.`;
    case "TCP":
    case "time":
      return `Check host and port, and whether a firewall lets this machine out to port ${port}.`;
    case "greeting":
    case "EHLO":
      return tls === "none" || tls === "starttls"
        ? "Check the port: one that expects TLS at once needs tls: implicit."
        : "Check the port: one that begins in clear needs tls: starttls.";
    case "STARTTLS":
      return "Check the port: perhaps it needs tls: implicit. Never turn TLS off on a network you do not own.";
    case "TLS":
      return "Check that the name is the one in the certificate; a private authority needs caFile.";
  }
}
