import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { delay, systemClock } from "../../src/kernel/index.ts";
import type { Undo } from "../relay/undo.ts";
import type { Progress } from "../show/progress.ts";
import { Book, type Tally } from "./book.ts";
import type { FaultCase } from "./faults.ts";
import { DOMAIN, type Pair, STANDBY, startPair, subjectOf } from "./pair.ts";
import type { Client, System } from "./systems/system.ts";

export type Pace = {
  perSecond: number;
  /** Before the fault, while it lasts, and until what is missing then is lost. */
  calmMs: number;
  faultMs: number;
  patienceMs: number;
};

export type Outcome = Tally & { version: string };

type Runner = { system: System; book: Book; pair: Pair; client: Client };

/**
 * One fault, all systems beside each other: each has two providers of its own and the same load at the same instants,
 * and the fault begins for all at once.
 */
export async function takeTurn(
  systems: readonly System[],
  fault: FaultCase,
  pace: Pace,
  parts: { folder: string; undo: Undo; progress: Progress },
): Promise<Map<string, Outcome>> {
  const undo = parts.undo.part();
  try {
    const runners: Runner[] = [];
    for (const system of systems) {
      parts.progress.doing(`${fault.name}: ${system.title} starts`);
      runners.push(await begin(system, parts.folder, undo));
    }
    const startAt = performance.now();
    const faultAt = startAt + pace.calmMs;
    const endAt = faultAt + pace.faultMs;
    const inFlight = new Set<Promise<void>>();
    let broken = false;
    for (let n = 0; ; n += 1) {
      const dueAt = startAt + (n * 1_000) / pace.perSecond;
      if (dueAt >= endAt) break;
      await delay(systemClock, Math.max(0, dueAt - performance.now()));
      if (!broken && performance.now() >= faultAt) {
        broken = true;
        for (const { pair } of runners) pair.primary.setFault(fault.fault);
      }
      for (const runner of runners) {
        const done = give(runner, String(n)).finally(() => inFlight.delete(done));
        inFlight.add(done);
      }
      parts.progress.count(fault.name, n, Math.round(((endAt - startAt) * pace.perSecond) / 1_000), null);
    }
    await settle(runners, inFlight, pace.patienceMs, parts.progress, fault.name);
    return new Map(
      runners.map(({ system, book, client }) => [
        system.name,
        { version: client.version, ...book.tally(faultAt, endAt, STANDBY) },
      ]),
    );
  } finally {
    await undo.all();
  }
}

async function begin(system: System, folder: string, undo: Undo): Promise<Runner> {
  const book = new Book();
  const pair = await startPair(book, undo);
  const own = mkdtempSync(path.join(folder, `postern-bench-${system.name}-`));
  chmodSync(own, 0o755); // PostgreSQL runs as a user of its own
  undo.add(() => rmSync(own, { recursive: true, force: true }));
  return { system, book, pair, client: await system.start({ pair, folder: own, undo }) };
}

async function give({ book, client }: Runner, token: string): Promise<void> {
  book.given(token, performance.now());
  const letter = {
    from: `app@${DOMAIN}`,
    to: `user-${token}@example.net`,
    subject: subjectOf(token),
    text: `Your code is ${token}.`,
  };
  book.told(token, await client.send(letter));
}

/** The fault stays: what is missing can only come by the standby, of a call that goes on or from a queue. */
async function settle(
  runners: readonly Runner[],
  inFlight: ReadonlySet<Promise<void>>,
  patienceMs: number,
  progress: Progress,
  name: string,
): Promise<void> {
  const until = performance.now() + patienceMs;
  while (performance.now() < until) {
    const missing = runners.filter(({ system, book }) => system.keeps && !book.isComplete);
    if (missing.length === 0 && inFlight.size === 0) break;
    progress.doing(
      `${name}: waiting for ${missing.map(({ system, book }) => `${system.title} ${book.missing}`).join(", ")}`,
    );
    await delay(systemClock, 250);
  }
}
