import { existsSync } from "node:fs";
import path from "node:path";

const REPOSITORY = path.join(import.meta.dirname, "../..");

/**
 * Real mail that is not ours to ship: recorded messages and tables of other projects, beside the repository or where
 * POSTERN_TEST_DATA says. A test takes `skip` as its option and says one line where the data is absent:
 * `test("…", { skip: data.skip }, () => … data.folder …)`.
 */
export function testData(...parts: string[]): { folder: string; skip: string | false } {
  const root = process.env["POSTERN_TEST_DATA"] ?? path.join(REPOSITORY, "../shared/data");
  const folder = path.join(root, ...parts);
  return existsSync(folder)
    ? { folder, skip: false }
    : { folder, skip: `no test data ${parts.join("/")}: set POSTERN_TEST_DATA to the folder that holds it` };
}
