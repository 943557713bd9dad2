import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import {
  type FakeProvider,
  type MailPath,
  type MailPathOptions,
  TEST_ROUTE,
  TEST_TENANT,
  fakeProvider,
  outcome,
  startMailPath,
  submission,
} from "../../test/support/mail-path.ts";
import { newMessage } from "../../test/support/new-message.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { seededRandom } from "../../test/support/seeded-random.ts";
import { newNodeId, noFailpoint, systemClock, systemRandom } from "../kernel/index.ts";
import type { MessageClass, Outcome } from "../mail/index.ts";
import { Sealer, Spool } from "../spool/index.ts";

let place: FreshDatabase;
let providers: Record<"harbour" | "lantern" | "beacon", FakeProvider>;
let path: MailPath;

async function start(options: MailPathOptions = {}): Promise<void> {
  providers = { harbour: fakeProvider("harbour"), lantern: fakeProvider("lantern"), beacon: fakeProvider("beacon") };
  path = await startMailPath(place.database, Object.values(providers), options);
}
beforeEach(async () => (place = await freshDatabase()));
afterEach(async () => {
  await path.stop();
  await place.drop();
});

async function accept(stream = "alerts"): Promise<void> {
  assert.equal((await path.port.accept(submission({ stream }))).kind, "accepted");
}
const drained = () =>
  eventually(async () => (await place.database.query("SELECT 1 FROM queue LIMIT 1")).length === 0, 30_000);
const yes = (): Outcome[] => [outcome("accepted")];
const route = (change: Partial<typeof TEST_ROUTE>): typeof TEST_TENANT => ({
  ...TEST_TENANT,
  routes: { default: { ...TEST_ROUTE, ...change } },
});

describe("a provider's bounds, as the provider sees them", () => {
  test("never more hand-offs at once than concurrency, and that many when there is work", async () => {
    await start({ concurrency: 3, tenant: route({ standby: [] }) });
    let now = 0;
    let most = 0;
    providers.harbour.answer = async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise(setImmediate);
      await place.database.query("SELECT 1"); // some real time
      now -= 1;
      return yes();
    };
    await Promise.all(Array.from({ length: 60 }, () => accept()));
    await drained();
    assert.equal(providers.harbour.calls.length, 60);
    assert.equal(most, 3);
  });

  test("never faster than ratePerS, with at most one second's worth at once", async () => {
    const ratePerS = 50;
    await start({ ratePerS, concurrency: 50, tenant: route({ standby: [] }) });
    /** Between the token and the call lies a commit, which on a busy machine takes now 5 and now 200 ms. */
    const JITTER_S = 0.5;
    const at: number[] = [];
    providers.harbour.answer = () => {
      at.push(performance.now());
      return yes();
    };
    await Promise.all(Array.from({ length: 100 }, () => accept()));
    await drained();
    assert.equal(at.length, 100);
    for (let from = 0; from < at.length; from += 1) {
      for (let to = from; to < at.length; to += 1) {
        const seconds = (at[to]! - at[from]!) / 1000;
        const most = ratePerS * (1 + seconds + JITTER_S);
        assert.ok(to - from + 1 <= most, `${to - from + 1} within ${seconds} s`);
      }
    }
  });

  test("a rate that frees a slot between two looks at the clock leaves nothing waiting", async () => {
    // A slow machine: between any two looks a good part of a token's time has passed.
    let atMs = 0;
    const random = seededRandom(1);
    const deskClock = { ...systemClock, monotonicMs: () => (atMs += random.fraction() * 5) };
    await start({ ratePerS: 20, concurrency: 1, tenant: route({ standby: [] }), deskClock });
    await Promise.all(Array.from({ length: 50 }, () => accept()));
    await drained();
    assert.equal(providers.harbour.calls.length, 50);
  });

  test("what does not fit in them goes to the standby, and says why", async () => {
    await start({ ratePerS: 10, concurrency: 50 });
    await Promise.all(Array.from({ length: 20 }, () => accept()));
    await drained();
    const rows = await place.database.query<{ provider: string; reason: string; n: number }>(
      "SELECT provider, route_reason AS reason, count(*) AS n FROM attempts GROUP BY 1, 2 ORDER BY 1",
    );
    assert.deepEqual(
      rows.map((row) => [row.provider, row.reason]),
      [
        ["harbour", "preferred"],
        ["lantern", "standby; not harbour: all slots taken"],
      ],
    );
    assert.equal(rows[0]!.n + rows[1]!.n, 20);
    assert.ok(rows[0]!.n >= 10);
  });
});

