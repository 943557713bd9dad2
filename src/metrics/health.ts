import type { FastifyInstance, FastifySchema } from "fastify";
import type { Exporter } from "./metrics.ts";

/** One thing that must hold before traffic makes sense here. `reason` says what is wrong and what to do; null when `ok`. */
export type ReadinessCheck = { name: string; ok: boolean; reason: string | null };

export type HealthParts = {
  exporter: Exporter;
  /** What is known at this moment; asked at every probe, so it must not wait for anything. */
  readiness: () => readonly ReadinessCheck[];
};

/**
 * GET /metrics for Prometheus, /healthz (this process answers: never restart it for the sake of others) and /readyz
 * (send it traffic: 503 with the reasons while intake refuses or the database is away).
 */
export function registerHealth(server: FastifyInstance, { exporter, readiness }: HealthParts): void {
  const schema: FastifySchema & { hide: true } = { hide: true }; // for machines of the house, no part of the described API
  server.get("/metrics", { schema }, async (_request, reply) => {
    const text = await exporter.text();
    return reply.header("content-type", exporter.contentType).header("cache-control", "no-store").send(text);
  });
  server.get("/healthz", { schema }, (_request, reply) => {
    reply.header("cache-control", "no-store").send({ status: "alive" });
  });
  server.get("/readyz", { schema }, (_request, reply) => {
    const checks = readiness();
    const ready = checks.every((check) => check.ok);
    reply
      .code(ready ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ status: ready ? "ready" : "not-ready", checks });
  });
}
