import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { type Socket, connect as connectTcp, isIP } from "node:net";
import { type TLSSocket, connect as connectTls } from "node:tls";
import type { SmtpProviderSettings } from "../../config/index.ts";
import type { Clock } from "../../kernel/index.ts";
import { LineReader } from "./line-reader.ts";

/** As far as a talk with a provider came; `failed` names the step that did. */
export type Talk = {
  addresses: string[];
  /** `TLSv1.3`; null without TLS. */
  tls: string | null;
  /** Extensions of the last EHLO, upper case. */
  offers: string[];
  failed: { step: Step; reason: string } | null;
};
export type Step = "DNS" | "TCP" | "greeting" | "EHLO" | "STARTTLS" | "TLS" | "time";

class Failed extends Error {
  readonly step: Step;
  constructor(at: Step, reason: string) {
    super(reason);
    this.step = at;
  }
}

/**
 * Name, connection, TLS and EHLO as a hand-off would do them, then QUIT: no login, no message.
 * RFC 5321 §3.1, §3.2; RFC 3207 §4; RFC 8314 §3.
 */
export async function talkTo(
  provider: SmtpProviderSettings,
  ownName: string,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): Promise<Talk> {
  const talk: Talk = { addresses: [], tls: null, offers: [], failed: null };
  const open: { socket: Socket | null } = { socket: null };
  const late = Promise.withResolvers<never>();
  const timer = clock.after(timeoutMs, () => late.reject(new Failed("time", `no end within ${timeoutMs / 1_000} s`)));
  try {
    const work = converse(provider, ownName, talk, open);
    work.catch(() => {}); // when time is up first, its end interests nobody
    await Promise.race([work, late.promise]);
  } catch (error) {
    talk.failed =
      error instanceof Failed
        ? { step: error.step, reason: error.message }
        : { step: "TCP", reason: error instanceof Error ? error.message : String(error) };
  } finally {
    timer.cancel();
    open.socket?.destroy();
  }
  return talk;
}

async function converse(
  provider: SmtpProviderSettings,
  ownName: string,
  talk: Talk,
  open: { socket: Socket | null },
): Promise<void> {
  const { host, port, tls } = provider;
  talk.addresses = await step("DNS", async () => (await lookup(host, { all: true })).map((one) => one.address));
  const plain = connectTcp({ host, port });
  open.socket = plain;
  await step("TCP", () => once(plain, "connect"));
  let socket: Socket = plain;
  if (tls === "implicit") socket = open.socket = await secured(plain, provider, talk);
  let reader = new LineReader(socket);
  const greeted = await step("greeting", () => reply(reader));
  if (!greeted[0]?.startsWith("220")) throw new Failed("greeting", greeted.at(-1) ?? "");
  talk.offers = await hello(socket, reader, ownName);
  if (tls === "starttls") {
    if (!talk.offers.some((offer) => offer === "STARTTLS")) throw new Failed("STARTTLS", "it is not offered");
    socket.write("STARTTLS\r\n");
    const ready = await step("STARTTLS", () => reply(reader));
    if (!ready[0]?.startsWith("220")) throw new Failed("STARTTLS", ready.at(-1) ?? "");
    if (reader.hasMore) throw new Failed("STARTTLS", "it sent text before TLS began, as an attacker on the way would");
    reader.letGo();
    socket = open.socket = await secured(socket, provider, talk);
    reader = new LineReader(socket);
    talk.offers = await hello(socket, reader, ownName);
  }
  socket.end("QUIT\r\n");
}

async function hello(socket: Socket, reader: LineReader, ownName: string): Promise<string[]> {
  socket.write(`EHLO ${ownName}\r\n`);
  const lines = await step("EHLO", () => reply(reader));
  if (!lines[0]?.startsWith("250")) throw new Failed("EHLO", lines.at(-1) ?? "");
  return lines.slice(1).map((line) => line.slice(4).toUpperCase());
}

/** All lines of one reply. RFC 5321 §4.2.1: `250-` goes on, `250 ` ends. */
async function reply(reader: LineReader): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const line = await reader.line();
    lines.push(line);
    if (!/^\d{3}-/.test(line) || lines.length > 100) return lines;
  }
}

async function secured(socket: Socket, provider: SmtpProviderSettings, talk: Talk): Promise<TLSSocket> {
  const { host, caFile, verifyCertificate } = provider;
  const secure = connectTls({
    socket,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: verifyCertificate,
    ...(caFile === null ? {} : { ca: readFileSync(caFile) }),
  });
  await step("TLS", () => once(secure, "secureConnect"));
  talk.tls = secure.getProtocol();
  return secure;
}

function once(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("it closed the connection")));
  });
}

async function step<Result>(name: Step, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Failed ? error : new Failed(name, error instanceof Error ? error.message : String(error));
  }
}
