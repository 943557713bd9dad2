import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ApiKind } from "../../config/index.ts";
import { type Clock, delay, type Log } from "../../kernel/index.ts";
import { type SentMessage, TwinAccount } from "./account.ts";
import { DIALECTS } from "./catalog.ts";
import { composed } from "./composed.ts";
import type { Deliver } from "./deliver.ts";
import type { Desk, Dialect, NoticeTarget, TwinReply, TwinRequest } from "./dialect.ts";
import { type Fault, type FaultPlan, fateUnder, type NoticeMode, OK } from "./faults.ts";
import { type Insider, insiderOf } from "./insider.ts";
import { Notices } from "./notices.ts";
import type { Begin, TwinWeather } from "./weather.ts";

export type TwinParts = {
  clock: Clock;
  log: Log;
  /** 0: any free one. */
  port?: number;
  apiKey?: string;
  readKey?: string;
  /** The verified sending domain of the account. */
  domain?: string;
  /** Where accepted mail goes; nowhere unless given. */
  deliver?: Deliver;
  notices?: NoticeTarget;
  /** All arrives and is told at once unless given. */
  weather?: TwinWeather;
  begin?: Begin;
  /** Called after something has happened that a page shows. */
  changed?: () => void;
};

/** Sends and messages since the start. A message for which the vendor makes one row per recipient counts as often. */
export type TwinCounts = {
  taken: number;
  delivered: number;
  bounced: number;
  /** Sends that left nothing in the account. */
  refused: number;
  dropped: number;
  released: number;
};

/** A vendor's API on loopback. */
export type RunningTwin = {
  vendor: ApiKind;
  dialect: Dialect;
  baseUrl: string;
  apiKey: string;
  readKey: string;
  domain: string;
  account: TwinAccount;
  insider: Insider;
  counts: Readonly<TwinCounts>;
  readonly fault: Fault;
  readonly noticeMode: NoticeMode;
  setFault(fault: FaultPlan): void;
  setNotices(mode: NoticeMode, target?: NoticeTarget): void;
  /** Lets go what was held; gives how many. */
  releaseHeld(): Promise<number>;
  /** Every notice so far has been sent, or given up. */
  noticesSent(): Promise<void>;
  stop(): Promise<void>;
};

/** Vendors take 10 to 50 MB; base64 makes a third more of it. */
const REQUEST_OCTETS = 64 * 1024 * 1024;

