import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import {
  API_KEY,
  AUTHORIZATION,
  OTHER_API_KEY,
  type TestDoor,
  startTestDoor,
} from "../../../test/support/http-door.ts";
import { Problem } from "../../kernel/index.ts";
import type { ProblemDocument } from "./problem.ts";

const MESSAGE = { from: "a@acme.test", to: ["ada@example.com"], subject: "Hi", text: "x" };
const KIB = 1024;

let door: TestDoor;
before(async () => {
  door = await startTestDoor({
    limits: { messageBytes: 64 * KIB, acceptInFlightBytes: 900 * KIB },
    extras: [(server) => server.get("/healthz", async () => ({ ok: true }))],
  });
});
after(() => door.stop());

async function codeOf(response: Response | Promise<Response>, status: number): Promise<string> {
  const answer = await response;
  assert.equal(answer.status, status);
  assert.match(answer.headers.get("content-type")!, /^application\/problem\+json/);
  const document = (await answer.json()) as ProblemDocument;
  assert.equal(document.status, status);
  assert.ok(document.detail.length > 20 && document.title.length > 3);
  return document.code;
}

/** What comes back for octets written as they are, until the other side closes. */
async function spoken(port: number, ...written: string[]): Promise<string> {
  const socket = net.connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => {});
  for (const piece of written) socket.write(piece);
  await once(socket, "close");
  return text;
}

/** The first line of the answer to a request of which only the head comes. */
async function answerToHead(port: number, ...head: string[]): Promise<string> {
  const socket = net.connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => {});
  socket.write(`${head.join("\r\n")}\r\n\r\n{`);
  try {
    return await eventually(() => text.includes("\r\n") && text.slice(0, text.indexOf("\r\n")), 3_000);
  } finally {
    socket.destroy();
  }
}

