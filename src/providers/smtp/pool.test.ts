import assert from "node:assert/strict";
import { test } from "node:test";
import { someHandoff } from "../../../test/contract/provider-contract.ts";
import { eventually } from "../../../test/support/eventually.ts";
import { line, type Script } from "../../../test/support/scripted-smtp-server.ts";
import { smtpPair } from "../../../test/support/smtp-settings.ts";
import { virtualClock } from "../../../test/support/virtual-clock.ts";
import type { Provider } from "../index.ts";

const never = new AbortController().signal;
const send = async (provider: Provider, signal: AbortSignal = never): Promise<string> => {
  const { recipients } = await provider.handOff(someHandoff(1), signal);
  return `${recipients[0]!.kind} ${recipients[0]!.cause}`;
};
const times = <Result>(n: number, task: () => Promise<Result>) => Promise.all(Array.from({ length: n }, task));

test("one after the other, messages share a connection; at once, they take as many as allowed", async (context) => {
  const { provider, server } = await smtpPair(context, {}, { connections: 3 });
  for (let n = 0; n < 5; n += 1) assert.equal(await send(provider), "accepted accepted");
  assert.equal(server.connections, 1);
  assert.deepEqual(new Set(await times(20, () => send(provider))), new Set(["accepted accepted"]));
  assert.equal(server.connections, 3);
  assert.equal(server.messages.length, 25);
});

test("a connection the server closed while it was idle is replaced without a word", async (context) => {
  const { provider, server } = await smtpPair(context, {});
  await send(provider);
  server.dropAll();
  assert.equal(await send(provider), "accepted accepted");
  assert.equal(server.connections, 2);
});

/** A server that closes each connection when it hears a second MAIL: the close and our MAIL have crossed. */
const closesOnReuse = (act: "close" | "reset" | "421", everyTime = false): Partial<Script> => {
  let mails = 0;
  return {
    mail() {
      mails += 1;
      if (mails === 1 || (mails > 2 && !everyTime)) return line("250 Ok");
      return act === "421" ? line("421 4.4.2 Idle too long", "close") : act;
    },
  };
};

for (const act of ["close", "reset", "421"] as const) {
  test(`a connection that turns out to be closed (${act}) is replaced once, and the message sent once`, async (context) => {
    const { provider, server } = await smtpPair(context, closesOnReuse(act));
    assert.equal(await send(provider), "accepted accepted");
    assert.equal(await send(provider), "accepted accepted");
    assert.equal(server.connections, 2);
    assert.equal(server.messages.length, 2);
  });
}

test("closed again on the new connection, it is a deferral", async (context) => {
  const { provider, server } = await smtpPair(context, closesOnReuse("close", true));
  await send(provider);
  assert.equal(await send(provider), "deferred connection-lost");
  assert.equal(server.connections, 2);
});

test("a message meets one closed connection, not one after the other", async (context) => {
  const mails = new Map<number, number>();
  const { provider, server } = await smtpPair(
    context,
    {
      mail() {
        const count = (mails.get(server.connections) ?? 0) + 1;
        mails.set(server.connections, count);
        return count > 1 ? "close" : line("250 Ok");
      },
    },
    { connections: 1 },
  );
  await send(provider);
  // The first of them loses the old connection; the second opens a new one, which the first then finds closed as well.
  assert.deepEqual(await times(2, () => send(provider)), ["deferred connection-lost", "accepted accepted"]);
});

test("closed on a first use, it is a deferral at once", async (context) => {
  const { provider, server } = await smtpPair(context, { mail: () => "close" });
  assert.equal(await send(provider), "deferred connection-lost");
  assert.equal(server.connections, 1);
});

test("closed after MAIL was answered, it is not tried again unasked", async (context) => {
  let data = 0;
  const { provider, server } = await smtpPair(context, {
    offers: [],
    data: () => ((data += 1) === 1 ? line("354 Go") : "close"),
  });
  await send(provider);
  assert.equal(await send(provider), "deferred connection-lost");
  assert.equal(server.connections, 1);
});

