import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { silentLog, systemClock } from "../../src/kernel/index.ts";
import { type Database, connectDatabase, embeddedTarget } from "../../src/store/index.ts";
import { type LoadResult, load } from "../crash/load.ts";
import { type Node, type Sink, configuration, newRig } from "../crash/rig.ts";
import { eventually } from "../support/eventually.ts";
import { type SmallDisk, noSmallDisk, smallDisk } from "../support/small-disk.ts";

/**
 * S31: Postern and the database it brings along on a disk that runs full. What is not covered here (a disk that lies
 * about fsync, a power cut) and why: README.md beside this file.
 */
export const MIB = 1024 * 1024;
const DISK_BYTES = 900 * MIB;
const KEY = "key_0123456789abcdef";

/** Why there can be no small disk here. */
export const skip = noSmallDisk();

export type Scene = { disk: SmallDisk; sink: Sink; node: Node; database: Database; startLoad(): Running };

export async function onSmallDisk(ballastMib: number, scene: (parts: Scene) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-disk-"));
  chmodSync(folder, 0o755); // the database runs as a user that must get in
  const data = path.join(folder, "data");
  const disk = smallDisk(data, DISK_BYTES);
  const rig = newRig({ RIG_API_KEY: KEY, VICTIM_LOG: "1" });
  try {
    const sink = await rig.sink();
    const limits = `limits: { diskFreeBytes: 128MiB, ballastBytes: ${ballastMib}MiB }`;
    const text = configuration([sink, sink], { database: false, data, apiKey: true, more: limits });
    const node = await rig.start(rig.configure(text));
    const target = await eventually(() => embeddedTarget(data));
    const database = connectDatabase({ target, clock: systemClock, log: silentLog });
    let running: Running | null = null;
    const startLoad = () => (running = loadOn(node));
    try {
      await scene({ disk, sink, node, database, startLoad });
    } catch (error) {
      throw new Error(`The log said last:\n${node.log().slice(-20).join("\n")}`, { cause: error });
    } finally {
      await (running as Running | null)?.end();
      await database.close();
    }
  } finally {
    await disk.empty(); // a server that cannot write cannot stop either
    await rig.end();
    await disk.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Running = { accepted(): number; refused(): number; end(): Promise<LoadResult> };

function loadOn(node: Node): Running {
  let stopped = false;
  let accepted = 0;
  let refused = 0;
  const loading = load({
    port: node.smtp,
    sessions: 10,
    stopped: () => stopped,
    patient: true,
    onAccepted: () => (accepted += 1),
    onRefused: () => (refused += 1),
  });
  return {
    accepted: () => accepted,
    refused: () => refused,
    end() {
      stopped = true;
      return loading;
    },
  };
}

/** Gives the space back, and sees that the same senders are heard again without anybody doing anything. */
export async function onceMore(running: Running, disk: SmallDisk): Promise<LoadResult> {
  const before = running.accepted();
  await disk.empty();
  await eventually(() => running.accepted() >= before + 100, 30_000);
  return running.end();
}

export function say(t: TestContext, { accepted, refused, unanswered, slowestRefusalMs }: LoadResult): void {
  t.diagnostic(
    `${accepted.length} accepted, ${refused} refused (the slowest in ${Math.round(slowestRefusalMs)} ms), ${unanswered} unanswered`,
  );
}

export async function submit(node: Node, count: number, sessions = 10): Promise<LoadResult> {
  let taken = 0;
  return load({ port: node.smtp, sessions, stopped: () => taken >= count, onAccepted: () => (taken += 1) });
}

/** What the SMTP door says, reply by reply, to a client that wants to send. */
export async function greeting(node: Node): Promise<string[]> {
  const socket = connect(node.smtp, "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  socket.on("error", () => {});
  socket.write("EHLO c.test\r\n"); // the door speaks first, but an impatient client is heard too
  socket.write("MAIL FROM:<app@crash.test>\r\n");
  socket.write("QUIT\r\n");
  await once(socket, "close");
  return heard.split("\r\n");
}

export const send = (node: Node): Promise<Response> =>
  fetch(`http://127.0.0.1:${node.http}/v1/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ from: "app@crash.test", to: ["someone@example.net"], subject: "hello", text: "Hello" }),
  });

export const drained = (database: Database) =>
  eventually(
    async () =>
      (await database.query<{ n: number }>("SELECT count(*) AS n FROM queue").catch(() => null))?.[0]?.n === 0,
    60_000,
  );