describe("who may come in", () => {
  const ask = (authorization?: string) =>
    fetch(`${door.url}/v1/messages`, authorization === undefined ? {} : { headers: { authorization } });
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

  test("an API key, or a username and a password that may hold a colon", async () => {
    assert.equal((await ask(`Bearer ${API_KEY}`)).status, 200);
    assert.equal((await ask(`bearer  ${API_KEY}`)).status, 200);
    assert.equal((await ask(basic("acme-app:a-long: password"))).status, 200);
  });

  test("nobody else, and the answer says how to", async () => {
    for (const wrong of [
      undefined,
      "Bearer nope",
      "Bearer",
      basic("acme-app:nope"),
      basic("acme-app"),
      `Digest ${API_KEY}`,
      API_KEY,
    ]) {
      const response = await ask(wrong);
      assert.equal(
        response.headers.get("www-authenticate"),
        'Bearer realm="postern", Basic realm="postern", charset="UTF-8"',
      );
      assert.equal(await codeOf(response, 401), "unauthenticated");
    }
  });

  test("a body for an address that is none, or too large for one that takes no mail, is not waited for", async () => {
    const { port } = door.door.address;
    const body = ["Host: x", "Content-Type: application/json", `Content-Length: ${100 * KIB}`];
    for (const path of ["/nope", "/v1/nope", "/v1/messages/nope/nope"]) {
      assert.equal(await answerToHead(port, `POST ${path} HTTP/1.1`, ...body), "HTTP/1.1 404 Not Found", path);
    }
    for (const path of ["/v1/suppressions", "/v1/messages/0198c0de-0000-7000-8000-000000000000/cancel"]) {
      const known = `Authorization: Bearer ${API_KEY}`;
      const answer = await answerToHead(port, `POST ${path} HTTP/1.1`, known, ...body);
      assert.equal(answer, "HTTP/1.1 413 Payload Too Large", path);
    }
  });

  test("no page of another site, whatever password its browser knows", async () => {
    for (const [site, status] of [
      ["cross-site", 403],
      ["same-site", 403],
      ["same-origin", 200],
      ["none", 200],
    ] as const) {
      assert.equal((await door.ask("/v1/messages", { headers: { "sec-fetch-site": site } })).status, status, site);
    }
  });

  test("a stranger's body is never parsed", async () => {
    const response = fetch(`${door.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{ no JSON",
    });
    assert.equal(await codeOf(response, 401), "unauthenticated");
  });
});

describe("what is wrong with a request is a problem document with a stable code", () => {
  test("no such address, below /v1 and elsewhere", async () => {
    assert.equal(await codeOf(door.ask("/v1/nothing"), 404), "not-found");
    assert.equal(await codeOf(fetch(`${door.url}/`), 404), "not-found");
    assert.equal(await codeOf(door.ask("/v1/%ff"), 400), "request-malformed");
  });

  test("a method an address does not take, with Allow", async () => {
    const response = await door.ask("/v1/messages", { method: "DELETE" });
    assert.equal(response.headers.get("allow"), "GET, HEAD, POST");
    assert.equal(await codeOf(response, 405), "method-not-allowed");
    assert.equal((await door.ask("/v1/messages/batch")).headers.get("allow"), "POST", "batch is no message id");
    assert.equal((await door.ask("/v1/messages", { method: "OPTIONS" })).status, 405, "no CORS");
  });

  test("a body too large, announced or not", async () => {
    const large = JSON.stringify({ ...MESSAGE, text: "x".repeat(200 * KIB) });
    assert.equal(await codeOf(door.post("/v1/messages", large), 413), "request-too-large");
    const stream = new Blob([large]).stream();
    const chunked = door.ask("/v1/messages", {
      method: "POST",
      body: stream,
      duplex: "half",
      headers: { "content-type": "application/json" },
    } as RequestInit);
    assert.equal(await codeOf(chunked, 413), "request-too-large");
    const raw = {
      method: "POST",
      body: "x".repeat(65 * KIB),
      headers: {
        "content-type": "message/rfc822",
        "x-postern-return-path": "<>",
        "x-postern-recipients": "a@b.example",
      },
    };
    assert.equal(await codeOf(door.ask("/v1/messages", raw), 413), "request-too-large");
  });

  test("a body of another type, or compressed", async () => {
    assert.equal(
      await codeOf(door.post("/v1/messages", "a=b", { "content-type": "application/x-www-form-urlencoded" }), 415),
      "media-type-unsupported",
    );
    assert.equal(
      await codeOf(door.post("/v1/messages", "x", { "content-encoding": "gzip" }), 415),
      "media-type-unsupported",
    );
  });

  test("no JSON, JSON that is not UTF-8, JSON that would change prototypes", async () => {
    for (const body of [
      "{",
      Buffer.from('{"from":"\xff"}', "latin1"),
      '{"__proto__":{"a":1}}',
      '{"a":{"constructor":{"prototype":{"b":1}}}}',
    ]) {
      const response = door.ask("/v1/messages", {
        method: "POST",
        body,
        headers: { "content-type": "application/json" },
      });
      assert.equal(await codeOf(response, 400), "json-malformed");
    }
    for (const body of ["null", "[]", "3", undefined]) {
      const response = door.ask("/v1/messages", {
        method: "POST",
        ...(body === undefined ? {} : { body }),
        headers: { "content-type": "application/json" },
      });
      assert.equal(await codeOf(response, 422), "request-invalid");
    }
  });

  test("what we did not foresee is 500 with a reference; the cause is in the log alone", async () => {
    door.port.answers.push(new Error("secret of the house"));
    const response = await door.post("/v1/messages", MESSAGE);
    const text = await response.text();
    assert.equal(response.status, 500);
    assert.doesNotMatch(text, /secret of the house/);
    const { reference, code } = JSON.parse(text) as ProblemDocument;
    assert.equal(code, "internal-error");
    assert.deepEqual(door.logged.at(-1), {
      event: "http.request-failed",
      fields: { reference, route: "/v1/messages", cause: "secret of the house" },
    });
  });

  test("a database that does not answer is 503", async () => {
    door.port.answers.push(new Problem("database-unavailable", "away"));
    const response = await door.post("/v1/messages", MESSAGE);
    assert.equal(response.headers.get("retry-after"), "5");
    assert.equal(await codeOf(response, 503), "database-unavailable");
  });

  test("no HTTP at all", async () => {
    assert.match(await spoken(door.door.address.port, "EHLO postern.test\r\n"), /^HTTP\/1\.1 400 .*request-malformed/s);
    const long = await spoken(
      door.door.address.port,
      `GET /v1/messages HTTP/1.1\r\nX-A: ${"x".repeat(20_000)}\r\n\r\n`,
    );
    assert.match(long, /^HTTP\/1\.1 431 .*request-headers-too-large/s);
    const smuggled =
      "POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert.match(await spoken(door.door.address.port, smuggled), /^HTTP\/1\.1 400 /);
  });
});

test("other rooms have their pages on the same door, outside /v1", async () => {
  const response = await fetch(`${door.url}/healthz`);
  assert.deepEqual(await response.json(), { ok: true });
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
});

test("answers of /v1 are not kept, not sniffed, not framed, and open to no other origin", async () => {
  for (const response of [
    await door.ask("/v1/messages", { headers: { origin: "https://evil.example" } }),
    await fetch(`${door.url}/v1/messages`),
    await door.ask("/v1/nothing"),
  ]) {
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  }
});

test("bodies on their way have a bound in memory; above it clients are told to come again", async () => {
  const head = (length: number) =>
    `POST /v1/messages HTTP/1.1\r\nHost: a\r\nAuthorization: ${AUTHORIZATION.authorization}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  const slow = net.connect(door.door.address.port, "127.0.0.1");
  slow.write(head(140 * KIB));
  const other = net.connect(door.door.address.port, "127.0.0.1");
  other.write(head(140 * KIB));
  const body = JSON.stringify({ ...MESSAGE, text: "x".repeat(30 * KIB) });
  try {
    // The two are counted as soon as their headers are in; until then the third one may be let in.
    let response = await door.post("/v1/messages", body);
    while (response.status === 202) response = await door.post("/v1/messages", body);
    assert.equal(response.headers.get("retry-after"), "1");
    assert.equal(await codeOf(response, 503), "intake-busy");
  } finally {
    slow.destroy();
    other.destroy();
  }
  // A client that went away gives its room back.
  let status = 503;
  while (status === 503) status = (await door.post("/v1/messages", body)).status;
  assert.equal(status, 202);
});

test("one tenant's bodies that never end leave room for another's", async () => {
  const head = `POST /v1/messages HTTP/1.1\r\nHost: a\r\nAuthorization: ${AUTHORIZATION.authorization}\r\nContent-Type: application/json\r\nContent-Length: ${70 * KIB}\r\n\r\n`;
  const held: net.Socket[] = [];
  try {
    let mine = 202;
    const body = JSON.stringify({ ...MESSAGE, text: "x".repeat(70 * KIB) });
    while (mine === 202) {
      const socket = net.connect(door.door.address.port, "127.0.0.1");
      held.push(socket);
      socket.write(head);
      await once(socket, "connect");
      mine = (await door.post("/v1/messages", body)).status;
    }
    assert.equal(mine, 503);
    const headers = { authorization: `Bearer ${OTHER_API_KEY}` };
    assert.equal((await door.post("/v1/messages", body, headers)).status, 202);
  } finally {
    for (const socket of held) socket.destroy();
  }
});

test("a client that drips its headers or its body is cut off", async () => {
  const strict = await startTestDoor({ bounds: { headersTimeoutMs: 150, requestTimeoutMs: 300, checkEveryMs: 20 } });
  try {
    const { port } = strict.door.address;
    assert.match(await spoken(port, "GET /v1/messages HTTP/1.1\r\nHost:"), /^HTTP\/1\.1 408 .*request-timeout/s);
    const body = `POST /v1/messages HTTP/1.1\r\nHost: a\r\nAuthorization: ${AUTHORIZATION.authorization}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
    assert.match(await spoken(port, body), /^HTTP\/1\.1 408 |^$/);
  } finally {
    await strict.stop();
  }
});

describe("stop", () => {
  test("lets a request on its way finish, closes idle connections, takes no new ones", async () => {
    const stopping = await startTestDoor();
    const idle = net.connect(stopping.door.address.port, "127.0.0.1");
    idle.write("GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(idle, "data");
    idle.resume();
    let release = () => {};
    stopping.port.hold = new Promise((resolve) => (release = resolve));
    const running = stopping.post("/v1/messages", MESSAGE);
    await arrived(stopping);
    const stopped = stopping.door.stop(10_000);
    await once(idle, "close");
    await assert.rejects(fetch(`${stopping.url}/v1/openapi.json`));
    release();
    const response = await running;
    assert.equal(response.status, 202);
    assert.equal(response.headers.get("connection"), "close");
    await stopped;
  });

  test("after its grace it cuts what still runs", async () => {
    const stopping = await startTestDoor();
    stopping.port.hold = new Promise(() => {});
    const running = stopping.post("/v1/messages", MESSAGE);
    await arrived(stopping);
    await Promise.all([assert.rejects(running), stopping.door.stop(20)]);
  });
});

async function arrived({ port }: TestDoor): Promise<void> {
  while (port.called === 0) await new Promise(setImmediate);
}
