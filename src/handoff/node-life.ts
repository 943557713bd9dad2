import { type Clock, type Log, type NodeId, every } from "../kernel/index.ts";
import type { Metrics } from "../metrics/index.ts";
import {
  HEARTBEAT_MS,
  NodeWatch,
  SELF_FENCE_MS,
  SWEEP_MS,
  heartbeat,
  leave,
  sightings,
  takeOver,
} from "../spool/index.ts";
import { type Database, tellFailure } from "../store/index.ts";

/** This process as one of the nodes: shows that it lives, takes over from those that do not, and stops by itself when it cannot show it. */
export type NodeLife = {
  /** Rises whenever the node may have been taken for dead: what it leased before is no longer surely its own. */
  readonly epoch: number;
  /** Nothing of that epoch can have been taken over yet: the heartbeat was never late since, and is not now. */
  mayAct(epoch: number): boolean;
  stop(): Promise<void>;
};

export async function startNodeLife(parts: {
  node: NodeId;
  label: string;
  database: Database;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}): Promise<NodeLife> {
  const { node, label, database, clock, log, metrics } = parts;
  let seenAt = clock.monotonicMs();
  let epoch = 0;
  const lane = database.openLane("heartbeat");
  const beat = async (): Promise<void> => {
    const before = clock.monotonicMs(); // not after: the row may have been written at once and the answer come late
    await heartbeat(lane, node, label);
    if (before - seenAt >= SELF_FENCE_MS) epoch += 1;
    seenAt = before;
  };
  await beat();
  const beats = every(clock, HEARTBEAT_MS, beat, tellFailure(database, log, "node.heartbeat-failed"));
  const watch = new NodeWatch(clock);
  const sweeps = every(
    clock,
    SWEEP_MS,
    async () => {
      const messages = await takeOver(database, node, watch.gone(await sightings(database)));
      if (messages === 0) return;
      metrics.takenOver(messages);
      log.warn("node.taken-over", { messages });
    },
    tellFailure(database, log, "node.sweep-failed"),
  );
  return {
    get epoch() {
      return epoch;
    },
    mayAct: (then) => then === epoch && clock.monotonicMs() - seenAt < SELF_FENCE_MS,
    async stop() {
      await Promise.all([beats.stop(), sweeps.stop()]);
      await lane.close();
      await leave(database, node).catch(tellFailure(database, log, "node.leave-failed"));
    },
  };
}
