import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Address } from "../../config/index.ts";
import type { Clock } from "../../kernel/index.ts";
import { LineReader } from "./line-reader.ts";

const TIMEOUT_MS = 2_000;
const ANY = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
]);

/**
 * How whoever listens there introduces itself: the SMTP banner; over HTTP the title of what it publishes, or its status.
 * Null where nothing is said. Only asks who is there; a certificate is not checked.
 */
export async function greeting(
  address: Address,
  speaks: "smtp" | "tls" | "http",
  clock: Clock,
): Promise<string | null> {
  const host = ANY.get(address.host) ?? address.host;
  if (speaks === "http") return published({ host, port: address.port });
  const socket =
    speaks === "tls"
      ? connectTls({ host, port: address.port, rejectUnauthorized: false })
      : connectTcp({ host, port: address.port });
  const timer = clock.after(TIMEOUT_MS, () => socket.destroy(new Error("silent")));
  try {
    const line = await new LineReader(socket).line();
    socket.end("QUIT\r\n");
    return line;
  } catch {
    return null;
  } finally {
    timer.cancel();
    socket.destroy();
  }
}

async function published({ host, port }: Address): Promise<string | null> {
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/v1/openapi.json`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "manual" });
    const body = await answer.text();
    const title = /"title":"([^"]{1,80})"/.exec(body.slice(0, 1_000))?.[1];
    return title ?? `HTTP ${answer.status} ${answer.headers.get("server") ?? ""}`.trim();
  } catch {
    return null;
  }
}
