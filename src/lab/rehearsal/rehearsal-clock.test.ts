import assert from "node:assert/strict";
import { createServer, connect, type AddressInfo } from "node:net";
import { test } from "node:test";
import { RehearsalClock } from "./rehearsal-clock.ts";
import { UnderWay } from "./under-way.ts";

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("time goes from timer to timer, and those of one instant run together", async () => {
  const clock = new RehearsalClock(1_000, new UnderWay());
  const told: string[] = [];
  for (const [name, ms] of [
    ["c", 20],
    ["a", 10],
    ["b", 10],
  ] as const)
    clock.after(ms, () => told.push(`${name} ${clock.now()}`));
  await clock.advance(15);
  assert.deepEqual(told, ["a 1010", "b 1010"]);
  assert.equal(clock.now(), 1_015);
  await clock.advance(100);
  assert.deepEqual(told.at(-1), "c 1020");
});

test("in strides timers come late and together, and what they set waits for the next stride", async () => {
  const clock = new RehearsalClock(0, new UnderWay());
  const told: number[] = [];
  const again = (everyMs: number): void =>
    void clock.after(everyMs, () => {
      told.push(clock.now());
      again(everyMs);
    });
  again(250);
  again(1_000);
  await clock.advance(10_000, 2_000);
  assert.equal(clock.now(), 10_000);
  assert.ok(told.length >= 8 && told.length <= 12, `${told.length} looks instead of fifty`);
  assert.equal(new Set(told).size <= 6, true);
});

test("time stands still while something is on its way", async () => {
  const underWay = new UnderWay();
  const clock = new RehearsalClock(0, underWay);
  let isAnswered = false;
  clock.after(10, () => void underWay.during("a question", () => later(30)).then(() => (isAnswered = true)));
  clock.after(11, () => assert.ok(isAnswered, "the second timer waits for what the first began"));
  await clock.advance(20);
  assert.ok(isAnswered);
});

test("without being counted, what other processes do is not waited for: that is why it is", async () => {
  const clock = new RehearsalClock(0, new UnderWay());
  let isAnswered = false;
  clock.after(10, () => void later(30).then(() => (isAnswered = true)));
  await clock.advance(20);
  assert.equal(isAnswered, false);
});

test("what goes to and fro over loopback is waited for without being counted", async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const clock = new RehearsalClock(0, new UnderWay());
  let rounds = 0;
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("data", () => {
    rounds += 1;
    if (rounds < 50) socket.write("again");
  });
  clock.after(10, () => socket.write("once"));
  clock.after(11, () => assert.equal(rounds, 50));
  await clock.advance(20);
  assert.equal(rounds, 50);
  socket.destroy();
  server.close();
});

test("a connection on which nobody answers holds up nothing", async () => {
  const server = createServer(() => {}).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const clock = new RehearsalClock(0, new UnderWay());
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write("anybody?");
  let isGivenUp = false;
  clock.after(30_000, () => (isGivenUp = true));
  await clock.advance(60_000);
  assert.ok(isGivenUp);
  socket.destroy();
  server.close();
});

test("what never ends is named instead of waited for without end", async () => {
  const underWay = new UnderWay(50);
  const clock = new RehearsalClock(0, underWay);
  clock.after(1, () => void underWay.begin("the lost query"));
  await assert.rejects(clock.advance(10), /stands still.*the lost query/);
});

test("what goes on step by step is no hang, however long all of it takes", async () => {
  const underWay = new UnderWay(50);
  const clock = new RehearsalClock(0, underWay);
  let steps = 0;
  const work = async (): Promise<void> => {
    for (; steps < 15; steps += 1) await underWay.during("a step", () => later(10));
  };
  clock.after(1, () => void underWay.during("all of it", work));
  await clock.advance(10);
  assert.equal(steps, 15);
});

test("a promise whose work waits for timers is seen through to its end, and its failure is told", async () => {
  const clock = new RehearsalClock(0, new UnderWay());
  const work = new Promise<string>((resolve) => void clock.after(5_000, () => resolve("done")));
  assert.equal(await clock.during(work), "done");
  await assert.rejects(clock.during(Promise.reject(new Error("no"))), /no/);
  await assert.rejects(clock.during(new Promise(() => {}), 1_000), /not done within 1000 virtual ms/);
});
