import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { virtualClock } from "../../test/support/virtual-clock.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { type Standing, healthy } from "../judge/index.ts";
import { type Clock, silentLog } from "../kernel/index.ts";
import { RowWatch } from "../store/index.ts";
import { StandingBoard, changesOf, loadStandings, saveStanding } from "./index.ts";

const AT = Date.UTC(2022, 7, 8, 19, 30);
const as = (state: Standing["state"], but: Partial<Standing> = {}): Standing => ({
  ...healthy(AT, 600_000),
  state,
  because: { kind: "burst-missed", numbers: { missed: 5, deadlineS: 15 }, sentence: "5 of 5 canaries did not arrive." },
  ...but,
});
const RESET = { class: "C0", tenant: "acme", stream: "resets" } as const;
const ALERT = { class: "C2", tenant: "acme", stream: "alerts" } as const;

let place: FreshDatabase;
before(async () => {
  place = await freshDatabase();
});
after(() => place.drop());

const boardOf = (clock: Clock) => {
  const { database } = place;
  const watch = new RowWatch({ database, clock, log: silentLog });
  return { watch, one: new StandingBoard({ database, watch }) };
};
const save = (provider: string, scope: string, standing: Standing, last: number) =>
  saveStanding(place.database, { provider, scope, from: "HEALTHY", standing }, AT, last);

test("a change is written after the one that was known as the last, and after no other", async () => {
  const first = await save("mandrill", "", as("SUSPECT"), 0);
  assert.ok(first !== null);
  assert.equal(await save("mandrill", "", as("DOWN"), 0), null, "who did not know of it is refused");
  const second = await save("mandrill", "", as("DOWN", { step: 1, downsAt: [AT] }), first);
  assert.ok(second !== null && second > first);
  const [row] = await loadStandings(place.database);
  assert.deepEqual(row, {
    provider: "mandrill",
    scope: "",
    standing: as("DOWN", { step: 1, downsAt: [AT] }),
    changeId: second,
  });
  const changes = await changesOf(place.database, "mandrill", 10);
  assert.deepEqual(
    changes.map(({ to, because }) => [to, because.numbers]),
    [
      ["DOWN", { missed: 5, deadlineS: 15 }],
      ["SUSPECT", { missed: 5, deadlineS: 15 }],
    ],
  );
});

test("two that write at the same time: one of them is refused", async () => {
  const both = await Promise.all([save("ses", "", as("DOWN"), 0), save("ses", "", as("DOWN"), 0)].map(settled));
  assert.equal(both.filter((one) => typeof one === "number").length, 1);
});
/** The loser of a first row meets the primary key or the changed row; it has written nothing either way. */
const settled = (one: Promise<number | null>) => one.catch(() => null);

test("a board says what verdicts allow: the stricter one of the provider's and the stream's", async () => {
  await save("postmark", "acme/resets", as("DOWN"), 0);
  await save("resend", "", as("PROBING"), 0);
  const { one, watch } = boardOf(virtualClock(AT));
  await watch.start();
  assert.deepEqual(one.useOf("mandrill", ALERT), { use: "no", why: "DOWN" });
  assert.deepEqual(one.useOf("postmark", RESET), { use: "no", why: "DOWN for resets" });
  assert.deepEqual(one.useOf("postmark", ALERT), { use: "yes" });
  assert.deepEqual(one.useOf("resend", { ...ALERT, class: "C3" }), { use: "share", share: 0.01, why: "PROBING" });
  assert.deepEqual(one.useOf("nobody", ALERT), { use: "yes" });
  await watch.stop();
});

test("a board follows the rows, and an older look never takes a newer change back", async () => {
  const clock = virtualClock(AT);
  const { one, watch } = boardOf(clock);
  await watch.start();
  const [known] = (await loadStandings(place.database)).filter(({ provider }) => provider === "mandrill");
  const changeId = (await save("mandrill", "", as("PROBING"), known!.changeId))!;
  one.set({ provider: "mandrill", scope: "", standing: as("PROBING"), changeId });
  one.set(known!);
  assert.equal(one.standing("mandrill")?.state, "PROBING");
  const other = (await save("mandrill", "", as("HEALTHY"), changeId))!;
  await clock.advance(500);
  await new Promise((resolve) => setImmediate(resolve));
  for (let turns = 0; one.standing("mandrill")?.state !== "HEALTHY"; turns += 1) {
    assert.ok(turns < 1_000, "the row was never read");
    await place.database.query("SELECT");
    await clock.advance(500);
  }
  assert.equal(one.all().find(({ provider }) => provider === "mandrill")?.changeId, other);
  await watch.stop();
});
