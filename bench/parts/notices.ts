/**
 * What providers' notices cost: proof, replay check, effects and their commit, on a real PostgreSQL, and what a burst of
 * them does to messages that are being accepted at the same time. Without HTTP, whose cost is the framework's.
 *
 *     node bench/parts/notices.ts [--notices 10000] [--at-once 200] [--accepts 200] [--json]
 *
 * `--accepts`: messages a second that go on being accepted; their wait is told with and without the burst.
 */
import { createHmac } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { ApiProviderSettings } from "../../src/config/index.ts";
import { DEFAULT_RETENTION } from "../../src/config/index.ts";
import { AttemptIds } from "../../src/handoff/index.ts";
import { noFailpoint, Secret, silentLog, type SpoolId, systemClock, systemRandom } from "../../src/kernel/index.ts";
import { LeafMaker } from "../../src/ledger/index.ts";
import { silentMetrics } from "../../src/metrics/index.ts";
import { Observer } from "../../src/observe/index.ts";
import { tenantsOf } from "../../src/tenancy/index.ts";
import { fakeProvider, startMailPath, submission, TEST_TENANT } from "../../test/support/mail-path.ts";
import { freshDatabase } from "../../test/support/postgres.ts";

const { values } = parseArgs({
  options: {
    notices: { type: "string", default: "10000" },
    "at-once": { type: "string", default: "200" },
    accepts: { type: "string", default: "200" },
    json: { type: "boolean", default: false },
  },
});
const count = Number(values.notices);
const MASTER_KEY = Buffer.alloc(32, 7); // that of startMailPath
const WEBHOOK_KEY = Buffer.alloc(24, 5);

const place = await freshDatabase();
const harbour = fakeProvider("harbour");
const path = await startMailPath(place.database, [harbour], { concurrency: 50 });
const attemptIds = new AttemptIds(MASTER_KEY);
const webhook = {
  key: new Secret(`whsec_${WEBHOOK_KEY.toString("base64")}`),
  basic: null,
  topicArn: null,
  url: null,
};
const observer = new Observer({
  providers: [{ kind: "resend", name: "harbour", webhook } as ApiProviderSettings],
  publicUrl: null,
  database: place.database,
  tenants: tenantsOf([TEST_TENANT]),
  leaves: new LeafMaker(MASTER_KEY),
  attemptIdOf: (spoolId, provider, n) => attemptIds.of(spoolId as SpoolId, provider, n),
  bodyMs: DEFAULT_RETENTION.bodyMs,
  onEvents: () => {},
  fetch: () => Promise.resolve(null),
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
  metrics: silentMetrics,
  failpoint: noFailpoint,
});

async function accept(): Promise<number> {
  const askedAt = performance.now();
  const answer = await path.port.accept(submission());
  if (answer.kind !== "accepted") throw new Error(answer.refusal.publicMessage);
  return performance.now() - askedAt;
}

async function inParallel(times: number, atOnce: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < times) await work((next += 1) - 1);
    }),
  );
}

/** Accepts at a steady rate while `until` has not come to its end. */
async function acceptedDuring(until: Promise<unknown>): Promise<number[]> {
  const waits: Promise<number>[] = [];
  let isOver = false;
  const end = until.finally(() => (isOver = true));
  const startedAt = performance.now();
  while (!isOver) {
    while (waits.length < ((performance.now() - startedAt) / 1000) * Number(values.accepts)) waits.push(accept());
    await pause(1);
  }
  await end;
  return (await Promise.all(waits)).toSorted((a, b) => a - b);
}

await inParallel(count, 100, accept);
while ((await place.database.query("SELECT 1 FROM queue LIMIT 1")).length > 0) await pause(10);
const notices = harbour.calls.slice(0, count).map(({ spoolId, attemptId }, n) => {
  const body = Buffer.from(
    JSON.stringify({
      type: "email.delivered",
      created_at: new Date(systemClock.now()).toISOString(),
      data: { email_id: `e-${n}`, to: ["bob@example.net"], tags: { postern_attempt: attemptId, postern_id: spoolId } },
    }),
  );
  const timestamp = String(Math.floor(systemClock.now() / 1000));
  const signature = createHmac("sha256", WEBHOOK_KEY).update(`msg_${n}.${timestamp}.`).update(body).digest("base64");
  const headers = { "svix-id": `msg_${n}`, "svix-timestamp": timestamp, "svix-signature": `v1,${signature}` };
  return { method: "POST", url: "http://postern.test/v1/notices/harbour", headers, body };
});

const quiet = await acceptedDuring(pause(3_000));
const cpu = process.cpuUsage();
const startedAt = performance.now();
let seconds = 0;
const busy = await acceptedDuring(
  inParallel(count, Number(values["at-once"]), async (n) => {
    const answer = await observer.take("harbour", notices[n]!);
    if (answer !== "taken") throw new Error(answer);
    seconds = (performance.now() - startedAt) / 1000;
  }),
);
const used = process.cpuUsage(cpu);
const [delivered] = await place.database.query<{ n: number }>(
  "SELECT count(*) AS n FROM recipients WHERE state = 'delivered'",
);
const at = (waits: readonly number[], share: number): number => round(waits[Math.floor(waits.length * share)] ?? 0);
const result = {
  bench: "notices",
  notices: count,
  delivered: delivered!.n,
  noticesPerSecond: Math.round(count / seconds),
  nodeCpuMsPerNotice: round((used.user + used.system) / 1000 / count),
  acceptP50MsQuiet: at(quiet, 0.5),
  acceptP99MsQuiet: at(quiet, 0.99),
  acceptP50MsInBurst: at(busy, 0.5),
  acceptP99MsInBurst: at(busy, 0.99),
};
if (values.json) console.log(JSON.stringify(result));
else console.table(result);
await observer.close();
await path.stop();
await place.drop();
process.exit(0); // the test server's looking-after has no end of its own

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
