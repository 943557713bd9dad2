import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { virtualClock } from "../../test/support/virtual-clock.ts";
import { fakeProvider } from "../../test/support/mail-path.ts";
import { silentLog } from "../kernel/index.ts";
import type { DeliveryEvent } from "../mail/index.ts";
import type { ActivityItem, ActivityQuery, Provider } from "../providers/index.ts";
import { DarkLog } from "./dark-log.ts";
import { TestRows } from "./rows-for-tests.ts";

let place: FreshDatabase;
before(async () => {
  place = await freshDatabase();
});
after(() => place.drop());

test("what matters and waits is confirmed by the log: from its page, and by single questions for what is not on it", async () => {
  const clock = virtualClock();
  const now = clock.now();
  const rows = new TestRows(place.database);
  const at = now - 60_000;
  const onPage = await rows.handOff({ at });
  const notOnPage = await rows.handOff({ at, class: 0 });
  const queuedThere = await rows.handOff({ at });
  const young = await rows.handOff({ at: now - 1_000 });
  const routine = await rows.handOff({ at, class: 3 });
  const ofAnother = await rows.handOff({ at, provider: "lantern" });
  const asked: ActivityQuery[] = [];
  const item = (id: string, state: string): ActivityItem => ({
    providerMessageId: `p-${id}`,
    attemptId: `attempt ${id}`,
    recipient: "bob@gmail.com",
    sender: null,
    state,
    at,
  });
  const provider: Provider = {
    ...fakeProvider("harbour"),
    kind: "mailgun",
    async activity(query) {
      asked.push(query);
      const page = [
        item(onPage, "delivered"),
        item(queuedThere, "queued"),
        item(routine, "delivered"),
        item(young, "delivered"),
      ];
      return { kind: "answer", value: query.attemptId === undefined ? page : [item(notOnPage, "delivered")] };
    },
  };
  const told: DeliveryEvent[] = [];
  const dark = new DarkLog({
    questions: place.database.questions,
    providers: new Map([["harbour", provider]]),
    attemptIdOf: (spoolId) => `attempt ${spoolId}`,
    sink: async (name, events) => {
      assert.equal(name, "harbour");
      told.push(...events);
    },
    clock,
    log: silentLog,
  });
  dark.look(new Map([["harbour", now - 30_000]]), now);
  await dark.stop();
  assert.deepEqual(told.map(({ spoolId }) => spoolId).toSorted(), [onPage, notOnPage].toSorted());
  assert.ok(told.every(({ type, recipient }) => type === "delivered" && recipient === "bob@gmail.com"));
  assert.deepEqual(
    asked.map(({ attemptId }) => attemptId),
    [undefined, `attempt ${notOnPage}`],
  );
  assert.ok(![young, routine, ofAnother].some((id) => told.some(({ spoolId }) => spoolId === id)));

  dark.look(new Map([["harbour", now - 30_000]]), now + 1_000);
  await dark.stop();
  assert.equal(asked.length, 2, "not again before its time");
  dark.look(new Map(), now + 60_000);
  await dark.stop();
  assert.equal(asked.length, 2, "and not once its events speak");
});

test("a log that cannot be read tells nothing", async () => {
  const clock = virtualClock();
  const rows = new TestRows(place.database);
  await rows.handOff({ at: clock.now() - 60_000, provider: "beacon" });
  const provider: Provider = {
    ...fakeProvider("beacon"),
    kind: "mandrill",
    activity: () => Promise.resolve({ kind: "unavailable", reason: "away" }),
  };
  const dark = new DarkLog({
    questions: place.database.questions,
    providers: new Map([["beacon", provider]]),
    attemptIdOf: (spoolId) => spoolId,
    sink: () => Promise.reject(new Error("not to be called")),
    clock,
    log: { ...silentLog, warn: (event) => assert.equal(event, "respond.log-not-read") },
  });
  dark.look(new Map([["beacon", clock.now()]]), clock.now());
  await dark.stop();
});
