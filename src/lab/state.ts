import type { Assurance } from "../slo/index.ts";
import type { ShownAlert } from "../alerts/index.ts";
import type { Clock } from "../kernel/index.ts";
import type { Changes } from "./changes.ts";
import type { LabInbox } from "./inbox.ts";
import type { LabProvider } from "./lab-provider.ts";
import type { LabTwin } from "./lab-twin.ts";

/** All that the lab's pages and API look at. */
export type LabState = {
  clock: Clock;
  inbox: LabInbox;
  /** Of all providers, in the order of the settings. */
  names: readonly string[];
  /** Those that speak SMTP, by name. */
  providers: ReadonlyMap<string, LabProvider>;
  /** Those that speak a vendor's API, by name. */
  twins: ReadonlyMap<string, LabTwin>;
  changes: Changes;
  /** What people are told at this moment, and what is over since a while. */
  alerts(): Promise<readonly ShownAlert[]>;
  /** Whether promises are kept, and what speaks for silence at each provider (1: it is suspected). Null before Postern runs. */
  assurance: (() => Promise<{ assurance: Assurance; silence: ReadonlyMap<string, number> }>) | null;
};
