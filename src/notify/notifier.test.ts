import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import { isDelivered, WEBHOOK_KEY, webhookWorlds } from "../../test/support/webhook-world.ts";
import { RETRY_WAITS_MS } from "./verdict.ts";

const { world } = webhookWorlds();
const typeOf = ({ body }: { body: Buffer }): string => (JSON.parse(body.toString()) as { type: string }).type;

describe("an event", () => {
  test("reaches the webhook signed by the Standard Webhooks scheme, with everything about it", async (context) => {
    const { tenant, receiver, results, start, happens, rowsWhen } = await world(context);
    const { spoolId } = await happens("message.handed-off", { provider: "harbour", attempt: 1, recipients: [1] });
    start();
    await rowsWhen(isDelivered);
    const [received] = receiver.received;
    assert.ok(received);
    const { headers, body } = received;
    const id = headers["webhook-id"] as string;
    const timestamp = headers["webhook-timestamp"] as string;
    const signed = createHmac("sha256", WEBHOOK_KEY).update(`${id}.${timestamp}.${body.toString()}`).digest("base64");
    assert.equal(headers["webhook-signature"], `v1,${signed}`);
    assert.match(id, /^evt_[0-9a-f]{32}$/);
    assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 60);
    assert.equal(headers["content-type"], "application/json");
    assert.deepEqual(JSON.parse(body.toString()), {
      type: "message.handed-off",
      timestamp: "2026-11-24T10:00:00.123Z",
      data: {
        id: spoolId,
        tenant,
        stream: "alerts",
        class: "C2",
        messageId: "<m1@acme.test>",
        acceptedAt: "2026-11-24T10:00:00.000Z",
        tags: { order: "7" },
        recipients: ["bob@example.test"],
        recipientCount: 1,
        detail: { provider: "harbour", attempt: 1 },
      },
    });
    assert.deepEqual(results, ["delivered"]);
  });

  test("goes to the webhooks that want its kind, and to no other tenant's", async (context) => {
    const { tenant, receiver, start, happens, rowsWhen } = await world(context, {
      webhooks: ({ url }) => [
        { name: "all", url: `${url}/all`, events: null },
        { name: "bad-news", url: `${url}/bad`, events: ["message.rejected", "message.expired"] },
      ],
    });
    await happens("message.accepted");
    const { eventId } = await happens("message.rejected");
    await happens("message.rejected", {}, `stranger-${tenant}`);
    start();
    const rows = await rowsWhen(isDelivered, 3);
    assert.deepEqual(
      rows.map((row) => row.webhook),
      ["all", "all", "bad-news"],
    );
    assert.equal(rows[2]?.event_id, eventId);
    assert.deepEqual(receiver.received.map((one) => one.path).toSorted(), ["/hook/all", "/hook/all", "/hook/bad"]);
    const [first, second] = receiver.received.filter((one) => typeOf(one) === "message.rejected");
    assert.equal(first?.headers["webhook-id"], second?.headers["webhook-id"], "one event has one id");
  });

  test("nobody wants is done with, too", async (context) => {
    const { database, start, happens } = await world(context, { webhooks: () => [] });
    const { eventId } = await happens();
    start();
    await eventually(async () => {
      const rows = await database.query("SELECT 1 FROM message_events WHERE event_id = $1 AND NOT notify", [eventId]);
      return rows.length === 1;
    });
  });

  test("written while the notifier rests is found when it is woken", async (context) => {
    const { start, happens, rowsWhen } = await world(context);
    const notifier = start();
    await happens();
    notifier.wake();
    await rowsWhen(isDelivered);
  });
});

test("however often it is said that events came, there are ten looks a second at most", async (context) => {
  const { clock, start, happens, rowsWhen } = await world(context);
  const looks: number[] = [];
  const after = clock.after.bind(clock);
  clock.after = (delayMs, task) => {
    if (delayMs === 100) looks.push(clock.now());
    return after(delayMs, task);
  };
  const notifier = start();
  await happens();
  for (let n = 0; n < 1_000; n += 1) notifier.wakeSoon();
  await rowsWhen(isDelivered);
  assert.equal(looks.length, 1);
});

