import type { Clock } from "../kernel/index.ts";
import type { Changes } from "./changes.ts";
import type { LabInbox } from "./inbox.ts";
import type { LabProvider } from "./lab-provider.ts";

/** All that the lab's pages and API look at. */
export type LabState = {
  clock: Clock;
  inbox: LabInbox;
  /** By name, in the order of the settings. */
  providers: ReadonlyMap<string, LabProvider>;
  changes: Changes;
};
