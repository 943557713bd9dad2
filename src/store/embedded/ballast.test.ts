import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { silentLog, systemClock } from "../../kernel/index.ts";
import { ballastSize, ballastStep, startBallast } from "./ballast.ts";

const MIB = 1024 * 1024;
const RULE = { bytes: 256 * MIB, intakeStopsBelow: 1024 * MIB };

test("it is taken only where intake stays open afterwards, and given up only when nearly nothing is left", () => {
  const at = (present: boolean, freeMib: number) => ballastStep(RULE, present, freeMib * MIB);
  assert.equal(at(false, 1535), "nothing");
  assert.equal(at(false, 1536), "take");
  assert.equal(at(true, 1280), "nothing");
  assert.equal(at(true, 64), "nothing");
  assert.equal(at(true, 63), "give-up");
});

test("whatever the numbers are, giving it up opens no intake and taking it stops none", () => {
  for (const bytes of [1, 64, 256, 4096, 65_536]) {
    for (const intakeStopsBelow of [64, 128, 1024, 65_536]) {
      const rule = { bytes: bytes * MIB, intakeStopsBelow: intakeStopsBelow * MIB };
      for (let freeMib = 0; freeMib < 300_000; freeMib = freeMib * 2 + 1) {
        const free = freeMib * MIB;
        if (ballastStep(rule, true, free) === "give-up")
          assert.ok(free + ballastSize(rule) < rule.intakeStopsBelow, JSON.stringify({ rule, freeMib }));
        if (ballastStep(rule, false, free) === "take") assert.ok(free - ballastSize(rule) > rule.intakeStopsBelow);
      }
    }
  }
});

test("none is kept where none is wanted, and one that is there goes", () => {
  const none = { ...RULE, bytes: 0 };
  assert.equal(ballastStep(none, false, 100_000 * MIB), "nothing");
  assert.equal(ballastStep(none, true, 100_000 * MIB), "give-up");
});

test("it takes real space, is there once, and leaves the disk when it is not wanted any more", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-ballast-"));
  const file = path.join(folder, "ballast");
  const parts = { folder, clock: systemClock, log: silentLog };
  const ballast = startBallast({ ...parts, rule: { bytes: 3 * MIB, intakeStopsBelow: 8 * MIB } });
  try {
    await ballast.look();
    await ballast.look();
    const { size, blocks } = statSync(file);
    assert.equal(size, 3 * MIB);
    assert.ok(blocks * 512 >= 3 * MIB, "not a hole");
    await ballast.stop();
    const unwanted = startBallast({ ...parts, rule: { bytes: 0, intakeStopsBelow: 8 * MIB } });
    await eventually(() => statSync(file, { throwIfNoEntry: false }) === undefined);
    await unwanted.stop();
  } finally {
    await ballast.stop();
    rmSync(folder, { recursive: true });
  }
});
