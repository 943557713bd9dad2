import assert from "node:assert/strict";
import { closeSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { walSettings } from "./postmaster.ts";
import { lastComplaint, openServerLog } from "./server-log.ts";

const folder = mkdtempSync(path.join(tmpdir(), "postern-server-log-"));
after(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, "postgres.log");

test("the last complaint is found at the end of a long log, and none where there is no log", () => {
  assert.equal(lastComplaint(path.join(folder, "none.log")), "");
  writeFileSync(file, `FATAL: old\n${"LOG: checkpoint\n".repeat(20_000)}PANIC: the last\nLOG: shut down\n`);
  assert.equal(lastComplaint(file), "PANIC: the last");
});

test("a log that grew long is put aside at the next start, and only one is kept", () => {
  closeSync(openServerLog(file));
  assert.equal(statSync(`${file}.1`, { throwIfNoEntry: false }), undefined);
  truncateSync(file, 17 * 1024 * 1024);
  closeSync(openServerLog(file));
  assert.equal(readFileSync(file).length, 0);
  assert.equal(statSync(`${file}.1`).size, 17 * 1024 * 1024);
});

test("the write-ahead log takes a sixteenth of a small disk and 4 GiB of a large one", () => {
  const GIB = 1024 ** 3;
  assert.deepEqual(walSettings(252 * GIB), { max_wal_size: "4096MB", min_wal_size: "512MB" });
  assert.deepEqual(walSettings(16 * GIB), { max_wal_size: "1024MB", min_wal_size: "128MB" });
  assert.deepEqual(walSettings(GIB), { max_wal_size: "128MB", min_wal_size: "32MB" });
});
