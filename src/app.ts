import type { Address, Settings } from "./config/index.ts";
import type { Clock, Failpoint, Log, Random } from "./kernel/index.ts";

export type AppParts = { settings: Settings; clock: Clock; random: Random; log: Log; failpoint: Failpoint };

/** The running program. Ports asked for as 0 show here as the ones that were given. */
export type App = {
  smtp: Address | null;
  smtps: Address | null;
  http: Address;
  /** Refuses new work, ends what is on its way (at most 10 s), closes everything. */
  stop(): Promise<void>;
};

/** Builds every part by hand and starts it. */
export async function startApp(_parts: AppParts): Promise<App> {
  throw new Error("being assembled");
}