describe("a receiver that does not take it", () => {
  test("is asked again on the schedule, same id and body and a new timestamp, then given up", async (context) => {
    const { clock, receiver, results, start, happens, rowsWhen } = await world(context, {
      answer: (_, response) => response.writeHead(500).end("secret details of the receiver"),
    });
    await happens();
    const notifier = start();
    for (const [index, waitMs] of RETRY_WAITS_MS.entries()) {
      const tries = index + 1;
      const [row] = await rowsWhen((one) => one.tries === tries && results.length === tries);
      assert.equal(row?.state, "waiting");
      assert.equal(row.last_error, "answered 500");
      const dueInMs = row.due_at - clock.now();
      assert.ok(Math.abs(dueInMs - waitMs) < 3_000, `try ${tries} is due in ${dueInMs} ms`);
      clock.shift(waitMs + 1_000);
      notifier.wake();
    }
    const [row] = await rowsWhen((one) => one.state === "gave-up" && results.length === RETRY_WAITS_MS.length + 1);
    assert.equal(row?.tries, RETRY_WAITS_MS.length + 1);
    assert.deepEqual(results, [...RETRY_WAITS_MS.map(() => "failed"), "gave-up"]);
    const different = (what: (one: (typeof receiver.received)[number]) => unknown) =>
      new Set(receiver.received.map(what)).size;
    assert.equal(
      different((one) => one.headers["webhook-id"]),
      1,
    );
    assert.equal(
      different((one) => one.body.toString()),
      1,
    );
    assert.equal(
      different((one) => one.headers["webhook-timestamp"]),
      receiver.received.length,
    );
  });

  test("and says 410 Gone is given up at once", async (context) => {
    const { results, start, happens, rowsWhen } = await world(context, {
      answer: (_, response) => response.writeHead(410).end(),
    });
    await happens();
    start();
    const [row] = await rowsWhen((one) => one.state === "gave-up" && results.length === 1);
    assert.equal(row?.tries, 1);
    assert.equal(row.last_error, "answered 410");
    assert.deepEqual(results, ["gave-up"]);
  });

  test("and asks for more time gets it", async (context) => {
    const { clock, start, happens, rowsWhen } = await world(context, {
      answer: (_, response) => response.writeHead(429, { "retry-after": "600" }).end(),
    });
    await happens();
    start();
    const [row] = await rowsWhen((one) => one.last_error !== null);
    assert.ok(Math.abs(row!.due_at - clock.now() - 600_000) < 5_000);
  });

  test("because it is no place on the internet is never connected to, and the row says why", async (context) => {
    const { receiver, start, happens, rowsWhen } = await world(context, {
      webhooks: () => [{ name: "inside", url: "https://10.0.0.5/hook", events: null }],
    });
    await happens();
    start();
    const [row] = await rowsWhen((one) => one.last_error !== null);
    assert.equal(row?.last_error, "egress-address-denied");
    assert.equal(receiver.connections, 0);
  });

  test("and hangs does not hold up the others", async (context) => {
    const EVENTS = 40;
    const { receiver, start, happens, rows } = await world(context, {
      deadlineMs: 60_000,
      webhooks: ({ url }) => [
        { name: "dead", url: `${url}/dead`, events: null },
        { name: "well", url: `${url}/well`, events: null },
      ],
      answer: ({ path }, response) => {
        if (path === "/hook/well") response.writeHead(204).end();
      },
    });
    for (let n = 0; n < EVENTS; n += 1) await happens();
    start();
    await eventually(
      async () => (await rows()).filter((row) => row.webhook === "well" && isDelivered(row)).length === EVENTS,
    );
    const hanging = receiver.received.filter((one) => one.path === "/hook/dead").length;
    assert.ok(hanging > 0 && hanging <= 8, `${hanging} on their way to the one that hangs`);
  });

  test("gets one try at a time until it takes one", async (context) => {
    let well = false;
    let open = 0;
    const most = { failing: 0, well: 0 };
    const { clock, receiver, start, happens, rowsWhen } = await world(context, {
      answer: (_, response) => {
        open += 1;
        if (well) most.well = Math.max(most.well, open);
        else if (receiver.received.length > 8) most.failing = Math.max(most.failing, open); // eight are sent in good faith
        setImmediate(() => {
          open -= 1;
          response.writeHead(well ? 204 : 500).end();
        });
      },
    });
    for (let n = 0; n < 30; n += 1) await happens();
    const notifier = start();
    await rowsWhen((row) => row.last_error !== null, 30);
    well = true;
    clock.shift(10_000);
    notifier.wake();
    await rowsWhen(isDelivered, 30);
    assert.equal(most.failing, 1);
    assert.ok(most.well > 1, "it is trusted again after the first success");
  });
});
