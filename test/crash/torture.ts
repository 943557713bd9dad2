import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FAILPOINTS, type Random } from "../../src/kernel/index.ts";
import { eventually } from "../support/eventually.ts";
import type { FreshDatabase } from "../support/postgres.ts";
import { type Verdict, check } from "./checker.ts";
import { load } from "./load.ts";
import type { SinkPlace, SinkReport } from "./sink.ts";
import type { VictimOrders, VictimReady } from "./victim.ts";

export type TortureResult = Verdict & {
  kills: number;
  /** From the start of the process to its first open door, the longest and the middle one. */
  restartMs: { worst: number; median: number };
  /** Accepts whose answer the crash took away. */
  unanswered: number;
};

/**
 * Load, kill, start again, many times over; then wait until nothing is left to do and compare.
 * Every other kill comes at a random moment, the others at the named points in turn.
 */
export async function torture(parts: {
  place: FreshDatabase;
  random: Random;
  kills: number;
  acceptedAtLeast: number;
  sessions: number;
  /** Share of messages that the provider takes without an answer. */
  silentShare: number;
  acknowledgesEarly?: boolean;
  onProgress?: (text: string) => void;
}): Promise<TortureResult> {
  const { place, random, kills } = parts;
  const folder = mkdtempSync(path.join(tmpdir(), "postern-crash-"));
  const sink = fork(path.join(import.meta.dirname, "sink.ts"), [String(parts.silentShare)]);
  const [sinkPlace] = (await once(sink, "message")) as [SinkPlace];
  const file = path.join(folder, "postern.yaml");
  writeFileSync(file, configuration(sinkPlace));
  const environment = { ...process.env, CRASH_DATABASE: place.url, CRASH_KEY: "ab".repeat(32) };

  const accepted: string[] = [];
  const restarts: number[] = [];
  let unanswered = 0;
  let killed = 0;
  const start = async (dieAt: VictimOrders["dieAt"]): Promise<{ child: ChildProcess; port: number }> => {
    const orders: VictimOrders = { file, dieAt, acknowledgesEarly: parts.acknowledgesEarly ?? false };
    const startedAt = performance.now();
    const child = fork(path.join(import.meta.dirname, "victim.ts"), {
      env: { ...environment, VICTIM: JSON.stringify(orders) },
    });
    const ready = await Promise.race([once(child, "message"), once(child, "exit").then(() => null)]);
    if (!ready) throw new Error("the victim ended before it was ready");
    restarts.push(performance.now() - startedAt);
    return { child, port: (ready[0] as VictimReady).smtp };
  };

  try {
    while (killed < kills || accepted.length < parts.acceptedAtLeast) {
      const named = killed % 2 === 1;
      const name = FAILPOINTS[Math.floor(killed / 2) % FAILPOINTS.length]!;
      const share = Math.ceil(parts.acceptedAtLeast / kills);
      const { child, port } = await start(named ? { name, pass: 1 + Math.floor(random.fraction() * share) } : null);
      const exited = once(child, "exit");
      let stopped = false;
      let here = 0;
      const wanted = share * (0.5 + random.fraction());
      const loading = load({
        port,
        sessions: parts.sessions,
        stopped: () => stopped,
        onAccepted: () => {
          here += 1;
          // At a random moment; and also when a named point is not met in time.
          if (here >= wanted * (named ? 3 : 1) && !stopped) {
            stopped = true;
            child.kill("SIGKILL");
          }
        },
      });
      await exited;
      stopped = true;
      const result = await loading;
      accepted.push(...result.accepted);
      unanswered += result.unanswered;
      killed += 1;
      parts.onProgress?.(`${killed}/${kills} kills, ${accepted.length} accepted`);
    }
    const { child } = await start(null);
    await eventually(async () => {
      const [row] = await place.database.query<{ n: number }>("SELECT count(*) AS n FROM queue WHERE state <> 'held'");
      return row!.n === 0;
    }, 120_000);
    const report = (await (await fetch(`http://127.0.0.1:${sinkPlace.http}/`)).json()) as SinkReport;
    const verdict = await check(place.database, accepted, report);
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
    const sorted = restarts.toSorted((a, b) => a - b);
    return {
      ...verdict,
      kills: killed,
      unanswered,
      restartMs: { worst: Math.round(sorted.at(-1)!), median: Math.round(sorted[sorted.length >> 1]!) },
    };
  } finally {
    sink.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

const configuration = (sink: SinkPlace): string => `
listen: { smtp: 127.0.0.1:0, http: 127.0.0.1:0 }
data: ./data
database: { url: env:CRASH_DATABASE }
bodyKey: env:CRASH_KEY
tenants:
  - name: crash
    domains: [crash.test]
    credentials: [{ name: load, networks: [127.0.0.1/32] }]
    streams: [{ name: alerts, class: C2 }]
    routes: { default: { prefer: [one], standby: [two], standbyShare: 0.2 } }
providers:
  - { name: one, kind: smtp, ownerGroup: one, host: 127.0.0.1, port: ${sink.smtp}, tls: none, activityUrl: "http://127.0.0.1:${sink.http}/activity" }
  - { name: two, kind: smtp, ownerGroup: two, host: 127.0.0.1, port: ${sink.smtp}, tls: none, activityUrl: "http://127.0.0.1:${sink.http}/activity" }
`;
