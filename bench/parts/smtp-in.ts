/**
 * What the SMTP door alone costs: sessions that pipeline messages into it, behind it a port that answers at once.
 *
 *     node bench/parts/smtp-in.ts [--messages 60000] [--sessions 50] [--bytes 5120] [--json] [--cpu-prof folder]
 *
 * The door runs in a process of its own, so that `cpuMsPerMessage` is its CPU time and not the client's.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { parseArgs } from "node:util";
import { type AcceptPort, startSmtpDoor } from "../../src/accept/index.ts";
import { DEFAULT_LIMITS } from "../../src/config/index.ts";
import { newSpoolId, silentLog, systemClock, systemRandom } from "../../src/kernel/index.ts";
import { silentMetrics } from "../../src/metrics/index.ts";

const SUBMITTER = { tenant: "bench", credential: "bench" };
const WARM_UP_SHARE = 0.25;

type Usage = { cpuMs: number; taken: number; rssMb: number };

async function door(): Promise<void> {
  let taken = 0;
  const port: AcceptPort = {
    async accept() {
      taken += 1;
      return { kind: "accepted", spoolId: newSpoolId(systemClock, systemRandom), replayed: false };
    },
    authenticatePassword: () => SUBMITTER,
    authenticateApiKey: () => SUBMITTER,
    signingKey: () => null,
    authenticateAddress: () => SUBMITTER,
    intakeRefusal: () => null,
  };
  const { address, stop } = await startSmtpDoor({
    hostname: "bench.postern.test",
    address: { host: "127.0.0.1", port: 0 },
    implicitTls: false,
    tls: null,
    allowPlaintextAuth: false,
    limits: DEFAULT_LIMITS,
    port,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    metrics: silentMetrics,
  });
  process.on("message", (word) => {
    if (word === "usage") {
      const { user, system } = process.cpuUsage();
      process.send!({
        cpuMs: (user + system) / 1000,
        taken,
        rssMb: process.memoryUsage.rss() / 2 ** 20,
      } satisfies Usage);
    } else void stop(1000).then(() => process.disconnect());
  });
  process.send!(address.port);
}

/** One client: its next envelope rides behind the end of the message before it (RFC 2920). */
function pump(port: number, message: Buffer, more: () => boolean): Promise<void> {
  const envelope = "MAIL FROM:<app@bench.test>\r\nRCPT TO:<someone@customer.example>\r\nDATA\r\n";
  const goOn = Buffer.concat([message, Buffer.from(envelope)]);
  const last = Buffer.concat([message, Buffer.from("QUIT\r\n")]);
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.write(`EHLO client.example\r\n${envelope}`);
    socket.on("data", (replies: Buffer) => {
      if (replies.includes("\r\n5") || replies.includes("\r\n4")) return reject(new Error(replies.toString()));
      if (replies.includes("354 ")) socket.write(more() ? goOn : last);
    });
  });
}

function messageOf(bytes: number): Buffer {
  const header = "From: app@bench.test\r\nTo: someone@customer.example\r\nSubject: Confirm your address\r\n\r\n";
  const line = `${"Dear customer, this line is as long as lines of mail are. ".padEnd(70, "=")}\r\n`;
  const text = (header + line.repeat(Math.ceil(bytes / line.length))).slice(0, bytes - 2);
  return Buffer.from(`${text.replace(/\r$/, "")}\r\n.\r\n`);
}

async function usageOf(child: ChildProcess): Promise<Usage> {
  child.send("usage");
  const [usage] = (await once(child, "message")) as [Usage];
  return usage;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      messages: { type: "string", default: "60000" },
      sessions: { type: "string", default: "50" },
      bytes: { type: "string", default: "5120" },
      json: { type: "boolean", default: false },
      "cpu-prof": { type: "string" },
    },
  });
  const [messages, sessions, bytes] = [Number(values.messages), Number(values.sessions), Number(values.bytes)];
  const profile = values["cpu-prof"];
  const child = fork(import.meta.filename, ["door"], {
    execArgv: profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`],
  });
  const [port] = (await once(child, "message")) as [number];
  const run = async (count: number): Promise<void> => {
    let left = count - sessions; // every session ends with one message more
    const message = messageOf(bytes);
    await Promise.all(Array.from({ length: sessions }, () => pump(port, message, () => (left -= 1) >= 0)));
  };
  await run(Math.round(messages * WARM_UP_SHARE));
  const before = await usageOf(child);
  const startedAt = performance.now();
  await run(messages);
  const tookS = (performance.now() - startedAt) / 1000;
  const after = await usageOf(child);
  child.send("stop");
  await once(child, "exit");
  const taken = after.taken - before.taken;
  const result = {
    bench: "parts/smtp-in",
    messages: taken,
    sessions,
    bytes,
    messagesPerSecond: Math.round(taken / tookS),
    cpuMsPerMessage: Number(((after.cpuMs - before.cpuMs) / taken).toFixed(4)),
    rssMb: Math.round(after.rssMb),
  };
  console.log(
    values.json
      ? JSON.stringify(result)
      : `SMTP door, ${sessions} sessions, ${bytes} octets a message: ${result.messagesPerSecond} messages/s, ` +
          `${result.cpuMsPerMessage} ms CPU each, ${result.rssMb} MB`,
  );
}

if (process.argv[2] === "door") await door();
else await main();
