import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "../../src/kernel/index.ts";
import { freshDatabase } from "../support/postgres.ts";
import { torture } from "./torture.ts";

/** The full run: 210 kills, every other one at a named point, 100,000 messages and more accepted. */
const KILLS = 210;
const ACCEPTED = 105_000;
/** 95 % sure of at most 0.1 %: Poisson, 83 seen in 100,000. */
const MOST_DUPLICATES_PER_100_000 = 83;

test(`killed ${KILLS} times under load, it loses nothing of ${ACCEPTED} accepted messages`, async (t) => {
  const place = await freshDatabase();
  try {
    let told = 0;
    const result = await torture({
      place,
      random: systemRandom,
      kills: KILLS,
      acceptedAtLeast: ACCEPTED,
      sessions: 20,
      silentShare: 0.01,
      onProgress: (text) => {
        told += 1;
        if (told % 10 === 0) process.stderr.write(`${text}\n`);
      },
    });
    t.diagnostic(
      `${result.kills} kills, ${result.accepted} accepted, ${result.lost.length} lost, ${result.duplicates} duplicates ` +
        `(at most ${result.mostCopies} copies, ${result.unexplained.length} without an unknown end), ` +
        `${result.unanswered} cut off before their answer, restart ${result.restartMs.median} ms (worst ${result.restartMs.worst} ms)`,
    );
    assert.ok(result.kills >= 200 && result.accepted >= 100_000);
    assert.deepEqual(result.lost, []);
    assert.deepEqual(result.unexplained, []);
    assert.ok(result.mostCopies <= 2);
    assert.ok((result.duplicates / result.accepted) * 100_000 <= MOST_DUPLICATES_PER_100_000, `${result.duplicates}`);
  } finally {
    await place.drop();
  }
});
