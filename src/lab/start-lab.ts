import {
  type Address,
  type ApiProviderSettings,
  isLoopback,
  LAB_DOMAIN,
  type ProviderSettings,
  type SmtpProviderSettings,
} from "../config/index.ts";
import { Changes } from "./changes.ts";
import { LiveStreams } from "./http/live-streams.ts";
import { registerLab } from "./http/register.ts";
import { LabInbox } from "./inbox.ts";
import { LabProvider } from "./lab-provider.ts";
import type { LabTwin } from "./lab-twin.ts";
import type { Lab, LabParts } from "./lab.ts";
import type { LabState } from "./state.ts";
import type { Deliver } from "./twins/index.ts";
import type { LabWorld } from "./world.ts";

/**
 * Starts one server per provider and the inbox they share; with vendors' twins also the world around them: a nameserver
 * and a receiving server, to which all providers sign and deliver. Nothing of it leaves the machine or is written to disk.
 * @throws Problem `lab-port-taken` when a provider cannot listen; then nothing of the lab runs.
 */
export async function startLab({ providers: all, clock, random, log, rehearsal }: LabParts): Promise<Lab> {
  const bySmtp = all.filter((one): one is SmtpProviderSettings => one.kind === "smtp");
  const byApi = all.filter((one): one is ApiProviderSettings => "baseUrl" in one);
  for (const { name, host } of [...bySmtp, ...byApi.map((one) => ({ name: one.name, host: hostOf(one.baseUrl) }))]) {
    if (!isLoopback(host)) throw new Error(`the lab provider ${name} must listen on loopback, not on ${host}`);
  }
  const inbox = new LabInbox();
  const changes = new Changes(clock);
  const changed = () => changes.changed();
  const providers = new Map<string, LabProvider>();
  const twins = new Map<string, LabTwin>();
  let world: LabWorld | null = null;
  let askDns: Lab["askDns"] = null;
  let certificate: Lab["certificate"] = () => null;
  const stopAll = async () => {
    await Promise.all([...providers.values(), ...twins.values()].map((one) => one.stop()));
    await world?.stop();
  };
  try {
    if (byApi.length > 0) {
      const [{ startLabWorld }, { resolverOf }] = await Promise.all([import("./world.ts"), import("./dns/index.ts")]);
      world = await startLabWorld({ inbox, clock, log, changed });
      askDns = resolverOf(world.dns.address);
      for (const { name, kind } of [...bySmtp, ...byApi]) world.postOffice(name, kind).setUp(LAB_DOMAIN);
      log.info("lab.world-started", { dns: placeOf(world.dns.address), mx: placeOf(world.receiving.address) });
    }
    for (const { name, host, port } of bySmtp) {
      const relay = world ? { relay: world.relay(name) } : {};
      const provider = new LabProvider({ name, address: { host, port }, inbox, ...relay, clock, log, changed });
      providers.set(name, provider);
      await provider.start();
      log.info("lab.provider-started", { provider: name, host, port: provider.address.port });
    }
    if (world) {
      // Only where there is a lab: a Postern with a configuration never loads the twins.
      const [{ LabTwin: Twin }, { deliverThrough, sesCertificate }] = await Promise.all([
        import("./lab-twin.ts"),
        import("./twins/index.ts"),
      ]);
      certificate = (url) => sesCertificate(url, clock.now());
      for (const settings of byApi) {
        const { name } = settings;
        const through = deliverThrough(world.postOffice(name, settings.kind));
        const deliver: Deliver = async (message, account) =>
          rehearsal?.receive(name, message) ?? through(message, account);
        const moods = rehearsal ? { begin: rehearsal.begin, weather: rehearsal.weather(name) } : {};
        const twin = await Twin.start({ settings, deliver, ...moods, clock, random, log, changed });
        twins.set(settings.name, twin);
        log.info("lab.provider-started", { provider: settings.name, host: "127.0.0.1", url: twin.baseUrl });
      }
    }
  } catch (error) {
    await stopAll();
    throw error;
  }
  rehearsal?.started({ twins, inbox });
  let alerts: LabState["alerts"] = () => Promise.resolve([]);
  const state: LabState = {
    clock,
    inbox,
    names: all.map(({ name }) => name),
    providers,
    twins,
    changes,
    // A database that is away is told elsewhere; the inbox is shown all the same.
    alerts: () => alerts().catch(() => []),
    assurance: null,
  };
  const streams = new LiveStreams(state);
  return {
    providers: all.map((settings): ProviderSettings => {
      if (settings.kind === "smtp") return { ...settings, port: providers.get(settings.name)!.address.port };
      if (settings.kind === "direct-mx") return settings;
      const { baseUrl, webhook } = twins.get(settings.name)!;
      return { ...settings, baseUrl, webhook };
    }),
    noticesTo(address) {
      for (const [name, twin] of twins) twin.tellAt(address(name));
    },
    certificate,
    deliverTo: (domain, address) => world?.deliverTo(domain, address),
    askDns,
    showAlerts(read) {
      alerts = read;
    },
    showAssurance(read) {
      state.assurance = read;
    },
    register: (server) => registerLab(server, state, streams),
    async stop() {
      streams.stop();
      await stopAll();
    },
  };
}

const placeOf = ({ host, port }: Address): string => `${host}:${port}`;
const hostOf = (baseUrl: string | null): string => (baseUrl === null ? "" : new URL(baseUrl).hostname);
