import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { type ObservedPostern, startObservedPostern } from "../support/observed-postern.ts";

let postern: ObservedPostern;
before(async () => {
  postern = await startObservedPostern({
    kinds: ["mandrill", "resend"],
    tenant: {
      streams: [{ name: "mandrill", class: "C2", ttlMs: null }],
      defaultStream: "mandrill",
      routes: {
        default: { prefer: ["mandrill"], standby: ["resend"], standbyShare: 0, weights: null, avoidOwnerGroups: [] },
      },
    },
  });
});
after(() => postern.stop());

type Row = { state: string; since: number; standing: { because: { kind: string; sentence: string } } };
const standingOf = async (provider: string): Promise<Row | null> =>
  (
    await postern.place.database.query<Row>(
      "SELECT state, since, standing FROM provider_standings WHERE provider = $1 AND scope = ''",
      [provider],
    )
  )[0] ?? null;

describe("a provider that suspends the account", () => {
  test("is withdrawn within five seconds, with the numbers in row, change and ledger, and mail avoids it from then on", async () => {
    const first = await postern.send("mandrill");
    await postern.until(first, (story) => story.attempts[0]?.outcome === "accepted");
    postern.twin("mandrill").setFault({ mode: "suspended" });
    const suspendedAt = performance.now();
    const id = await postern.send("mandrill");
    // The application sees no error: the message goes on by the standby at once.
    const story = await postern.until(id, (one) => one.attempts.at(-1)?.outcome === "accepted");
    assert.deepEqual(
      story.attempts.map((one) => [one.provider, one.outcome]),
      [
        ["mandrill", "held"],
        ["resend", "accepted"],
      ],
    );
    const row = await eventually(async () => {
      const now = await standingOf("mandrill");
      return now?.state === "DOWN" && now;
    }, 8_000);
    assert.ok(performance.now() - suspendedAt < 5_500, `${performance.now() - suspendedAt} ms`);
    assert.match(row.standing.because.sentence, /account/);
    const changes = await postern.place.database.query<{ to_state: string }>(
      "SELECT to_state FROM standing_changes WHERE provider = 'mandrill' ORDER BY change_id",
    );
    assert.equal(changes.at(-1)!.to_state, "DOWN");
    const leaves = await postern.place.database.query<{ leaf: string }>(
      "SELECT convert_from(leaf, 'UTF8') AS leaf FROM ledger_leaves WHERE convert_from(leaf, 'UTF8') LIKE '%\"standing\"%'",
    );
    assert.equal(leaves.length, changes.length);
    const next = await eventually(async () => {
      const one = await postern.send("mandrill");
      const sent = await postern.until(one, (now) => now.attempts.at(-1)?.outcome === "accepted");
      return sent.attempts.length === 1 && sent.attempts[0]!.provider === "resend";
    }, 3_000);
    assert.ok(next);
    assert.match(await postern.metrics(), /postern_provider_standing\{provider="mandrill",scope="",state="DOWN"\} 1/);
  });
});
