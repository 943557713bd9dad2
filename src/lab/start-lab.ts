import { isLoopback } from "../config/index.ts";
import { Changes } from "./changes.ts";
import { LiveStreams } from "./http/live-streams.ts";
import { registerLab } from "./http/register.ts";
import { LabInbox } from "./inbox.ts";
import { LabProvider } from "./lab-provider.ts";
import type { Lab, LabParts } from "./lab.ts";
import type { LabState } from "./state.ts";

/**
 * Starts one SMTP server per provider and the inbox they share. Nothing of it leaves the machine or is written to disk.
 * @throws Problem `lab-port-taken` when a provider cannot listen; then nothing of the lab runs.
 */
export async function startLab({ providers, clock, log }: LabParts): Promise<Lab> {
  for (const { name, host } of providers) {
    if (!isLoopback(host)) throw new Error(`the lab provider ${name} must listen on loopback, not on ${host}`);
  }
  const inbox = new LabInbox();
  const changes = new Changes(clock);
  const running = new Map<string, LabProvider>();
  const stopAll = () => Promise.all([...running.values()].map((provider) => provider.stop()));
  try {
    for (const { name, host, port } of providers) {
      const changed = () => changes.changed();
      const provider = new LabProvider({ name, address: { host, port }, inbox, clock, log, changed });
      running.set(name, provider);
      await provider.start();
      log.info("lab.provider-started", { provider: name, host, port: provider.address.port });
    }
  } catch (error) {
    await stopAll();
    throw error;
  }
  const state: LabState = { clock, inbox, providers: running, changes };
  const streams = new LiveStreams(state);
  return {
    providers: providers.map((settings) => ({ ...settings, port: running.get(settings.name)!.address.port })),
    register: (server) => registerLab(server, state, streams),
    async stop() {
      streams.stop();
      await stopAll();
    },
  };
}
