import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { type FreshDatabase, freshDatabase } from "../../test/support/postgres.ts";
import {
  boolArray,
  byteaArray,
  instantArray,
  int2Array,
  int4Array,
  int8Array,
  textArray,
  uuidArray,
} from "./binary.ts";

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase({ migrated: false });
});
after(() => fresh.drop());

/** What PostgreSQL reads in an array of ours, row by row, as its own text. */
async function readBack(type: string, array: Buffer): Promise<(string | null)[]> {
  const rows = await fresh.database.query<{ value: string | null }>(
    `SELECT value::text FROM unnest($1::${type}[]) WITH ORDINALITY AS given(value, n) ORDER BY n`,
    [array],
  );
  return rows.map((row) => row.value);
}

const nullable = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.array(fc.option(arbitrary, { freq: 5 }), { maxLength: 20 });
/** PostgreSQL's text holds every character but NUL. */
const text = fc.string({ unit: "binary", maxLength: 30 }).map((one) => one.replaceAll("\0", "").toWellFormed());

/** Few runs: each is a query. */
const RUNS = { numRuns: fuzzRuns(0.2) };

test("text arrives as it was: any script, quotes, braces, backslashes, nothing, null", async () => {
  await fc.assert(
    fc.asyncProperty(nullable(text), async (values) => {
      assert.deepEqual(await readBack("text", textArray(values)), values);
    }),
    RUNS,
  );
  const awkward = ["", "NULL", '{"a","b"}', "\\x00", "a\nb\tc", "日本語 🙂", '"', "null", null];
  assert.deepEqual(await readBack("text", textArray(awkward)), awkward);
});

test("bytes arrive as they were", async () => {
  const bytes = fc.uint8Array({ maxLength: 50 }).map((one) => Buffer.from(one));
  await fc.assert(
    fc.asyncProperty(nullable(bytes), async (values) => {
      const expected = values.map((one) => (one === null ? null : `\\x${one.toString("hex")}`));
      assert.deepEqual(await readBack("bytea", byteaArray(values)), expected);
    }),
    RUNS,
  );
});

test("numbers arrive as they were, to the ends of their range", async () => {
  await fc.assert(
    fc.asyncProperty(
      nullable(fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })),
      nullable(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
      nullable(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      async (small, middle, large) => {
        const shown = (values: readonly (number | bigint | null)[]) =>
          values.map((one) => (one === null ? null : String(one)));
        assert.deepEqual(await readBack("int2", int2Array(small)), shown(small));
        assert.deepEqual(await readBack("int4", int4Array(middle)), shown(middle));
        assert.deepEqual(await readBack("int8", int8Array(large)), shown(large));
      },
    ),
    RUNS,
  );
  assert.throws(() => int2Array([40_000]), RangeError);
});

test("ids, truth values and instants arrive as they were", async () => {
  // Microseconds since 2000 stay exact in a double for 285 years to both sides.
  const instant = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2280, 0, 1) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uuid(), { maxLength: 10 }),
      fc.array(fc.boolean(), { maxLength: 10 }),
      nullable(instant),
      async (ids, truths, instants) => {
        assert.deepEqual(await readBack("uuid", uuidArray(ids)), ids);
        assert.deepEqual(await readBack("bool", boolArray(truths)), truths.map(String));
        const rows = await fresh.database.query<{ value: number | null }>(
          "SELECT value FROM unnest($1::timestamptz[]) WITH ORDINALITY AS given(value, n) ORDER BY n",
          [instantArray(instants)],
        );
        assert.deepEqual(
          rows.map((row) => row.value),
          instants,
        );
      },
    ),
    RUNS,
  );
});

test("an array of nothing is an empty array, and one of nulls only is that", async () => {
  assert.deepEqual(await readBack("text", textArray([])), []);
  assert.deepEqual(await readBack("text", textArray([null, null])), [null, null]);
  assert.deepEqual(await readBack("uuid", uuidArray([])), []);
});

test("columns of one group keep their rows together", async () => {
  const rows = await fresh.database.query<{ id: string; name: string; n: number }>(
    "SELECT * FROM unnest($1::uuid[], $2::text[], $3::int2[]) AS given(id, name, n)",
    [
      uuidArray(["017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c073990"]),
      textArray(["a", null]),
      int2Array([null, 2]),
    ],
  );
  assert.deepEqual(
    rows.map((row) => [row.name, row.n]),
    [
      ["a", null],
      [null, 2],
    ],
  );
});
