import assert from "node:assert/strict";
import { test } from "node:test";
import { type Standing, healthy } from "../../src/judge/index.ts";
import { saveStanding } from "../../src/standing/index.ts";
import { eventually } from "../support/eventually.ts";
import { startObservedPostern } from "../support/observed-postern.ts";

const VENDORS = ["mandrill", "mailgun"] as const;
/** Five seconds until the log is asked about a message, ten between two questions. */
const WITHIN_MS = 40_000;

test("while a provider's notices are silent, what matters is confirmed by its log, and nothing goes elsewhere", async (context) => {
  const postern = await startObservedPostern({
    kinds: VENDORS,
    tenant: { streams: VENDORS.map((name) => ({ name, class: "C2", ttlMs: null })) },
  });
  context.after(() => postern.stop());
  const { database } = postern.place;
  for (const provider of VENDORS) {
    const dark: Standing = { ...healthy(Date.now(), 600_000), state: "EVENTS_DARK" };
    await saveStanding(database, { provider, scope: "", from: "HEALTHY", standing: dark }, Date.now(), 0);
  }
  await postern.restart();
  for (const kind of VENDORS) postern.twin(kind).setNotices("silent");
  const ids: string[] = [];
  for (let n = 0; n < 10; n += 1) for (const kind of VENDORS) ids.push(await postern.send(kind));
  const delivered = async () =>
    (
      await database.query<{ n: number }>(
        "SELECT count(*) AS n FROM message_events WHERE kind = 'message.delivered' AND detail ->> 'source' = 'log'",
      )
    )[0]!.n;
  await eventually(async () => (await delivered()) === ids.length, WITHIN_MS);
  for (const id of ids) {
    const story = await postern.story(id);
    assert.deepEqual([story.recipients[0]!.state, story.attempts.length, story.state], ["delivered", 1, "ended"]);
  }
  const standings = await database.query<{ state: string }>("SELECT state FROM provider_standings");
  assert.deepEqual(
    standings.map(({ state }) => state),
    ["EVENTS_DARK", "EVENTS_DARK"],
  );
});
