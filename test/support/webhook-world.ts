import { after, before, type TestContext } from "node:test";
import type { ServerResponse } from "node:http";
import type { TenantSettings, WebhookSettings } from "../../src/config/index.ts";
import {
  type Clock,
  newNodeId,
  newSpoolId,
  Secret,
  silentLog,
  type SpoolId,
  systemClock,
  systemRandom,
} from "../../src/kernel/index.ts";
import { type Metrics, silentMetrics } from "../../src/metrics/index.ts";
import { type Notifier, startNotifier } from "../../src/notify/index.ts";
import type { Database } from "../../src/store/index.ts";
import { eventually } from "./eventually.ts";
import { type Received, type Receiver, startReceiver, TEST_CERTIFICATE } from "./https-receiver.ts";
import { type FreshDatabase, freshDatabase } from "./postgres.ts";

export const WEBHOOK_KEY = Buffer.alloc(32, 7);
const SECRET = new Secret(`whsec_${WEBHOOK_KEY.toString("base64")}`);

export type DeliveryRow = {
  event_id: number;
  webhook: string;
  state: string;
  tries: number;
  due_at: number;
  last_error: string | null;
};
export const isDelivered = (row: DeliveryRow): boolean => row.state === "delivered";

type Options = {
  answer?: (received: Received, response: ServerResponse) => void;
  webhooks?: (receiver: Receiver) => (Pick<WebhookSettings, "name" | "url" | "events"> & Partial<WebhookSettings>)[];
  deadlineMs?: number;
};

/**
 * One database for a test file. `world` gives each test a tenant nobody else has, a real receiver and notifiers that
 * may reach it.
 */
export function webhookWorlds() {
  let fresh: FreshDatabase;
  let count = 0;
  before(async () => {
    fresh = await freshDatabase();
  });
  after(() => fresh.drop());

  async function world(context: TestContext, options: Options = {}) {
    const { database } = fresh;
    count += 1;
    const tenant = `acme-${count}`;
    const clock = shiftingClock();
    const receiver = await startReceiver(options.answer);
    context.after(() => receiver.stop());
    const webhooks = options.webhooks?.(receiver) ?? [{ name: "hook", url: receiver.url, events: null }];
    const results: string[] = [];
    const metrics: Metrics = { ...silentMetrics, webhook: (result) => results.push(result) };
    const start = (): Notifier => {
      const notifier = startNotifier({
        database,
        tenants: [
          {
            name: tenant,
            webhooks: webhooks.map((one) => ({ format: "postern", secret: SECRET, ...one })),
          } as TenantSettings,
        ],
        clock,
        random: { ...systemRandom, fraction: () => 0.5 }, // no jitter
        log: silentLog,
        metrics,
        node: newNodeId(clock, systemRandom),
        egress: {
          ca: TEST_CERTIFICATE,
          permitted: [{ address: "127.0.0.1", port: receiver.port }],
          resolve: () => Promise.resolve(["127.0.0.1"]),
          bounds: { deadlineMs: options.deadlineMs ?? 5_000 },
        },
      });
      context.after(() => {
        clock.hurry();
        return notifier.stop();
      });
      return notifier;
    };
    const rows = (of = tenant): Promise<DeliveryRow[]> =>
      database.query("SELECT * FROM webhook_deliveries WHERE tenant = $1 ORDER BY event_id, webhook", [of]);
    return {
      database,
      tenant,
      clock,
      receiver,
      /** What the metrics were told. */
      results,
      start,
      rows,
      /** The rows once there are `least` and each is as `met` says. */
      rowsWhen: (met: (row: DeliveryRow) => boolean, least = 1): Promise<DeliveryRow[]> =>
        eventually(async () => {
          const found = await rows();
          return found.length >= least && found.every(met) && found;
        }),
      /** A message with two recipients, and one event of it that is to be told. */
      happens: (kind = "message.accepted", detail: Record<string, unknown> = {}, of = tenant) =>
        writeEvent(database, of, kind, detail),
      /** The same, as a delivery that is due. */
      async waits(of = tenant): Promise<{ spoolId: SpoolId; eventId: number }> {
        const event = await writeEvent(database, of, "message.accepted", {}, false);
        await database.query(
          "INSERT INTO webhook_deliveries (event_id, webhook, tenant, state, due_at) VALUES ($1, 'hook', $2, 'waiting', $3)",
          [event.eventId, of, new Date(clock.now())],
        );
        return event;
      },
    };
  }
  return { world };
}

async function writeEvent(
  database: Database,
  tenant: string,
  kind: string,
  detail: Record<string, unknown>,
  notify = true,
): Promise<{ spoolId: SpoolId; eventId: number }> {
  const spoolId = newSpoolId(systemClock, systemRandom);
  const [row] = await database.query<{ event_id: number }>(
    `WITH m AS (
       INSERT INTO messages (spool_id, tenant, stream, class, credential, door, return_path, author, header_message_id, size_bytes, body_mac,
         needs_smtputf8, needs_8bit, tags, accepted_at)
       VALUES ($1, $2, 'alerts', 2, 'app', 'http', 'b@acme.test', 'a@acme.test', '<m1@acme.test>', 10, '\\x00', false, false, '{"order":"7"}', $5)
     ), r AS (
       INSERT INTO recipients (spool_id, n, address) VALUES ($1, 0, 'alice@example.test'), ($1, 1, 'bob@example.test')
     )
     INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify) VALUES ($1, $2, $3, $6, $4, $7) RETURNING event_id`,
    [spoolId, tenant, kind, detail, new Date("2026-11-24T10:00:00Z"), new Date("2026-11-24T10:00:00.123Z"), notify],
  );
  return { spoolId, eventId: row!.event_id };
}

type ShiftingClock = Clock & {
  /** Puts the wall clock forward. */
  shift(ms: number): void;
  /** From here on nothing is waited for. */
  hurry(): void;
};

function shiftingClock(): ShiftingClock {
  let shiftMs = 0;
  let inHurry = false;
  return {
    monotonicMs: () => systemClock.monotonicMs(),
    now: () => systemClock.now() + shiftMs,
    after: (delayMs, task) => systemClock.after(inHurry ? 0 : delayMs, task),
    shift(ms) {
      shiftMs += ms;
    },
    hurry() {
      inHurry = true;
    },
  };
}
