import assert from "node:assert/strict";
import { test } from "node:test";
import { newMessage, settlement, T0 } from "../../test/support/new-message.ts";
import { newNodeId, noFailpoint, systemClock, systemRandom } from "../kernel/index.ts";
import { fresh, rows } from "./spool-for-tests.ts";
import { Spool } from "./spool.ts";

const event = (notify: boolean) => ({ kind: "message.accepted", at: T0, detail: {}, notify });

test("that events wait to be told is said once for a group, after its commit, and not of those nobody wants", async () => {
  const committed: Promise<{ n: number }[]>[] = [];
  const onEvents = () => {
    committed.push(rows<{ n: number }>("SELECT count(*)::int AS n FROM message_events WHERE notify"));
  };
  const node = newNodeId(systemClock, systemRandom);
  const told = new Spool({ node, database: fresh.database, failpoint: noFailpoint, onEvents });
  await told.accept(newMessage({ events: [event(false)] }));
  assert.equal(committed.length, 0);
  await Promise.all([1, 2, 3].map(() => told.accept(newMessage({ events: [event(true)] }))));
  assert.ok(committed.length <= 2, `${committed.length} times`); // the first may have left before the others came
  assert.ok((await committed.at(-1))![0]!.n >= 3);
  const leased = newMessage({ leased: true, events: [] });
  await told.accept(leased);
  committed.length = 0;
  assert.equal(await told.settle(settlement({ spoolId: leased.spoolId, fence: 1 }, { events: [event(true)] })), true);
  assert.equal(committed.length, 1);
});