describe("in a backlog the most important class goes first", () => {
  const classes = (): MessageClass[] => providers.harbour.calls.map((call) => call.messageClass);

  test("of what waits in memory", async () => {
    await start({ concurrency: 1, tenant: route({ standby: [] }) });
    let answer = () => {};
    providers.harbour.answer = () =>
      providers.harbour.calls.length > 1 ? yes() : new Promise((resolve) => (answer = () => resolve(yes())));
    await accept("receipts");
    await eventually(() => providers.harbour.calls.length === 1);
    for (const stream of ["news", "receipts", "alerts", "notices", "security"])
      for (let n = 0; n < 3; n += 1) await accept(stream);
    answer();
    await drained();
    assert.deepEqual(
      classes().slice(1),
      ["C0", "C1", "C2", "C3", "C4"].flatMap((one) => [one, one, one]),
    );
  });

  test("of what waits in the database, though it came last", async () => {
    const elsewhere = new Spool({
      node: newNodeId(systemClock, systemRandom),
      database: place.database,
      failpoint: noFailpoint,
    });
    const sealer = new Sealer(Buffer.alloc(32, 7), systemRandom);
    const queued = (messageClass: MessageClass, count: number) =>
      Promise.all(
        Array.from({ length: count }, () => {
          const message = newMessage({
            tenant: "acme",
            class: messageClass,
            acceptedAt: systemClock.now(),
            expiresAt: systemClock.now() + 3_600_000,
          });
          return elsewhere.accept({
            ...message,
            body: sealer.seal(message.spoolId, Buffer.from("From: a@acme.test\r\n\r\nx\r\n")),
          });
        }),
      );
    await queued("C3", 400);
    await queued("C0", 40);
    await start({ concurrency: 2, tenant: route({ standby: [] }) });
    await drained();
    assert.equal(classes().length, 440);
    assert.equal(classes().lastIndexOf("C0"), 39, "all of C0 before any of C3");
  });

  test("and a route without a slot keeps no other route waiting", async () => {
    const tenant = {
      ...TEST_TENANT,
      routes: { default: { ...TEST_ROUTE, standby: [] }, receipts: { ...TEST_ROUTE, prefer: ["beacon"], standby: [] } },
    };
    await start({ concurrency: 1, tenant });
    let answer = () => {};
    providers.harbour.answer = () => new Promise((resolve) => (answer = () => resolve(yes())));
    await accept("security");
    await accept("security");
    for (let n = 0; n < 5; n += 1) await accept("receipts");
    await eventually(() => providers.beacon.calls.length === 5);
    assert.equal(providers.harbour.calls.length, 1);
    answer();
    await eventually(() => providers.harbour.calls.length === 2);
    answer();
    await drained();
  });
});

describe("who gets what, over many messages", () => {
  const SEED = 20_220_808;
  const MANY = 2_000;
  async function sendMany(): Promise<void> {
    for (let sent = 0; sent < MANY; sent += 100) await Promise.all(Array.from({ length: 100 }, () => accept()));
    await drained();
  }
  /** Within four standard deviations of a share. */
  const isShare = (count: number, share: number): boolean =>
    Math.abs(count - MANY * share) <= 4 * Math.sqrt(MANY * share * (1 - share));

  test("the standby carries its share, so that it is known to work", async (t) => {
    await start({ random: seededRandom(SEED), concurrency: 1_000, tenant: route({ standbyShare: 0.05 }) });
    await sendMany();
    const { harbour, lantern } = providers;
    t.diagnostic(`${lantern.calls.length} of ${MANY} went through the standby`);
    assert.equal(harbour.calls.length + lantern.calls.length, MANY);
    assert.ok(isShare(lantern.calls.length, 0.05), `${lantern.calls.length} of ${MANY}`);
  });

  test("weights share the traffic among the preferred", async (t) => {
    const tenant = route({ prefer: ["harbour", "beacon"], weights: { harbour: 3, beacon: 1 }, standby: [] });
    await start({ random: seededRandom(SEED), concurrency: 1_000, tenant });
    await sendMany();
    t.diagnostic(`${providers.beacon.calls.length} of ${MANY} went to the one with a quarter of the weight`);
    assert.ok(isShare(providers.beacon.calls.length, 0.25));
  });
});

describe("owner groups", () => {
  test("a group that a route avoids carries nothing of it, even when nobody else is left", async () => {
    await start({ tenant: route({ prefer: ["harbour", "beacon"], avoidOwnerGroups: ["beacon", "lantern"] }) });
    providers.harbour.answer = () => [outcome("deferred", "message", "try-later")];
    await accept();
    await accept("security");
    await eventually(
      async () => (await place.database.query("SELECT 1 FROM queue WHERE state = 'queued'")).length === 2,
    );
    assert.ok(providers.harbour.calls.length >= 2);
    assert.deepEqual([providers.beacon.calls.length, providers.lantern.calls.length], [0, 0]);
  });

  test("another route of the same tenant may use it", async () => {
    const routes = {
      default: { ...TEST_ROUTE, avoidOwnerGroups: ["harbour"] },
      receipts: { ...TEST_ROUTE, standby: [] },
    };
    await start({ tenant: { ...TEST_TENANT, routes } });
    await accept("security");
    await accept("receipts");
    await drained();
    assert.deepEqual(
      providers.harbour.calls.map((call) => call.messageClass),
      ["C3"],
    );
    assert.deepEqual(
      providers.lantern.calls.map((call) => call.messageClass),
      ["C0"],
    );
  });
});
