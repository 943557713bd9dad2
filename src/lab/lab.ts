import type { FastifyInstance } from "fastify";
import type { ShownAlert } from "../alerts/index.ts";
import type { Address, ProviderSettings } from "../config/index.ts";
import type { Clock, Log, Random } from "../kernel/index.ts";
import type { AskDns } from "./dns/index.ts";
import type { LabInbox } from "./inbox.ts";
import type { LabState } from "./state.ts";
import type { LabTwin } from "./lab-twin.ts";
import type { Begin, SentMessage, TwinWeather } from "./twins/index.ts";

export type LabParts = {
  providers: readonly ProviderSettings[];
  clock: Clock;
  random: Random;
  log: Log;
  rehearsal?: LabRehearsal;
};

/** A rehearsal's part in the lab: what becomes of mail at each provider, and who hears of work on its way. */
export type LabRehearsal = {
  begin: Begin;
  weather(provider: string): TwinWeather;
  /** Takes a message that a twin delivers; null: it goes on through the world, signed and over SMTP. */
  receive(provider: string, message: SentMessage): readonly string[] | null;
  /** All that was started, for whoever switches faults. */
  started(inner: { twins: ReadonlyMap<string, LabTwin>; inbox: LabInbox }): void;
};

/** The lab at work: providers that are real servers on loopback, by SMTP or as a vendor's twin, and the inbox their mail ends in. */
export type Lab = {
  /** As given, with the ports that were really taken (port 0 = any free one). */
  providers: ProviderSettings[];
  /** From now on its twins tell of mail at that address, by the provider's name. */
  noticesTo(address: (name: string) => string): void;
  /** Of the lab's own Amazon, which signs notices: the PEM, or null where another address is asked for. */
  certificate(url: string): string | null;
  /** From now on mail to that domain goes to another receiving server on this machine. */
  deliverTo(domain: string, address: Address): void;
  /** What its nameserver says; null where there is no world. */
  readonly askDns: AskDns | null;
  /** From now on its pages show these. */
  showAssurance(read: NonNullable<LabState["assurance"]>): void;
  showAlerts(read: () => Promise<readonly ShownAlert[]>): void;
  /** Adds the inbox's pages and API below /lab to the HTTP door, and /lab/activity/:provider. */
  register(server: FastifyInstance): void;
  stop(): Promise<void>;
};
