import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { allDelivered, apiSettings } from "../../../test/contract/api-contract.ts";
import { someHandoff } from "../../../test/contract/provider-contract.ts";
import { silentLog, systemClock } from "../../kernel/index.ts";
import { type NoticeMode, startTwin } from "../../lab/twins/index.ts";
import type { DeliveryEvent } from "../../mail/index.ts";
import { partsAt } from "../recorded-webhooks-for-tests.ts";
import { receive } from "./events.ts";
import { mandrillProvider } from "./index.ts";

/** One hand-off with its notices in `mode`: what comes of them at our end, and how many came. */
async function noticed(mode: NoticeMode, handoffs = 1): Promise<{ came: number; events: DeliveryEvent[] }> {
  const secret = "webhook-key";
  const parts = partsAt(systemClock.now());
  const events: DeliveryEvent[] = [];
  let came = 0;
  const server = createServer(async (incoming, response) => {
    const body = Buffer.concat(await incoming.toArray());
    const headers = incoming.headers as Record<string, string>;
    const answer = await receive(
      { method: "POST", url: `http://${headers["host"]}${incoming.url}`, headers, body },
      { key: secret, basic: null, topicArn: null },
      parts,
    );
    came += 1;
    if (answer.kind === "events") events.push(...answer.events);
    response.writeHead(answer.kind === "events" ? 200 : 401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/mandrill`;
  const twin = await startTwin("mandrill", {
    clock: systemClock,
    log: silentLog,
    deliver: async () => {},
    notices: { url, secret },
  });
  twin.setNotices(mode);
  const provider = mandrillProvider(apiSettings(twin), { clock: systemClock, log: silentLog, hostname: "p.example" });
  for (let n = 0; n < handoffs; n++) await provider.handOff(someHandoff(1), new AbortController().signal);
  await allDelivered(twin);
  await twin.noticesSent();
  await provider.close();
  await twin.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { came, events };
}

test("a delivery comes back as an event with our ids", async () => {
  const { events } = await noticed("normal");
  assert.deepEqual(
    events.map(({ type, recipient, attemptId, spoolId }) => [type, recipient, attemptId, spoolId]),
    [["delivered", "rcpt0@example.net", "attempt-1", "01900000-0000-7000-8000-000000000000"]],
  );
});

test("a notice that comes twice is one event, a forged one is none", async () => {
  const twice = await noticed("duplicated");
  assert.deepEqual([twice.came, twice.events.length], [2, 1]);
  const forged = await noticed("forged");
  assert.deepEqual([forged.came, forged.events.length], [1, 0]);
});

test("notices out of order are all taken", async () => {
  const { events } = await noticed("reordered", 2);
  assert.equal(events.length, 2);
});
