import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { explainProblemOperation } from "./explain-problem.ts";

const CALL = { submitter: null, query: {}, headers: {}, body: undefined };

test("the type of a problem leads to its row in the list of failures", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-problems-"));
  try {
    const file = path.join(folder, "failures.md");
    writeFileSync(
      file,
      "# Failures\n\n| code | where | meaning | what to do |\n| --- | --- | --- | --- |\n| `queue-full` | accept | Too much waits. | Send later. |\n",
    );
    const operation = explainProblemOperation(pathToFileURL(file));
    assert.ok(operation.open);
    assert.deepEqual(await operation.handle({ ...CALL, params: { code: "queue-full" } }), {
      status: 200,
      body: { code: "queue-full", where: "accept", meaning: "Too much waits.", whatToDo: "Send later." },
    });
    assert.equal((await operation.handle({ ...CALL, params: { code: "constructor" } })).status, 404);
    const without = explainProblemOperation(pathToFileURL(path.join(folder, "none.md")));
    assert.ok(without.open);
    assert.equal((await without.handle({ ...CALL, params: { code: "queue-full" } })).status, 404);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
