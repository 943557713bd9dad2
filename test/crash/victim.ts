/**
 * Postern itself, in a process that the crash tests may kill at any moment, and that kills itself at a named point
 * when told to. `VICTIM` is JSON: see VictimOrders.
 */
import { startApp } from "../../src/app.ts";
import { loadSettings } from "../../src/config/index.ts";
import { type Failpoint, type FailpointName, silentLog, systemClock, systemRandom } from "../../src/kernel/index.ts";
import { Spool } from "../../src/spool/index.ts";

export type VictimOrders = {
  file: string;
  /** Dies at the `pass`th time it comes by. */
  dieAt: { name: FailpointName; pass: number } | null;
  /** The planted fault: says yes before the commit. A checker that does not find it proves nothing. */
  acknowledgesEarly: boolean;
};
export type VictimReady = { smtp: number; http: number };

const orders = JSON.parse(process.env["VICTIM"]!) as VictimOrders;

let passes = 0;
const failpoint: Failpoint = (name) => {
  if (name !== orders.dieAt?.name) return;
  passes += 1;
  if (passes >= orders.dieAt.pass) process.kill(process.pid, "SIGKILL");
};

if (orders.acknowledgesEarly) {
  const honest = Spool.prototype.accept;
  Spool.prototype.accept = function (message) {
    // Held back a little, as a disk would: otherwise the commit nearly always wins the race.
    setTimeout(() => void honest.call(this, { ...message, leased: false, intent: null }).catch(() => {}), 50);
    return Promise.resolve([]);
  };
}

const { file } = orders;
const settings = loadSettings({ file, environment: process.env, cwd: process.cwd(), random: systemRandom });
const log = process.env["VICTIM_LOG"]
  ? { ...silentLog, warn: say("warn"), error: say("error"), info: say("info") }
  : { ...silentLog, error: say("error") };
const app = await startApp({ settings, clock: systemClock, random: systemRandom, log, failpoint });
process.send!({ smtp: app.smtp?.port ?? 0, http: app.http.port } satisfies VictimReady);
process.on("SIGTERM", () => void app.stop().then(() => process.exit(0)));
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

function say(level: string) {
  return (event: string, fields?: object) =>
    process.stderr.write(`${level} ${event} ${JSON.stringify(fields ?? {})}\n`);
}
