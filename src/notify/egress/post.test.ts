import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { systemClock } from "../../kernel/index.ts";
import { type Receiver, startReceiver, TEST_CERTIFICATE } from "../../../test/support/https-receiver.ts";
import { createEgress, type Egress, type EgressParts } from "./index.ts";

const BODY = Buffer.from('{"n":1}');

function egressTo(context: TestContext, port: number, parts: Partial<EgressParts> = {}): Egress {
  const egress = createEgress({
    clock: systemClock,
    ca: TEST_CERTIFICATE,
    permitted: [{ address: "127.0.0.1", port }],
    resolve: () => Promise.resolve(["127.0.0.1"]),
    ...parts,
  });
  context.after(() => egress.close());
  return egress;
}

async function receiverFor(context: TestContext, ...args: Parameters<typeof startReceiver>): Promise<Receiver> {
  const receiver = await startReceiver(...args);
  context.after(() => receiver.stop());
  return receiver;
}

test("a request reaches a receiver whole, and its status comes back", async (context) => {
  const receiver = await receiverFor(context);
  const egress = egressTo(context, receiver.port);
  const answer = await egress.post(`${receiver.url}?a=b`, { "content-type": "application/json", "x-n": "1" }, BODY);
  assert.deepEqual(answer, { kind: "answered", status: 204, retryAfterMs: null });
  const [received] = receiver.received;
  assert.equal(received?.path, "/hook?a=b");
  assert.deepEqual(received?.body, BODY);
  assert.equal(received?.headers["x-n"], "1");
  assert.equal(received?.headers["content-length"], String(BODY.length));
  assert.equal(received?.headers.host, `localhost:${receiver.port}`);
});

test("one connection serves many requests, and one that ended meanwhile is replaced", async (context) => {
  const receiver = await receiverFor(context);
  const egress = egressTo(context, receiver.port);
  for (let n = 0; n < 5; n += 1) await egress.post(receiver.url, {}, BODY);
  assert.equal(receiver.connections, 1);
  assert.equal(receiver.received.length, 5);
});

test("a kept connection that ends while we write on it is no failure: the next one is new", async (context) => {
  const receiver = await receiverFor(context, (_, response) => {
    if (receiver.received.length === 2) response.socket!.destroy();
    else response.writeHead(204).end();
  });
  const egress = egressTo(context, receiver.port);
  await egress.post(receiver.url, {}, BODY);
  const answer = await egress.post(receiver.url, {}, BODY);
  assert.equal(answer.kind, "answered");
  assert.equal(receiver.connections, 2);
});

