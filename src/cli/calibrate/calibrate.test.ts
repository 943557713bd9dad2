import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { type CommandLine, commandLine } from "../../../test/support/command-line.ts";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import { systemClock } from "../../kernel/index.ts";
import { insertCalibration, newestCalibration } from "../../standing/index.ts";

let fresh: FreshDatabase;
let line: CommandLine;
before(async () => {
  fresh = await freshDatabase();
  line = commandLine({ POSTERN_DATABASE_URL: fresh.url });
  mkdirSync(path.join(line.folder, "data"));
  writeFileSync(path.join(line.folder, "data", "body.key"), "07".repeat(32), { mode: 0o600 });
});
after(async () => {
  line.close();
  await fresh.drop();
});

test("a calibration that waits is shown, and approved of by a second person alone", async () => {
  const made = { madeAt: systemClock.now() - 60_000, operator: "ada", approvedBy: null, days: 14, waits: true };
  const id = await insertCalibration(fresh.database, { ...made, found: { correlation: 0 } });
  const shown = await line.run(["calibrate"], { columns: 200 });
  assert.match(
    shown.out,
    /proposed by ada 1m .*waits for a second person: postern calibrate --approve 1 --operator NAME/,
  );
  assert.match(shown.out, /^ {2}correlation 0$/m);
  const alone = await line.run(["calibrate", "--approve", String(id), "--operator", "Ada"]);
  assert.deepEqual([alone.code, alone.err.split("\n")[0]], [1, "calibrate-needs-second"]);
  assert.equal(await newestCalibration(fresh.database), null);
  const both = await line.run(["calibrate", "--approve", String(id), "--operator", "grace"]);
  assert.deepEqual([both.code, both.err], [0, ""]);
  assert.match(
    both.out,
    /^Calibration 1 is approved by grace\. The node that leads judges with it within half a minute\./,
  );
  assert.equal((await newestCalibration(fresh.database))?.approvedBy, "grace");
  const wrong = await line.run(["calibrate", "--approve", "soon"]);
  assert.match(wrong.err, /It must be the number of a calibration, such as 3\./);
});
