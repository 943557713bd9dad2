import type { Settings, SmtpProviderSettings } from "../../src/config/index.ts";

/** The providers of a configuration in which all of them speak SMTP. */
export function smtpProviders({ providers }: Settings): SmtpProviderSettings[] {
  return providers.map((provider) => {
    if (provider.kind !== "smtp") throw new Error(`${provider.name} does not speak SMTP`);
    return provider;
  });
}