describe("a certificate", () => {
  test("nobody vouches for ends the connection before a byte of the request", async (context) => {
    const receiver = await receiverFor(context);
    const egress = createEgress({
      clock: systemClock,
      permitted: [{ address: "127.0.0.1", port: receiver.port }],
      resolve: () => Promise.resolve(["127.0.0.1"]),
    });
    const answer = await egress.post(receiver.url, {}, BODY);
    assert.deepEqual(answer, { kind: "failed", cause: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    assert.equal(receiver.received.length, 0);
  });

  test("of another name does, too, although the address is right", async (context) => {
    const receiver = await receiverFor(context);
    const egress = egressTo(context, receiver.port);
    const answer = await egress.post(`https://hooks.acme.test:${receiver.port}/`, {}, BODY);
    assert.deepEqual(answer, { kind: "failed", cause: "ERR_TLS_CERT_ALTNAME_INVALID" });
    assert.equal(receiver.received.length, 0);
  });

  test("that names the address is good for a URL that holds the address", async (context) => {
    const receiver = await receiverFor(context);
    const answer = await egressTo(context, receiver.port).post(`https://127.0.0.1:${receiver.port}/`, {}, BODY);
    assert.equal(answer.kind, "answered");
  });

  test("is asked for even where the environment would not", async (context) => {
    const receiver = await receiverFor(context);
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    context.after(() => {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    });
    const answer = await egressTo(context, receiver.port).post(`https://hooks.acme.test:${receiver.port}/`, {}, BODY);
    assert.equal(answer.kind, "failed");
  });

  test("of TLS 1.1 and before is not enough", async (context) => {
    const receiver = await receiverFor(context, undefined, {
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    const answer = await egressTo(context, receiver.port).post(receiver.url, {}, BODY);
    assert.equal(answer.kind, "failed");
    assert.equal(receiver.received.length, 0);
  });
});

describe("a receiver that misbehaves:", () => {
  test("a redirect is an answer that nobody follows", async (context) => {
    const receiver = await receiverFor(context, (_, response) =>
      response.writeHead(307, { location: "https://127.0.0.1/" }).end(),
    );
    const answer = await egressTo(context, receiver.port).post(receiver.url, {}, BODY);
    assert.deepEqual(answer, { kind: "answered", status: 307, retryAfterMs: null });
    assert.equal(receiver.received.length, 1);
  });

  test("an endless body is cut off after 64 KiB; its status counts", async (context) => {
    let sentBytes = 0;
    const receiver = await receiverFor(context, (_, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16 * 1024))) sentBytes += 16 * 1024;
      };
      response.on("drain", more);
      more();
    });
    const answer = await egressTo(context, receiver.port).post(receiver.url, {}, BODY);
    assert.deepEqual(answer, { kind: "answered", status: 200, retryAfterMs: null });
    assert.ok(sentBytes < 16 * 1024 * 1024, `${sentBytes} bytes`); // what the sockets' own buffers hold
  });

  test("no answer is waited for up to the deadline", async (context) => {
    const receiver = await receiverFor(context, () => {});
    const egress = egressTo(context, receiver.port, { bounds: { deadlineMs: 150 } });
    assert.deepEqual(await egress.post(receiver.url, {}, BODY), { kind: "failed", cause: "no answer in time" });
  });

  test("a body that comes a byte at a time does not hold us longer", async (context) => {
    const receiver = await receiverFor(context, (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(drip));
    });
    const egress = egressTo(context, receiver.port, { bounds: { deadlineMs: 150 } });
    assert.deepEqual(await egress.post(receiver.url, {}, BODY), { kind: "answered", status: 200, retryAfterMs: null });
  });

  test("headers without an end are cut off", async (context) => {
    const receiver = await receiverFor(context, (_, response) => {
      response.socket!.write(`HTTP/1.1 200 OK\r\n${`x: ${"y".repeat(1000)}\r\n`.repeat(40)}\r\n`);
    });
    assert.deepEqual(await egressTo(context, receiver.port).post(receiver.url, {}, BODY), {
      kind: "failed",
      cause: "HPE_HEADER_OVERFLOW",
    });
  });

  test("what is no HTTP is a failure", async (context) => {
    const receiver = await receiverFor(context, (_, response) => response.socket!.end("220 hello ESMTP\r\n"));
    const answer = await egressTo(context, receiver.port).post(receiver.url, {}, BODY);
    assert.equal(answer.kind, "failed");
  });

  test("a connection that ends without an answer is a failure", async (context) => {
    const receiver = await receiverFor(context, (_, response) => response.socket!.destroy());
    assert.deepEqual(await egressTo(context, receiver.port).post(receiver.url, {}, BODY), {
      kind: "failed",
      cause: "ECONNRESET",
    });
  });

  test("TCP that is taken and TLS that never comes ends with the time for connecting", async (context) => {
    const mute = createServer();
    mute.listen(0, "127.0.0.1");
    await once(mute, "listening");
    context.after(() => mute.close());
    mute.on("connection", (socket) => context.after(() => socket.destroy()));
    const { port } = mute.address() as AddressInfo;
    const egress = egressTo(context, port, { bounds: { connectTimeoutMs: 100 } });
    assert.deepEqual(await egress.post(`https://localhost:${port}/`, {}, BODY), { kind: "failed", cause: "ETIMEDOUT" });
  });
});

test("an address that refuses does not hide the next one of the same name", async (context) => {
  const receiver = await receiverFor(context);
  const tried: string[] = [];
  const egress = egressTo(context, receiver.port, {
    resolve: () => Promise.resolve(["127.0.0.9", "127.0.0.1"]),
    permitted: ["127.0.0.9", "127.0.0.1"].map((address) => ({ address, port: receiver.port })),
    connect: (to) => {
      tried.push(to.host);
      return connect(to);
    },
  });
  assert.equal((await egress.post(receiver.url, {}, BODY)).kind, "answered");
  assert.deepEqual(tried, ["127.0.0.9", "127.0.0.1"]);
});

test("the loopback address permitted to a test is permitted at its port only", async (context) => {
  const receiver = await receiverFor(context);
  const egress = egressTo(context, receiver.port + 1);
  const answer = await egress.post(receiver.url, {}, BODY);
  assert.equal(answer.kind === "refused" && answer.code, "egress-port");
});

