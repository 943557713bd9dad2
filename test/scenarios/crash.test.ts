import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "../../src/kernel/index.ts";
import { torture } from "../crash/torture.ts";
import { freshDatabase } from "../support/postgres.ts";

test("killed again and again under load, it loses nothing it accepted", async (t) => {
  const place = await freshDatabase();
  try {
    const result = await torture({
      place,
      random: systemRandom,
      kills: 8, // two random ones in four; the other named points come in the long run
      acceptedAtLeast: 1_600,
      sessions: 20,
      silentShare: 0.01,
    });
    t.diagnostic(
      `${result.kills} kills, ${result.accepted} accepted, ${result.lost.length} lost, ${result.duplicates} duplicates, restart ≤ ${result.restartMs.worst} ms`,
    );
    assert.deepEqual(result.lost, []);
    assert.deepEqual(result.unexplained, []);
    assert.ok(result.mostCopies <= 2);
    assert.ok(result.duplicates <= result.accepted / 1000, `${result.duplicates} duplicates`);
  } finally {
    await place.drop();
  }
});

test("the checker finds a server that says yes before the commit", async () => {
  const place = await freshDatabase();
  try {
    const result = await torture({
      place,
      random: systemRandom,
      kills: 3,
      acceptedAtLeast: 300,
      sessions: 20,
      silentShare: 0,
      acknowledgesEarly: true,
    });
    assert.ok(result.lost.length > 0);
  } finally {
    await place.drop();
  }
});
