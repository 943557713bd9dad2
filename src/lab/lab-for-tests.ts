import type { SmtpProviderSettings } from "../config/index.ts";
import { type Clock, silentLog, systemRandom } from "../kernel/index.ts";
import type { Lab } from "./lab.ts";
import { startLab } from "./start-lab.ts";

export const labSettings = (name: string, port = 0): SmtpProviderSettings => ({
  kind: "smtp",
  name,
  ownerGroup: name,
  host: "127.0.0.1",
  port,
  tls: "none",
  verifyCertificate: true,
  caFile: null,
  auth: null,
  bounds: { concurrency: 1, ratePerS: null },
  connections: 1,
  connectTimeoutMs: 1_000,
  replyTimeoutMs: 1_000,
  dataEndTimeoutMs: 1_000,
  activityUrl: null,
});

/** Both lab providers on free ports. */
export const startTestLab = (clock: Clock): Promise<Lab> =>
  startLab({
    providers: [labSettings("harbour"), labSettings("lantern")],
    clock,
    random: systemRandom,
    log: silentLog,
  });