describe("networks that an operator named", () => {
  const within = (context: TestContext, receiver: Receiver, network: string, addresses = ["127.0.0.1"]) =>
    egressTo(context, receiver.port, {
      permitted: [],
      privateNetworks: [network],
      resolve: () => Promise.resolve(addresses),
    }).post(receiver.url, {}, BODY);
  const codeOf = (answer: Awaited<ReturnType<Egress["post"]>>) =>
    answer.kind === "refused" ? answer.code : answer.kind;

  test("may be reached at any port and by any name", async (context) => {
    assert.equal(codeOf(await within(context, await receiverFor(context), "127.0.0.0/8")), "answered");
  });

  test("open no other address: not another network, nor a name that leads out of it as well", async (context) => {
    const receiver = await receiverFor(context);
    assert.equal(codeOf(await within(context, receiver, "10.0.0.0/8")), "egress-port");
    assert.equal(codeOf(await within(context, receiver, "127.0.0.0/8", ["127.0.0.1", "10.0.0.1"])), "egress-port");
    assert.equal(receiver.connections, 0);
  });

  test("leave everything else as it is: at the usual port what is not public is denied", async (context) => {
    const egress = egressTo(context, 1, {
      permitted: [],
      privateNetworks: ["10.1.0.0/16"],
      resolve: () => Promise.resolve(["10.2.0.1"]),
    });
    assert.equal(codeOf(await egress.post("https://hooks.acme.test/", {}, BODY)), "egress-address-denied");
    assert.equal(codeOf(await egress.post("https://hooks.internal/", {}, BODY)), "egress-local-name");
    assert.equal(codeOf(await egress.post("https://169.254.169.254/", {}, BODY)), "egress-address-denied");
  });
});

describe("Retry-After", () => {
  const cases: [value: string, expected: (ms: number | null) => boolean][] = [
    ["120", (ms) => ms === 120_000],
    [new Date(Date.now() + 60_000).toUTCString(), (ms) => ms !== null && ms > 50_000 && ms <= 60_000],
    ["Thu, 01 Jan 1970 00:00:00 GMT", (ms) => ms === null],
    ["soon", (ms) => ms === null],
    ["-5", (ms) => ms === null],
  ];
  for (const [value, expected] of cases) {
    test(`"${value}" is understood`, async (context) => {
      const receiver = await receiverFor(context, (_, response) =>
        response.writeHead(503, { "retry-after": value }).end(),
      );
      const answer = await egressTo(context, receiver.port).post(receiver.url, {}, BODY);
      assert.ok(answer.kind === "answered" && expected(answer.retryAfterMs), JSON.stringify(answer));
    });
  }
});

test("closing ends what is on its way", async (context) => {
  const receiver = await receiverFor(context, () => egress.close());
  const egress = egressTo(context, receiver.port);
  assert.equal((await egress.post(receiver.url, {}, BODY)).kind, "failed");
});

describe("a document that is read:", () => {
  test("comes whole, with its status; redirects are answers", async (context) => {
    const receiver = await receiverFor(context, (_, response) =>
      response.writeHead(302, { location: "/" }).end("here"),
    );
    const answer = await egressTo(context, receiver.port).get(`${receiver.url}?a=b`);
    assert.deepEqual(answer, { kind: "answered", status: 302, body: Buffer.from("here") });
    assert.equal(receiver.received[0]?.path, "/hook?a=b");
  });

  test("is none where it is longer than 64 KiB, breaks off, or does not come", async (context) => {
    const receiver = await receiverFor(context, ({ path }, response) => {
      if (path.endsWith("long")) response.end("x".repeat(70_000));
      else if (path.endsWith("broken"))
        response.writeHead(200, { "content-length": 10 }).write("x", () => response.destroy());
    });
    const egress = egressTo(context, receiver.port, { bounds: { deadlineMs: 300 } });
    const causes = await Promise.all(
      ["long", "broken", "never"].map(async (what) => {
        const answer = await egress.get(`${receiver.url}/${what}`);
        return answer.kind === "failed" ? answer.cause : answer.kind;
      }),
    );
    assert.deepEqual(causes, ["the answer is too long", "the connection ended without an answer", "no answer in time"]);
  });

  test("never comes from inside of the network", async (context) => {
    const egress = createEgress({ clock: systemClock, resolve: () => Promise.resolve(["10.0.0.1"]) });
    context.after(() => egress.close());
    for (const url of ["https://internal.acme.test/a.pem", "https://169.254.169.254/", "http://acme.test/"]) {
      assert.equal((await egress.get(url)).kind, "refused");
    }
  });
});