test("after half a minute without work a connection is ended with QUIT", async (context) => {
  const clock = virtualClock();
  const { provider, server } = await smtpPair(context, {}, {}, { clock });
  await send(provider);
  await clock.advance(29_000);
  assert.equal(server.open(), 1);
  await clock.advance(2_000);
  await eventually(() => server.open() === 0);
  assert.equal(server.commands.at(-1), "QUIT");
  await clock.advance(200);
  assert.equal(clock.pending, 0, "and nothing wakes the process any more");
  assert.equal(await send(provider), "accepted accepted");
});

test("a connection is used for a thousand messages", async (context) => {
  const { provider, server } = await smtpPair(context, {}, { connections: 1 });
  await times(1_001, () => send(provider));
  assert.equal(server.connections, 2);
  assert.equal(server.messages.length, 1_001);
});

test("a provider that takes fewer connections than configured gets fewer, and no message fails", async (context) => {
  let greetings = 0;
  const script: Partial<Script> = {
    get greeting() {
      greetings += 1;
      return greetings > 2 ? line("421 Too many concurrent SMTP connections", "close") : line("220 twin ESMTP");
    },
  };
  const { provider, server } = await smtpPair(context, script, { connections: 5 });
  await times(2, () => send(provider));
  assert.deepEqual(new Set(await times(30, () => send(provider))), new Set(["accepted accepted"]));
  assert.ok(server.connections >= 3);
  const before = server.connections;
  await times(30, () => send(provider));
  assert.equal(server.connections, before, "it is not asked again at once");
});

test("when nobody can connect, those in line are told as well", async (context) => {
  const { provider, server } = await smtpPair(context, { greeting: line("554 No", "close") }, { connections: 1 });
  assert.deepEqual(await times(10, () => send(provider)), Array(10).fill("rejected service-refused"));
  assert.equal(server.connections, 1);
});

test("an abort takes a message out of the line", async (context) => {
  const { provider, server } = await smtpPair(context, { text: () => "hang" }, { connections: 1 });
  const atWork = new AbortController();
  const first = send(provider, atWork.signal);
  await eventually(() => server.messages.length === 1);
  const abort = new AbortController();
  const second = send(provider, abort.signal);
  abort.abort();
  assert.equal(await second, "deferred aborted");
  atWork.abort();
  assert.equal(await first, "indeterminate aborted");
});

test("an abort while connecting, and before the text, is a deferral", async (context) => {
  const connecting = await smtpPair(context, { greeting: "hang" });
  const abort = new AbortController();
  const first = send(connecting.provider, abort.signal);
  await eventually(() => connecting.server.connections === 1);
  abort.abort();
  assert.equal(await first, "deferred aborted");
  const asking = await smtpPair(context, { mail: () => "hang" });
  const later = new AbortController();
  const second = send(asking.provider, later.signal);
  await eventually(() => asking.server.commands.length > 1);
  later.abort();
  assert.equal(await second, "deferred aborted");
});

test("close ends idle connections with QUIT, waits for those at work, and then no longer", async (context) => {
  const clock = virtualClock();
  let texts = 0;
  const script: Partial<Script> = { text: () => ((texts += 1) === 1 ? line("250 Ok") : "hang") };
  const { provider, server } = await smtpPair(context, script, { connections: 2 }, { clock });
  const done = send(provider);
  await done;
  const hanging = send(provider);
  await eventually(() => server.messages.length === 2);
  let isClosed = false;
  const closing = provider.close().then(() => (isClosed = true));
  await clock.advance(4_900);
  assert.equal(isClosed, false);
  await clock.advance(200);
  assert.equal(await hanging, "indeterminate aborted");
  await closing;
  assert.equal(clock.pending, 0);
  await provider.close();
});

test("close with nothing at work is done when the server has said goodbye", async (context) => {
  const { provider, server } = await smtpPair(context, {});
  await times(3, () => send(provider));
  await provider.close();
  assert.equal(server.commands.filter((command) => command === "QUIT").length, 3);
  await eventually(() => server.open() === 0);
});

test("a server that trickles its answer gets no more time for it", async (context) => {
  const clock = virtualClock();
  const { provider, server } = await smtpPair(context, { mail: () => line("250-slow", "hang") }, {}, { clock });
  const answer = send(provider);
  await eventually(() => server.commands.length > 1);
  await clock.advance(21_000);
  assert.equal(await answer, "deferred reply-timeout");
});
