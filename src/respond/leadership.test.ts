import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "../../test/support/eventually.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import { silentLog } from "../kernel/index.ts";
import { Leadership } from "./leadership.ts";

let place: FreshDatabase;
before(async () => {
  place = await freshDatabase();
});
after(() => place.drop());

const node = (): Leadership => new Leadership({ database: place.database, log: silentLog });
const killSessions = () =>
  place.database.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'postern respond' AND datname = current_database()",
  );

test("one of two nodes leads; the other one does once the first is gone", async () => {
  const [first, second] = [node(), node()];
  assert.equal(await first.look(), "taken");
  assert.equal(await first.look(), "leads");
  assert.equal(await second.look(), "follows");
  await first.close();
  await eventually(async () => (await second.look()) === "taken");
  assert.equal(await second.look(), "leads");
  await second.close();
});

test("a leader whose session was closed does not go on as if it led", async () => {
  const first = node();
  assert.equal(await first.look(), "taken");
  await killSessions();
  const role = await eventually(async () => first.look().catch(() => null));
  assert.equal(role, "taken", "anew, so that nothing of before is believed");
  await first.close();
});

test("a leader that stands still is relieved within five seconds, and follows when it moves again", async () => {
  const [first, second] = [node(), node()];
  assert.equal(await first.look(), "taken");
  const stoodStillAt = performance.now();
  await eventually(async () => (await second.look()) === "taken");
  assert.ok(performance.now() - stoodStillAt < 5_000);
  const role = await eventually(async () => first.look().catch(() => null));
  assert.equal(role, "follows");
  await Promise.all([first.close(), second.close()]);
});
