import type { TestContext } from "node:test";
import type { SmtpProviderSettings } from "../../src/config/index.ts";
import { type Clock, silentLog, systemClock } from "../../src/kernel/index.ts";
import { createProvider, type Provider } from "../../src/providers/index.ts";
import { type Script, type ScriptedServer, startScriptedServer } from "./scripted-smtp-server.ts";

/** Settings of a provider on loopback, patient enough for a busy machine. */
export const smtpSettings = (port: number, change: Partial<SmtpProviderSettings> = {}): SmtpProviderSettings => ({
  kind: "smtp",
  name: "twin",
  ownerGroup: "twin",
  host: "127.0.0.1",
  port,
  tls: "none",
  verifyCertificate: true,
  caFile: null,
  auth: null,
  bounds: { concurrency: 50, ratePerS: null },
  connections: 4,
  connectTimeoutMs: 20_000,
  replyTimeoutMs: 20_000,
  dataEndTimeoutMs: 20_000,
  activityUrl: null,
  ...change,
});

/** A provider before a scripted server, both gone with the test. */
export async function smtpPair(
  context: TestContext,
  script: Partial<Script> = {},
  change: Partial<SmtpProviderSettings> = {},
  options: Parameters<typeof startScriptedServer>[1] & { clock?: Clock } = {},
): Promise<{ provider: Provider; server: ScriptedServer }> {
  const server = await startScriptedServer(script, options);
  const provider = createProvider(smtpSettings(server.port, change), {
    clock: options.clock ?? systemClock,
    log: silentLog,
    hostname: "postern.example",
  });
  context.after(async () => {
    await server.close(); // first, so that no connection waits for a clock that stands still
    await provider.close();
  });
  return { provider, server };
}
