import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { virtualClock } from "../../test/support/virtual-clock.ts";
import { type Clock, Problem, Secret, systemClock } from "../kernel/index.ts";
import { callerFor, type HttpAnswer, HttpCaller, transportOutcome } from "./http.ts";
import { ANSWER_OCTETS, PIECE_OCTETS } from "./http-exchange.ts";

const TLS = path.join(import.meta.dirname, "../../test/support/tls");

async function portOf(context: TestContext, server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
const serve = (context: TestContext, listener: RequestListener) => portOf(context, createHttpServer(listener));

function callerOf(
  context: TestContext,
  baseUrl: string,
  change: { clock?: Clock; connections?: number; ca?: Buffer } = {},
) {
  const parts = { connections: 4, connectTimeoutMs: 1_000, replyTimeoutMs: 1_000, clock: systemClock, ...change };
  const caller = new HttpCaller({ baseUrl, ...parts });
  context.after(() => caller.close(0));
  return caller;
}
const local = (port: number) => `http://127.0.0.1:${port}`;
const brief = (answer: HttpAnswer) => (answer.kind === "answer" ? [answer.status] : [answer.kind, answer.cause]);
const outcomeOf = (answer: HttpAnswer) => {
  const { kind, scope, cause } = transportOutcome(answer)!;
  return { kind, scope, cause };
};
const post = (caller: HttpCaller, change: Partial<Parameters<HttpCaller["call"]>[0]> = {}) =>
  caller.call({ method: "POST", path: "/send", body: "{}", ...change });

test("an answer has its status, its header in lower case and its body as JSON", async (context) => {
  let seen: unknown;
  const port = await serve(context, (request, response) => {
    seen = [request.method, request.url, request.headers["x-key"], request.headers["content-length"]];
    response.writeHead(422, { "X-Request-Id": "r1" }).end('{"ErrorCode":405}');
  });
  const answer = await post(callerOf(context, `${local(port)}/v3/`), { headers: { "x-key": "k" }, path: "/send?a=b" });
  assert.deepEqual(seen, ["POST", "/v3/send?a=b", "k", "2"]);
  assert.ok(answer.kind === "answer");
  assert.equal(answer.status, 422);
  assert.equal(answer.headers["x-request-id"], "r1");
  assert.deepEqual(answer.json, { ErrorCode: 405 });
  assert.equal(transportOutcome(answer), null);
});

test("a body that is no JSON is an answer whose json is undefined; a redirect is an answer too", async (context) => {
  const port = await serve(context, (_, response) =>
    response.writeHead(302, { location: "http://127.0.0.1:1/" }).end("<a>"),
  );
  const answer = await post(callerOf(context, local(port)));
  assert.ok(answer.kind === "answer");
  assert.deepEqual([answer.status, answer.json, answer.body.toString()], [302, undefined, "<a>"]);
});

test("one connection serves calls one after the other", async (context) => {
  const ports = new Set<number | undefined>();
  const port = await serve(context, (request, response) => {
    ports.add(request.socket.remotePort);
    response.end("{}");
  });
  const caller = callerOf(context, local(port));
  for (let count = 0; count < 3; count += 1) await post(caller);
  assert.equal(ports.size, 1);
});

test("no more connections are opened than allowed", async (context) => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const port = await serve(context, (request, response) => {
    request.resume().on("end", () => {
      most = Math.max(
        most,
        waiting.push(() => response.end("{}")),
      );
      if (most === 2) for (const answer of waiting.splice(0)) setImmediate(answer);
    });
  });
  const caller = callerOf(context, local(port), { connections: 2 });
  const answers = await Promise.all(Array.from({ length: 10 }, () => post(caller)));
  assert.deepEqual(
    answers.map(brief),
    Array.from(answers, () => [200]),
  );
  assert.equal(most, 2);
});

test("what fails before the request's end has left was not sent", async (context) => {
  const port = await serve(context, (_, response) => response.end());
  const gone = callerOf(context, "http://127.0.0.1:1");
  assert.deepEqual(outcomeOf(await post(gone)), { kind: "deferred", scope: "account", cause: "connection-refused" });
  const caller = callerOf(context, local(port));
  assert.deepEqual(brief(await post(caller, { isOurs: () => false })), ["not-sent", "aborted"]);
  assert.deepEqual(brief(await post(caller, { signal: AbortSignal.abort() })), ["not-sent", "aborted"]);
  assert.deepEqual(outcomeOf(await post(caller, { isOurs: () => false })), {
    kind: "deferred",
    scope: "message",
    cause: "aborted",
  });
  await caller.close();
  assert.deepEqual(brief(await post(caller)), ["not-sent", "aborted"]);
});

test("a large body that breaks in the middle was not sent; the last piece waits for isOurs", async (context) => {
  const body = Buffer.alloc(40 * PIECE_OCTETS, "x");
  const breaking = await serve(context, (request) => request.once("data", () => request.socket.destroy()));
  const broken = await post(callerOf(context, local(breaking)), { body });
  assert.equal(broken.kind, "not-sent");
  let octets = 0;
  const port = await serve(context, (request) => request.on("data", (chunk: Buffer) => (octets += chunk.length)));
  const asked: number[] = [];
  const isOurs = () => asked.push(octets) === 0;
  assert.deepEqual(brief(await post(callerOf(context, local(port)), { body, isOurs })), ["not-sent", "aborted"]);
  assert.equal(asked.length, 1);
  assert.ok(asked[0]! > 0, "asked at the end, not at the beginning");
});

