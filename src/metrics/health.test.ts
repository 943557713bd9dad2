import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fastify } from "fastify";
import { createExporter, type ReadinessCheck, registerHealth } from "./index.ts";

function door(readiness: () => readonly ReadinessCheck[]) {
  const exporter = createExporter();
  const server = fastify();
  registerHealth(server, { exporter, readiness });
  return { exporter, get: (url: string) => server.inject({ url }) };
}

const UP: ReadinessCheck = { name: "database", ok: true, reason: null };
const FULL: ReadinessCheck = {
  name: "intake",
  ok: false,
  reason: "The queue is full. Delivery goes on; wait, or raise limits.queueRows.",
};

describe("/readyz", () => {
  test("is 200 while every check holds", async () => {
    const answer = await door(() => [UP]).get("/readyz");
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.deepEqual(answer.json(), { status: "ready", checks: [UP] });
  });

  test("is 503 with the reasons while one does not", async () => {
    const answer = await door(() => [UP, FULL]).get("/readyz");
    assert.equal(answer.statusCode, 503);
    assert.deepEqual(answer.json(), { status: "not-ready", checks: [UP, FULL] });
  });

  test("follows what becomes of a check", async () => {
    let checks = [FULL];
    const { get } = door(() => checks);
    assert.equal((await get("/readyz")).statusCode, 503);
    checks = [UP];
    assert.equal((await get("/readyz")).statusCode, 200);
  });
});

test("/healthz is 200 even where nothing is ready: a restart would not help", async () => {
  const answer = await door(() => [FULL]).get("/healthz");
  assert.equal(answer.statusCode, 200);
  assert.deepEqual(answer.json(), { status: "alive" });
});

test("/metrics is what Prometheus reads", async () => {
  const { exporter, get } = door(() => [UP]);
  exporter.metrics.takenOver(2);
  const answer = await get("/metrics");
  assert.equal(answer.statusCode, 200);
  assert.match(String(answer.headers["content-type"]), /^text\/plain; version=0\.0\.4/);
  assert.match(answer.body, /\npostern_messages_taken_over_total 2\n/);
});
