import { randomUUID } from "node:crypto";
import { readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { threadId } from "node:worker_threads";
import type { ClientClock, ClientTimer } from "../clock.ts";
import { isMissing, isTaken } from "./durable.ts";

/** The holder shows every 10 s that it lives; after a minute of silence it counts as dead. */
const HEARTBEAT_MS = 10_000;
const SILENCE_MS = 60_000;

type Holder = { token: string; host: string; pid: number; thread: number; released: boolean };

/** Tokens held in this very process, where a process id proves nothing. */
const ownTokens = new Set<string>();

/**
 * The right to drain an outbox, for one at a time over all processes that share its folder.
 *
 * Holders are numbered files; the greatest number holds. Taking over means creating the next number, which the file
 * system grants to one alone; no live lock is ever deleted by another, so there is no moment in which two see it free.
 * A holder that was frozen and judged dead finds a greater number when it wakes (`isHeld`) and stops.
 */
export class OutboxLock {
  readonly #folder: string;
  readonly #number: number;
  readonly #holder: Holder;
  readonly #clock: ClientClock;
  #heartbeat: ClientTimer | undefined;

  private constructor(folder: string, number: number, holder: Holder, clock: ClientClock) {
    this.#folder = folder;
    this.#number = number;
    this.#holder = holder;
    this.#clock = clock;
    this.#beat();
  }

  /** Null where another one holds it. */
  static async acquire(folder: string, clock: ClientClock): Promise<OutboxLock | null> {
    const top = Math.max(0, ...(await numbers(folder)));
    if (top > 0 && (await isAlive(path.join(folder, fileName(top)), clock.now()))) return null;
    const holder = { token: randomUUID(), host: hostname(), pid: process.pid, thread: threadId, released: false };
    const mine = top + 1;
    const file = path.join(folder, fileName(mine));
    try {
      await writeFile(file, JSON.stringify(holder), { flag: "wx", mode: 0o600 });
    } catch (error) {
      if (isTaken(error)) return null;
      throw error;
    }
    ownTokens.add(holder.token);
    // One who read the folder long ago may create a number that was already history.
    if (Math.max(...(await numbers(folder))) !== mine) {
      ownTokens.delete(holder.token);
      await rm(file, { force: true });
      return null;
    }
    for (const number of await numbers(folder)) {
      if (number < mine) await rm(path.join(folder, fileName(number)), { force: true });
    }
    return new OutboxLock(folder, mine, holder, clock);
  }

  async isHeld(): Promise<boolean> {
    return Math.max(0, ...(await numbers(this.#folder))) === this.#number;
  }

  /** The file stays, marked: numbers only ever rise. */
  async release(): Promise<void> {
    this.#heartbeat?.cancel();
    if (await this.isHeld()) {
      await writeFile(
        path.join(this.#folder, fileName(this.#number)),
        JSON.stringify({ ...this.#holder, released: true }),
      );
    }
    ownTokens.delete(this.#holder.token);
  }

  #beat(): void {
    const now = new Date(this.#clock.now());
    utimes(path.join(this.#folder, fileName(this.#number)), now, now).catch(() => {}); // taken over: isHeld tells
    this.#heartbeat = this.#clock.after(HEARTBEAT_MS, () => this.#beat());
    this.#heartbeat.unref?.();
  }
}

const fileName = (number: number): string => `lock.${number}`;

async function numbers(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => (/^lock\.\d{1,15}$/.test(name) ? [Number(name.slice(5))] : []));
}

async function isAlive(file: string, nowMs: number): Promise<boolean> {
  let silentMs: number;
  let text: string;
  try {
    silentMs = nowMs - (await stat(file)).mtimeMs;
    text = await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return true; // it changed while we looked: ask again later
    throw error;
  }
  const holder = readHolder(text);
  if (holder?.released) return false;
  if (holder && holder.host === hostname()) {
    // This process and thread know their own; the number of a process that died may have come to us.
    if (holder.pid === process.pid && holder.thread === threadId) return ownTokens.has(holder.token);
    if (!isRunning(holder.pid)) return false;
  }
  return silentMs < SILENCE_MS; // also for a file whose writing has only begun
}

function readHolder(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM";
  }
}