export async function startTwin(vendor: ApiKind, parts: TwinParts): Promise<RunningTwin> {
  const dialect = DIALECTS[vendor];
  if (!dialect) throw new Error(`no twin for the kind ${vendor}`);
  const apiKey = parts.apiKey ?? `lab-key-of-${vendor}`;
  const readKey = parts.readKey ?? `lab-read-key-of-${vendor}`;
  const domain = parts.domain ?? "account.acme.example";
  const account = new TwinAccount();
  account.apiKeys.add(apiKey);
  account.readKeys.add(readKey);
  dialect.seed(account, { apiKey, readKey, domain });
  const begin: Begin = parts.begin ?? (() => () => {});
  const notices = new Notices(dialect, parts.clock, parts.notices ?? null, begin);
  /** Of the latest send, where each has its own. */
  let fault: Fault = OK;
  let faultOfNext: (() => Fault) | null = null;
  const counts: TwinCounts = { taken: 0, delivered: 0, bounced: 0, refused: 0, dropped: 0, released: 0 };
  const changed = parts.changed ?? (() => {});

  const deliver = async (message: SentMessage): Promise<void> => {
    const fate = parts.weather?.fateOf(message);
    if (!fate) return carry(message, true);
    const { arrives, arrivesAfterMs, toldAfterMs } = fate;
    const isTold = toldAfterMs !== null;
    // What is said of a message that is lost is said all the same, after its time.
    const later = isTold && (!arrives || toldAfterMs > arrivesAfterMs);
    if (!arrives) counts.dropped += 1;
    await Promise.all([
      arrives && after(arrivesAfterMs, () => reach(message, 0, isTold, later ? toldAfterMs - arrivesAfterMs : 0)),
      !arrives && later && after(toldAfterMs, async () => tell(message, [])),
    ]);
  };
  /** At the receiver's door, until it is let in. */
  const reach = async (message: SentMessage, tries: number, isTold: boolean, toldMs: number): Promise<void> => {
    const putOffMs = parts.weather?.putOffMs?.(message, tries) ?? null;
    if (putOffMs === null) {
      if (isTold && toldMs > 0) void after(toldMs, async () => tell(message, []));
      return carry(message, isTold && toldMs === 0);
    }
    for (const recipient of message.recipients) notices.tell("deferred", message, recipient);
    void after(putOffMs, () => reach(message, tries + 1, isTold, toldMs));
  };
  const after = (delayMs: number, task: () => Promise<void>): Promise<void> =>
    new Promise((resolve) => {
      parts.clock.after(delayMs, () => {
        const end = begin(`${vendor} delivers`);
        void task().finally(() => resolve(end()));
      });
    });
  const carry = async (message: SentMessage, isTold: boolean): Promise<void> => {
    let refused: readonly string[] = message.recipients;
    try {
      refused = (await parts.deliver?.(message, account)) ?? [];
    } catch (error) {
      parts.log.warn("lab.twin-delivery-failed", { vendor, cause: error instanceof Error ? error.message : "unknown" });
    }
    counts[refused.length < message.recipients.length ? "delivered" : "bounced"] += 1;
    if (isTold) tell(message, refused);
    // Whoever asks for it finds it, though nothing tells of it.
    else for (const one of message.recipients) message.ends.set(one, refused.includes(one) ? "bounced" : "delivered");
    changed();
  };
  const tell = (message: SentMessage, refused: readonly string[]): void => {
    for (const recipient of message.recipients)
      notices.tell(refused.includes(recipient) ? "bounced" : "delivered", message, recipient);
  };
  async function release(isMeant: (message: SentMessage) => boolean = () => true): Promise<number> {
    const held = account.sent.filter((message) => message.state === "held" && isMeant(message));
    // All at once are no longer held: a second release at the same time must not deliver them again.
    for (const message of held) message.state = "sent";
    counts.released += held.length;
    for (const message of held) await deliver(message);
    return held.length;
  }
  const desk: Desk = {
    account,
    clock: parts.clock,
    take(message, id, state = fateUnder(fault) ?? "sent") {
      const sent: SentMessage = { ...message, id, at: parts.clock.now(), state, by: "api", ends: new Map() };
      account.keep(sent);
      counts.taken += 1;
      if (state === "sent") void deliver(sent);
      if (state === "dropped") counts.dropped += 1;
      changed();
      return sent;
    },
    release,
  };

  const server = createServer((incoming, response) => {
    void serve(incoming, response).catch((error: unknown) => {
      parts.log.error("lab.twin-failed", { vendor, cause: error instanceof Error ? error.message : "unknown" });
      response.destroy();
    });
  });
  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    if (request === null) return void response.destroy();
    const isSend = dialect!.isSend(request);
    if (isSend && faultOfNext) fault = faultOfNext();
    const now = fault; // another send may have another one while this one waits
    let hasTaken = false;
    const own: Desk = {
      ...desk,
      take(message, id, state = fateUnder(now) ?? "sent") {
        hasTaken = true;
        return desk.take(message, id, state);
      },
    };
    const reply = await answerUnder(isSend ? now : OK, request, own);
    if (isSend && !hasTaken) {
      counts.refused += 1;
      changed();
    }
    if (reply === "silence") return;
    if (reply === "end") return void response.destroy();
    if (reply === "reset") return void incoming.socket.resetAndDestroy();
    write(response, reply);
  }

  async function answerUnder(
    now: Fault,
    request: TwinRequest,
    at: Desk,
  ): Promise<TwinReply | "silence" | "end" | "reset"> {
    const d = dialect!;
    const taken = async () => d.answer(request, at);
    switch (now.mode) {
      case "429":
        return d.say({ mode: "429" }, request, at);
      case "5xx": {
        if (now.taken) await taken();
        return d.say({ mode: "5xx", status: now.status ?? 500 }, request, at);
      }
      case "suspended":
        return d.say({ mode: "suspended", variant: now.variant ?? d.suspensions[0] ?? "" }, request, at);
      case "refusal":
        return d.say({ mode: "refusal", name: now.name }, request, at);
      case "time-out":
        if (now.taken) await taken();
        return "silence";
      case "closed":
        if (now.taken) await taken();
        return now.reset ? "reset" : "end";
      case "slow":
        await delay(parts.clock, now.byMs);
        return taken();
      case "garbage": {
        const { status } = await taken();
        return { status, headers: { "content-type": "text/html" }, body: "<html><body>It works!</body></html>" };
      }
      case "truncated": {
        const reply = await taken();
        const whole = octetsOf(reply.body);
        return { ...reply, body: whole.subarray(0, Math.floor(whole.length / 2)) };
      }
      case "endless": {
        const { status } = await taken();
        return { status, body: Buffer.alloc(1_200_000, " ") };
      }
      case "unknown-value":
        return d.unknownValue(await taken());
      case "answers-and-closes": {
        const reply = await taken();
        return { ...reply, headers: { ...reply.headers, connection: "close" } };
      }
      case "ok":
      case "accept-then-drop":
      case "hold":
        return taken();
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(parts.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    vendor,
    dialect,
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey,
    readKey,
    domain,
    account,
    insider: insiderOf(account, {
      clock: parts.clock,
      newId: () => `insider-${account.nextCount()}`,
      deliver,
      compose: composed,
    }),
    counts,
    get fault() {
      return fault;
    },
    get noticeMode() {
      return notices.mode;
    },
    setFault(plan) {
      faultOfNext = typeof plan === "function" ? plan : null;
      const given = typeof plan === "function" ? OK : plan;
      fault = given;
      account.suspension = given.mode === "suspended" ? (given.variant ?? dialect.suspensions[0] ?? "") : null;
      changed();
    },
    setNotices(mode, target) {
      notices.set(mode, target);
      changed();
    },
    releaseHeld: () => release(),
    noticesSent: () => notices.settled(),
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await notices.settled();
    },
  };
}

async function readRequest(incoming: IncomingMessage): Promise<TwinRequest | null> {
  const chunks: Buffer[] = [];
  let octets = 0;
  try {
    for await (const chunk of incoming) {
      octets += (chunk as Buffer).length;
      if (octets > REQUEST_OCTETS) return null;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return null; // broken off before its end: never taken
  }
  const body = Buffer.concat(chunks, octets);
  const url = new URL(incoming.url ?? "/", "http://twin");
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  return {
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers,
    body,
    json: jsonOf(body),
  };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function write(response: ServerResponse, { status, headers = {}, body }: TwinReply): void {
  // Who asks what holds this port (postern doctor) learns it here; no client of a vendor looks.
  response.writeHead(status, { "content-type": "application/json", server: "Postern lab", ...headers });
  response.end(octetsOf(body));
}

function octetsOf(body: TwinReply["body"]): Buffer {
  if (Buffer.isBuffer(body)) return body;
  if (body === undefined || body === null) return Buffer.alloc(0);
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}
