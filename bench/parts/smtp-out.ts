import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { SmtpProviderSettings } from "../../src/config/index.ts";
import { type AttemptId, silentLog, type SpoolId, systemClock } from "../../src/kernel/index.ts";
import { parseMailbox } from "../../src/mail/index.ts";
import { createProvider, type Handoff } from "../../src/providers/index.ts";

/**
 * What handing one message to an SMTP provider costs our process: 5 KB messages over 50 connections to a sink in a
 * process of its own. The sink takes pipelining at once and is on this machine; a real provider answers in 20–200 ms,
 * which costs time but no CPU.
 *
 * `node bench/parts/smtp-out.ts [--messages 60000] [--connections 50] [--octets 5000] [--chunking] [--json]`
 */
const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? otherwise : Number(process.argv[at + 1]);
};
const MESSAGES = option("messages", 60_000);
const CONNECTIONS = option("connections", 50);
const OCTETS = option("octets", 5_000);
const WARM_UP = 5_000;
const chunking = process.argv.includes("--chunking");

const sink = spawn(process.execPath, [`${import.meta.dirname}/discard-sink.ts`, ...(chunking ? ["--chunking"] : [])], {
  stdio: ["pipe", "pipe", "inherit"],
});
const said = createInterface({ input: sink.stdout })[Symbol.asyncIterator]();
const nextLine = async (): Promise<Record<string, number>> =>
  JSON.parse(String((await said.next()).value)) as Record<string, number>;
const { port } = await nextLine();

const settings: SmtpProviderSettings = {
  kind: "smtp",
  name: "sink",
  ownerGroup: "sink",
  host: "127.0.0.1",
  port: port!,
  tls: "none",
  verifyCertificate: true,
  caFile: null,
  auth: null,
  bounds: { concurrency: CONNECTIONS, ratePerS: null },
  connections: CONNECTIONS,
  connectTimeoutMs: 5_000,
  replyTimeoutMs: 5_000,
  dataEndTimeoutMs: 5_000,
  activityUrl: null,
};
const provider = createProvider(settings, { clock: systemClock, log: silentLog, hostname: "bench.test" });

const line = `${"A line of a plain message, as long as most of them are in our days.".padEnd(76, ".")}\r\n`;
const head = "From: a@example.com\r\nTo: b@example.net\r\nSubject: Bench\r\n\r\n";
const raw = Buffer.from(head + line.repeat(Math.max(1, Math.floor((OCTETS - head.length) / line.length))));
const handoff = (n: number): Handoff => ({
  spoolId: `spool-${n}` as SpoolId,
  attemptId: `attempt-${n}` as AttemptId,
  messageClass: "C2",
  envelope: {
    returnPath: parseMailbox("bounces@account.acme.example")!,
    recipients: [{ mailbox: parseMailbox("someone@example.net")!, dsn: {} }],
    dsn: {},
    needsSmtputf8: false,
    needs8bit: false,
  },
  raw,
  isOurs: () => true,
});

async function send(count: number): Promise<number> {
  let left = count;
  let accepted = 0;
  const signal = new AbortController().signal;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left > 0) {
        left -= 1;
        const { recipients } = await provider.handOff(handoff(left), signal);
        if (recipients[0]!.kind === "accepted") accepted += 1;
      }
    }),
  );
  return accepted;
}

await send(WARM_UP);
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
const accepted = await send(MESSAGES);
const seconds = (performance.now() - startedAt) / 1_000;
const cpu = process.cpuUsage(cpuBefore);
await provider.close();
sink.stdin.write("count\n");
const counted = await nextLine();
sink.stdin.end();

const result = {
  bench: "smtp-out",
  chunking,
  messages: MESSAGES,
  accepted,
  seenBySink: counted["messages"]! - WARM_UP,
  connections: CONNECTIONS,
  octets: raw.length,
  messagesPerSecond: Math.round(MESSAGES / seconds),
  cpuMsPerMessage: Number(((cpu.user + cpu.system) / 1_000 / MESSAGES).toFixed(4)),
  userMs: Number((cpu.user / 1_000 / MESSAGES).toFixed(4)),
  systemMs: Number((cpu.system / 1_000 / MESSAGES).toFixed(4)),
};
process.stdout.write(
  process.argv.includes("--json")
    ? `${JSON.stringify(result)}\n`
    : `smtp-out: ${result.messagesPerSecond} messages/s, ${result.cpuMsPerMessage} ms CPU per message of ${raw.length} octets ` +
        `(user ${result.userMs}, system ${result.systemMs}); ${accepted} accepted, ${result.seenBySink} seen by the sink\n`,
);
