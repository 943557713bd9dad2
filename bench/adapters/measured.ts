import { Socket } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { type AttemptId, type SpoolId, silentLog, systemClock } from "../../src/kernel/index.ts";
import { parseMailbox } from "../../src/mail/index.ts";
import { type Handoff, type Provider, createProvider } from "../../src/providers/index.ts";
import { median, nth, round } from "../relay/statistics.ts";
import { type AdapterKind, RECIPIENT, settingsFor } from "./kinds.ts";

/**
 * One adapter, measured in a process of its own, so that no other one's code or garbage is in its figures. One hand-off at
 * a time: what a hand-off took, less the time between the end of each write to the socket and the next octets from it.
 *
 * `node --expose-gc bench/adapters/measured.ts KIND PORT HANDOFFS OCTETS`, with IPC: asks for "hold" and "release" of the peer.
 */
export type AdapterFigures = {
  overheadMedianUs: number;
  overheadP99Us: number;
  /** User and system time of the whole process, transport included. */
  cpuUs: number;
  memoryPer1000InFlightMb: number;
  /** What the system gave the process for them; grows in steps and is given back late. */
  rssPer1000InFlightMb: number;
};
export type MeasuredSays = "hold" | "release" | { figures: AdapterFigures } | { failed: string };

const WARM_UP = 500;
const IN_FLIGHT = 1_000;
const MIB = 2 ** 20;

/** Waits of the one hand-off that is on its way. */
const wire = { waitedMs: 0, since: Number.NaN };
function watchSockets(): void {
  const write = Socket.prototype.write as (...given: unknown[]) => boolean;
  Socket.prototype.write = function (this: Socket, ...given: unknown[]): boolean {
    const done = write.apply(this, given);
    wire.since = performance.now();
    return done;
  } as typeof Socket.prototype.write;
  Socket.prototype.push = function (this: Socket, chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk !== null && !Number.isNaN(wire.since)) {
      wire.waitedMs += performance.now() - wire.since;
      wire.since = Number.NaN;
    }
    return Readable.prototype.push.call(this, chunk, encoding);
  };
}

function textOf(octets: number): Buffer {
  const line = `${"A line of a plain message, as long as most of them are in our days.".padEnd(76, ".")}\r\n`;
  const head =
    `From: Acme <app@account.acme.example>\r\nTo: ${RECIPIENT}\r\nSubject: Your order\r\nMessage-ID: <1@acme.example>\r\n` +
    "Date: Sun, 1 Mar 2026 09:30:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
  return Buffer.from(head + line.repeat(Math.max(1, Math.floor((octets - head.length) / line.length))));
}

const handoff = (n: number, raw: Buffer): Handoff => ({
  spoolId: `01957a10-2f40-7abc-8def-${n.toString(16).padStart(12, "0")}` as SpoolId,
  attemptId: n.toString(16).padStart(32, "0") as AttemptId,
  messageClass: "C2",
  envelope: {
    returnPath: parseMailbox("bounces@account.acme.example")!,
    recipients: [{ mailbox: parseMailbox(RECIPIENT)!, dsn: {} }],
    dsn: {},
    needsSmtputf8: false,
    needs8bit: false,
  },
  raw,
  isOurs: () => true,
});

const signal = new AbortController().signal;
async function hand(provider: Provider, n: number, raw: Buffer): Promise<void> {
  const { recipients } = await provider.handOff(handoff(n, raw), signal);
  if (recipients[0]?.kind !== "accepted") throw new Error(`not accepted: ${JSON.stringify(recipients)}`);
}

async function overheads(provider: Provider, count: number, raw: Buffer) {
  for (let n = 0; n < WARM_UP; n += 1) await hand(provider, n, raw);
  const cpuBefore = process.cpuUsage();
  const overheadsUs = new Float64Array(count);
  for (let n = 0; n < count; n += 1) {
    wire.waitedMs = 0;
    wire.since = Number.NaN;
    const startedAt = performance.now();
    await hand(provider, WARM_UP + n, raw);
    overheadsUs[n] = (performance.now() - startedAt - wire.waitedMs) * 1_000;
  }
  const cpu = process.cpuUsage(cpuBefore);
  const sorted = overheadsUs.toSorted();
  return {
    overheadMedianUs: round(median([...sorted])),
    overheadP99Us: round(nth(sorted, 0.99)!),
    cpuUs: round((cpu.user + cpu.system) / count),
  };
}

/** After everything that can go has gone: twice, since what a finalizer lets go is collected the next time. */
async function memory(): Promise<{ heap: number; rss: number }> {
  for (let turn = 0; turn < 2; turn += 1) {
    await pause(50);
    (globalThis as { gc?: () => void }).gc?.();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

async function inFlight(
  provider: Provider,
  octets: number,
  peer: { hold(): void; all: Promise<void>; release(): void },
) {
  // The texts are the courier's, whatever the adapter: they are there before it is measured.
  const texts = Array.from({ length: IN_FLIGHT }, () => textOf(octets));
  peer.hold();
  const before = await memory();
  const running = texts.map((raw, n) => hand(provider, n, raw));
  await Promise.race([peer.all, Promise.all(running)]);
  const during = await memory();
  peer.release();
  await Promise.all(running);
  return {
    memoryPer1000InFlightMb: round((during.heap - before.heap) / MIB, 1),
    rssPer1000InFlightMb: round((during.rss - before.rss) / MIB, 1),
  };
}

async function main(kind: AdapterKind, port: number, count: number, octets: number): Promise<AdapterFigures> {
  watchSockets();
  const say = (what: MeasuredSays): void => void process.send?.(what);
  const all = new Promise<void>((resolve) => {
    process.on("message", (told: { holding: number }) => told.holding >= IN_FLIGHT && resolve());
  });
  const make = (connections: number): Provider =>
    createProvider(settingsFor(kind, port, connections), {
      clock: systemClock,
      log: silentLog,
      hostname: "bench.test",
    });
  const one = make(1);
  const times = await overheads(one, count, textOf(octets));
  await one.close();
  const many = make(IN_FLIGHT);
  const room = await inFlight(many, octets, { all, hold: () => say("hold"), release: () => say("release") });
  await many.close();
  return { ...times, ...room };
}

if (process.send) {
  const [kind, port, count, octets] = process.argv.slice(2);
  const end = (what: MeasuredSays): void => void process.send?.(what, () => process.exit(0));
  main(kind as AdapterKind, Number(port), Number(count), Number(octets)).then(
    (figures) => end({ figures }),
    (error: unknown) => end({ failed: String((error as Error).stack ?? error) }),
  );
}
