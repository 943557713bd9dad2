/**
 * What Postern costs between the wires: accept, seal, store, route, intend, settle, on a real PostgreSQL, with a
 * provider that answers after a millisecond and no sockets but the database's.
 *
 *     node bench/parts/mail-path.ts [--messages 20000] [--sessions 50] [--bytes 5120] [--json]
 *
 * CPU is said apart for this process and for the database's.
 */
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { fakeProvider, outcome, startMailPath, submission } from "../../test/support/mail-path.ts";
import { freshDatabase } from "../../test/support/postgres.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "20000" },
    sessions: { type: "string", default: "50" },
    bytes: { type: "string", default: "5120" },
    json: { type: "boolean", default: false },
  },
});
const messages = Number(values.messages);
const sessions = Number(values.sessions);

const place = await freshDatabase();
const providers = [fakeProvider("harbour"), fakeProvider("lantern")];
for (const provider of providers) {
  provider.handOff = async ({ envelope }) => {
    await pause(1);
    return { recipients: envelope.recipients.map(() => outcome("accepted")) };
  };
}
const path = await startMailPath(place.database, providers, { concurrency: 50 });
const line = `${"x".repeat(70)}\r\n`;
const raw = `From: app@acme.test\r\nTo: bob@example.net\r\nSubject: hello\r\n\r\n${line.repeat(Math.ceil(Number(values.bytes) / 72))}`;

async function drive(count: number): Promise<number[]> {
  const waits: number[] = [];
  let left = count;
  const session = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const askedAt = performance.now();
      const answer = await path.port.accept(submission({ raw }));
      if (answer.kind !== "accepted") throw new Error(answer.refusal.publicMessage);
      waits.push(performance.now() - askedAt);
    }
  };
  await Promise.all(Array.from({ length: sessions }, session));
  return waits.toSorted((a, b) => a - b);
}

const emptied = async (): Promise<void> => {
  while ((await place.database.query("SELECT 1 FROM queue LIMIT 1")).length > 0) await pause(10);
};

await drive(messages / 10);
await emptied();
const before = { cpu: process.cpuUsage(), database: databaseCpuMs(), at: performance.now() };
const waits = await drive(messages);
await emptied();
const seconds = (performance.now() - before.at) / 1000;
const own = process.cpuUsage(before.cpu);
const result = {
  bench: "mail-path",
  messages,
  sessions,
  messagesPerSecond: Math.round(messages / seconds),
  acceptP50Ms: round(waits[waits.length >> 1]!),
  acceptP99Ms: round(waits[Math.floor(waits.length * 0.99)]!),
  nodeCpuMsPerMessage: round((own.user + own.system) / 1000 / messages),
  databaseCpuMsPerMessage: round((databaseCpuMs() - before.database) / messages),
};
if (values.json) console.log(JSON.stringify(result));
else console.table(result);
await path.stop();
await place.drop();
process.exit(0); // the test server's looking-after has no end of its own

/** User and system time of every process of the database, which are the children of its postmaster (Linux only). */
function databaseCpuMs(): number {
  const postmaster = readFileSync(
    place.target.host.replace("postgres.socket", "postgres/postmaster.pid"),
    "utf8",
  ).split("\n")[0]!;
  let ticks = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (pid === postmaster || fields[1] === postmaster) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // it ended while we looked
    }
  }
  return ticks * 10; // USER_HZ is 100 on every Linux that Node runs on
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
