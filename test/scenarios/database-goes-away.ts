import assert from "node:assert/strict";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "../../src/client/index.ts";
import { check } from "../crash/checker.ts";
import { load } from "../crash/load.ts";
import { configuration, newRig } from "../crash/rig.ts";
import { databaseProxy } from "../support/database-proxy.ts";
import { eventually } from "../support/eventually.ts";
import { freshDatabase } from "../support/postgres.ts";

export type OutageResult = {
  acceptedBySmtp: number;
  sentByClient: number;
  refused: number;
  slowestRefusalMs: number;
  drainedMs: number;
  lost: number;
  duplicates: number;
};

/**
 * S32: the database is gone for `goneMs` while senders go on: patient SMTP clients, and an application whose client
 * keeps an outbox. Refusals come at once, nothing is lost, and afterwards everything goes out.
 */
export async function databaseGoesAway(goneMs: number): Promise<OutageResult> {
  const place = await freshDatabase();
  const proxy = await databaseProxy(place);
  const rig = newRig({ RIG_DATABASE: proxy.url, RIG_API_KEY: "key_0123456789abcdef" });
  try {
    const sink = await rig.sink();
    const node = await rig.start(rig.configure(configuration([sink, sink], { apiKey: true })));
    const client = createClient({
      url: `http://127.0.0.1:${node.http}`,
      apiKey: "key_0123456789abcdef",
      outbox: { folder: path.join(rig.folder, "outbox") },
    });

    let stopped = false;
    const smtp = load({ port: node.smtp, sessions: 5, stopped: () => stopped, patient: true });
    let sent = 0;
    const application = (async () => {
      while (!stopped) {
        sent += 1;
        await client.send({
          from: "app@crash.test",
          to: ["someone@example.net"],
          subject: `number ${sent}`,
          text: "Hello",
        });
        await pause(50);
      }
    })();

    await pause(500);
    proxy.cut();
    await pause(goneMs);
    await proxy.restore();
    await pause(500);
    stopped = true;
    const backAt = performance.now();
    const result = await smtp;
    await application;
    await client.flush();
    const rows = () =>
      place.database.query<{ door: string; n: number }>("SELECT door, count(*) AS n FROM messages GROUP BY door");
    await eventually(async () => {
      const byHttp = (await rows()).find((row) => row.door === "http")?.n ?? 0;
      const [queue] = await place.database.query<{ n: number }>("SELECT count(*) AS n FROM queue");
      return byHttp >= sent && queue!.n === 0;
    }, 120_000);
    const drainedMs = performance.now() - backAt;
    await client.close();
    const httpIds = await place.database.query<{ id: string }>(
      "SELECT spool_id AS id FROM messages WHERE door = 'http'",
    );
    assert.equal(httpIds.length, sent, "the outbox delivers each message once");
    const verdict = await check(
      place.database,
      [...result.accepted, ...httpIds.map((row) => row.id)],
      await sink.report(),
    );
    return {
      acceptedBySmtp: result.accepted.length,
      sentByClient: sent,
      refused: result.refused,
      slowestRefusalMs: Math.round(result.slowestRefusalMs),
      drainedMs: Math.round(drainedMs),
      lost: verdict.lost.length,
      duplicates: verdict.duplicates,
    };
  } finally {
    await rig.end();
    proxy.close();
    await place.drop();
  }
}
