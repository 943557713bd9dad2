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
 * The first line of whoever listens there: the SMTP banner, or of HTTP the health page and who sent it. Null where nothing is said.
 * Only asks who is there; a certificate is not checked.
 */
export async function greeting(
  address: Address,
  speaks: "smtp" | "tls" | "http",
  clock: Clock,
): Promise<string | null> {
  const host = ANY.get(address.host) ?? address.host;
  if (speaks === "http") return health({ host, port: address.port });
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

async function health({ host, port }: Address): Promise<string | null> {
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/healthz`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "manual" });
    const body = (await answer.text()).slice(0, 200);
    return `${answer.status} ${answer.headers.get("server") ?? ""} ${body}`.replace(/\s+/g, " ").trim();
  } catch {
    return null;
  }
}
