import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import path from "node:path";
import { after, describe, test } from "node:test";
import { TLSSocket, createSecureContext, createServer as createTlsServer } from "node:tls";
import type { SmtpProviderSettings } from "../../config/index.ts";
import { Secret, systemClock } from "../../kernel/index.ts";
import { talkCheck } from "./providers.ts";
import { talkTo } from "./smtp-talk.ts";

const TLS_FOLDER = path.join(import.meta.dirname, "../../../test/support/tls");
const certFile = path.join(TLS_FOLDER, "localhost.crt");
const pem = { cert: readFileSync(certFile), key: readFileSync(path.join(TLS_FOLDER, "localhost.key")) };

const open = new Set<Server>();
const sockets = new Set<Socket>();
after(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of open) server.close();
});

/** A server that says what a test wants: `talk` gets each command line. */
async function serve(
  banner: string | null,
  answer: (line: string, socket: Socket) => string | null,
  tls = false,
  first: (socket: Socket) => void = () => {},
): Promise<number> {
  const onSocket = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    first(socket);
    if (banner !== null) socket.write(`${banner}\r\n`);
    socket.on("data", (chunk: Buffer) => {
      for (const line of chunk
        .toString()
        .split("\r\n")
        .filter((one) => one !== "")) {
        const reply = answer(line, socket);
        if (reply !== null) socket.write(reply);
      }
    });
  };
  const server = tls ? createTlsServer(pem, onSocket) : createServer(onSocket);
  open.add(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const provider = (port: number, change: Partial<SmtpProviderSettings> = {}): SmtpProviderSettings => ({
  kind: "smtp",
  name: "harbour",
  ownerGroup: "harbour",
  host: "127.0.0.1",
  port,
  tls: "none",
  verifyCertificate: true,
  caFile: null,
  auth: null,
  bounds: { concurrency: 1, ratePerS: null },
  connections: 1,
  connectTimeoutMs: 1_000,
  replyTimeoutMs: 1_000,
  dataEndTimeoutMs: 1_000,
  activityUrl: null,
  ...change,
});

const talk = (settings: SmtpProviderSettings, timeoutMs = 5_000) =>
  talkTo(settings, "me.test", { clock: systemClock, timeoutMs });
const check = async (settings: SmtpProviderSettings, timeoutMs?: number) =>
  talkCheck(settings, await talk(settings, timeoutMs));
const hello = (line: string): string | null =>
  line.startsWith("EHLO") ? "250-hi\r\n250-SIZE 100\r\n250 AUTH PLAIN\r\n" : "221 bye\r\n";

describe("how doctor asks a provider", () => {
  test("greets, reads the extensions, says goodbye, and sends neither login nor mail", async () => {
    const said: string[] = [];
    const port = await serve("220-two\r\n220 lines", (line) => {
      said.push(line);
      return hello(line);
    });
    assert.deepEqual(await talk(provider(port)), {
      addresses: ["127.0.0.1"],
      tls: null,
      offers: ["SIZE 100", "AUTH PLAIN"],
      failed: null,
    });
    assert.deepEqual(
      said.filter((line) => line !== "QUIT"),
      ["EHLO me.test"],
    );
  });

  test("implicit TLS, checked against the provider's own authority", async () => {
    const port = await serve("220 hi", hello, true);
    const settings = provider(port, { tls: "implicit", host: "localhost", caFile: certFile });
    assert.match((await check(settings)).sentence, /^localhost:\d+ \(.*127\.0\.0\.1.*\) answers, TLSv1\.3\.$/);
  });

  test("a certificate nobody vouches for is wrong", async () => {
    const port = await serve("220 hi", hello, true);
    const { state, sentence, next } = await check(provider(port, { tls: "implicit", host: "localhost" }));
    assert.equal(state, "wrong");
    assert.match(sentence, /TLS: .*self-signed|TLS: .*unable to verify/i);
    assert.match(next!, /caFile/);
  });

  const upgrade = (line: string, socket: Socket): string | null => {
    if (line !== "STARTTLS") return line.startsWith("EHLO") ? "250-hi\r\n250 STARTTLS\r\n" : "221 bye\r\n";
    socket.write("220 go\r\n");
    socket.removeAllListeners("data");
    const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(pem) });
    secure.on("error", () => {});
    secure.on("data", (chunk) => secure.write(hello(chunk.toString()) ?? ""));
    return null;
  };

  test("STARTTLS, then EHLO again", async () => {
    const port = await serve("220 hi", upgrade);
    const found = await talk(provider(port, { tls: "starttls", host: "localhost", caFile: certFile }));
    assert.deepEqual([found.failed, found.tls, found.offers], [null, "TLSv1.3", ["SIZE 100", "AUTH PLAIN"]]);
  });

  test("STARTTLS that is not offered is wrong, and the advice is not to turn TLS off", async () => {
    const port = await serve("220 hi", hello);
    const { state, sentence, next } = await check(provider(port, { tls: "starttls" }));
    assert.equal(state, "wrong");
    assert.match(sentence, /STARTTLS: it is not offered/);
    assert.match(next!, /Never turn TLS off/);
  });

  test("text slipped in before TLS begins is noticed (RFC 3207)", async () => {
    const port = await serve("220 hi", (line) =>
      line === "STARTTLS" ? "220 go\r\n250 injected\r\n" : "250-hi\r\n250 STARTTLS\r\n",
    );
    assert.match((await check(provider(port, { tls: "starttls" }))).sentence, /before TLS began/);
  });

  test("a refusal in the greeting is quoted", async () => {
    const port = await serve("554 no mail from you", () => null);
    assert.match((await check(provider(port))).sentence, /greeting: 554 no mail from you\.$/);
  });

  test("one that says nothing costs the bound and no more", async () => {
    const port = await serve(null, () => null);
    const { state, sentence } = await check(provider(port), 100);
    assert.equal(state, "wrong");
    assert.match(sentence, /time: no end within 0\.1 s/);
  });

  test("one that never ends its line is given up", async () => {
    const port = await serve(
      null,
      () => null,
      false,
      (socket) => socket.write("x".repeat(20_000)),
    );
    assert.match((await check(provider(port))).sentence, /greeting: it sends lines without an end/);
  });

  test("a closed port and a name that does not exist", async () => {
    const port = await serve("220 hi", hello);
    await new Promise<void>((resolve) => [...open].at(-1)!.close(() => resolve()));
    assert.match((await check(provider(port))).sentence, /TCP: connect ECONNREFUSED/);
    assert.match((await check(provider(25, { host: "nowhere.invalid" }))).sentence, /DNS: /);
  });

  test("a login that is configured and not offered deserves a look", async () => {
    const port = await serve("220 hi", (line) => (line.startsWith("EHLO") ? "250 hi\r\n" : "221 bye\r\n"));
    const { state } = await check(provider(port, { auth: { username: "u", password: new Secret("p") } }));
    assert.equal(state, "warning");
  });
});