test("an answer before the whole body was read counts, and its connection is not used again", async (context) => {
  const ports = new Set<number | undefined>();
  const port = await serve(context, (request, response) => {
    ports.add(request.socket.remotePort);
    response.writeHead(413).end("{}");
  });
  const caller = callerOf(context, local(port));
  const body = Buffer.alloc(40 * PIECE_OCTETS, "x");
  assert.deepEqual(brief(await post(caller, { body })), [413]);
  assert.deepEqual(brief(await post(caller)), [413]);
  assert.equal(ports.size, 2);
});

test("what fails after it has an unknown end", async (context) => {
  const closing = await serve(context, (request) => request.resume().on("end", () => request.socket.destroy()));
  assert.deepEqual(outcomeOf(await post(callerOf(context, local(closing)))), {
    kind: "indeterminate",
    scope: "message",
    cause: "connection-lost-after-data",
  });
  const cut = await serve(context, (request, response) => {
    response.writeHead(200, { "content-length": "100" }).write("{");
    request.resume().on("end", () => setImmediate(() => request.socket.destroy()));
  });
  assert.deepEqual(brief(await post(callerOf(context, local(cut)))), ["no-answer", "connection-lost"]);
  const endless = await serve(context, (_, response) => response.end(Buffer.alloc(ANSWER_OCTETS + 1)));
  assert.deepEqual(brief(await post(callerOf(context, local(endless)))), ["no-answer", "protocol-error"]);
  const noHttp = createTcpServer((socket) => socket.once("data", () => socket.end("220 mail.example ESMTP\r\n")));
  const port = await portOf(context, noHttp);
  assert.deepEqual(brief(await post(callerOf(context, local(port)))), ["no-answer", "protocol-error"]);
});

test("silence ends by the clock: connecting, and waiting for an answer", async (context) => {
  const clock = virtualClock();
  let hasCome = () => {};
  const come = new Promise<void>((resolve) => (hasCome = resolve));
  const port = await serve(context, (request) => request.resume().on("end", hasCome));
  const answer = post(callerOf(context, local(port), { clock }));
  await come;
  await clock.advance(1_000);
  assert.deepEqual(outcomeOf(await answer), { kind: "indeterminate", scope: "message", cause: "no-answer" });
});

test("an abort while the answer is awaited leaves the end unknown", async (context) => {
  const abort = new AbortController();
  const port = await serve(context, (request) => request.resume().on("end", () => abort.abort()));
  assert.deepEqual(brief(await post(callerOf(context, local(port)), { signal: abort.signal })), [
    "no-answer",
    "aborted",
  ]);
});

test("closing waits for what is on its way, but not for ever", async (context) => {
  let respond = () => {};
  let hasCome = () => {};
  const come = new Promise<void>((resolve) => (hasCome = resolve));
  const port = await serve(context, (request, response) => {
    respond = () => void response.end("{}");
    request.resume().on("end", hasCome);
  });
  const caller = callerOf(context, local(port));
  const answer = post(caller);
  await come;
  const closed = caller.close();
  respond();
  assert.deepEqual(brief(await answer), [200]);
  await closed;
  const other = callerOf(context, local(port));
  const unanswered = post(other);
  await other.close(0);
  assert.equal((await unanswered).kind === "answer", false);
});

test("a certificate that is not trusted, and a server without TLS, get nothing", async (context) => {
  const tls = {
    cert: readFileSync(path.join(TLS, "localhost.crt")),
    key: readFileSync(path.join(TLS, "localhost.key")),
  };
  let count = 0;
  const secure = createHttpsServer(tls, (_, response) => {
    count += 1;
    response.end("{}");
  });
  const port = await portOf(context, secure);
  const answer = await post(callerOf(context, `https://localhost:${port}`));
  assert.deepEqual(outcomeOf(answer), { kind: "deferred", scope: "account", cause: "tls-certificate-invalid" });
  assert.equal(count, 0);
  assert.deepEqual(brief(await post(callerOf(context, `https://localhost:${port}`, { ca: tls.cert }))), [200]);
  const plain = await serve(context, (_, response) => response.end("{}"));
  assert.deepEqual(brief(await post(callerOf(context, `https://localhost:${plain}`))), ["not-sent", "tls-failed"]);
});

test("settings no call could work with are refused at the start", () => {
  const settings = {
    kind: "postmark",
    name: "pm",
    ownerGroup: "pm",
    baseUrl: null,
    apiKey: new Secret("k"),
    accessKeyId: null,
    region: null,
    domain: null,
    channel: null,
    readKey: null,
    webhook: null,
    bounds: { concurrency: 1, ratePerS: null },
    connections: 1,
    connectTimeoutMs: 1,
    replyTimeoutMs: 1,
  } as const;
  for (const change of [
    { apiKey: new Secret("a\r\nb") },
    { readKey: new Secret("é") },
    { baseUrl: "ftp://x" },
    { baseUrl: "x" },
  ]) {
    assert.throws(
      () => callerFor({ ...settings, ...change }, "https://api.example", systemClock),
      (error) => error instanceof Problem && error.code === "provider-misconfigured",
    );
  }
  callerFor(settings, "https://api.example", systemClock);
});
