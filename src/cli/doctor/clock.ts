import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Clock } from "../../kernel/index.ts";
import type { Queryable } from "../../store/index.ts";
import { span } from "../when.ts";
import { type Check, notChecked, ok, warning, wrong } from "./check.ts";

const run = promisify(execFile);
/** Messages expire and retries come due by this clock; leases go by the database's own. */
const APART_WARNING_MS = 2_000;
const APART_WRONG_MS = 5_000;
const COMMAND_TIMEOUT_MS = 3_000;

/** Our clock against the database's, at the middle of the question. */
export async function checkDatabaseClock(database: Queryable, clock: Clock): Promise<Check> {
  const before = clock.now();
  const [row] = await database.query<{ ms: number }>(
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms",
  );
  return apartCheck(Math.round((row?.ms ?? 0) - (before + clock.now()) / 2));
}

export function apartCheck(apartMs: number): Check {
  const name = "clock";
  const away = Math.abs(apartMs);
  if (away < APART_WARNING_MS) return ok(name, `Agrees with the database's (${span(away)} apart).`);
  const sentence = `This machine's clock is ${span(away)} ${apartMs > 0 ? "behind" : "ahead of"} the database's.`;
  const next =
    "Let both machines follow NTP (chrony or systemd-timesyncd): messages expire and retries are due by the clock.";
  return away < APART_WRONG_MS ? warning(name, sentence, next) : wrong(name, sentence, next);
}

/** What the system says about following NTP, where it can be asked. */
export async function checkNtp(): Promise<Check> {
  const name = "time source";
  try {
    const { stdout } = await run("timedatectl", ["show", "--property=NTPSynchronized", "--value"], {
      timeout: COMMAND_TIMEOUT_MS,
    });
    if (stdout.trim() === "yes") return ok(name, "The system follows NTP (timedatectl).");
    if (stdout.trim() === "no")
      return warning(
        name,
        "The system does not follow NTP (timedatectl).",
        "Turn it on: timedatectl set-ntp true. A clock that drifts makes messages expire early or late.",
      );
  } catch {
    // no systemd here (a container, another system): the next one
  }
  try {
    const { stdout } = await run("chronyc", ["-n", "tracking"], { timeout: COMMAND_TIMEOUT_MS });
    if (/Leap status\s*:\s*Normal/.test(stdout)) return ok(name, "The system follows NTP (chrony).");
    return warning(name, "chrony is not synchronised.", "See chronyc sources.");
  } catch {
    return notChecked(name, "Neither timedatectl nor chronyc answers here; a container has its host's clock.");
  }
}
