import { FAILPOINTS, type Random } from "../../src/kernel/index.ts";
import { eventually } from "../support/eventually.ts";
import type { FreshDatabase } from "../support/postgres.ts";
import { type Verdict, check } from "./checker.ts";
import { load } from "./load.ts";
import { type Node, configuration, newRig } from "./rig.ts";
import type { VictimOrders } from "./victim.ts";

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
  const rig = newRig({ RIG_DATABASE: place.url });
  const sink = await rig.sink(parts.silentShare);
  const file = rig.configure(configuration([sink, sink]));
  const accepted: string[] = [];
  const restarts: number[] = [];
  let unanswered = 0;
  let killed = 0;
  const start = async (dieAt: VictimOrders["dieAt"]): Promise<Node> => {
    const startedAt = performance.now();
    const node = await rig.start(file, { dieAt, acknowledgesEarly: parts.acknowledgesEarly ?? false });
    restarts.push(performance.now() - startedAt);
    return node;
  };

  try {
    while (killed < kills || accepted.length < parts.acceptedAtLeast) {
      const named = killed % 2 === 1;
      const name = FAILPOINTS[Math.floor(killed / 2) % FAILPOINTS.length]!;
      const share = Math.ceil(parts.acceptedAtLeast / kills);
      const { child, smtp, exited } = await start(
        named ? { name, pass: 1 + Math.floor(random.fraction() * share) } : null,
      );
      let stopped = false;
      let here = 0;
      const wanted = share * (0.5 + random.fraction());
      const loading = load({
        port: smtp,
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
    await start(null);
    await eventually(async () => {
      const [row] = await place.database.query<{ n: number }>("SELECT count(*) AS n FROM queue WHERE state <> 'held'");
      return row!.n === 0;
    }, 120_000);
    const verdict = await check(place.database, accepted, await sink.report());
    const sorted = restarts.toSorted((a, b) => a - b);
    const restartMs = { worst: Math.round(sorted.at(-1)!), median: Math.round(sorted[sorted.length >> 1]!) };
    return { ...verdict, kills: killed, unanswered, restartMs };
  } finally {
    await rig.end();
  }
}
