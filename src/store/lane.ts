import pg from "pg";
import type { Lane, Statement } from "./database.ts";
import { databaseProblem } from "./problems.ts";
import { valueTypes } from "./values.ts";

/**
 * Statements over arrays are planned once and their arrays have any length, so the planner's guesses must not
 * depend on them: with sequential scans and hash joins off, each is an index lookup per row, at 10 rows and at 10⁶
 * (docs/decisions/0003).
 */
const SESSION = `
  SET synchronous_commit = on; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
  SET enable_material = off; SET plan_cache_mode = force_generic_plan; SET jit = off; SET timezone = 'UTC'`;

/** A statement outstanding for longer means that the server hangs: its connection is given up, its end unknown. */
const STATEMENT_TIMEOUT_MS = 30_000;

export function openLane(config: pg.ClientConfig, name: string, onChange: (up: boolean) => void): Lane {
  let current: Promise<pg.Client> | null = null;
  let closed = false;
  /** The end of the statement before: pg wants a connection to be given one at a time. */
  let before: Promise<unknown> = Promise.resolve();

  async function connect(forget: () => void): Promise<pg.Client> {
    const client = new pg.Client({
      ...config,
      application_name: `postern ${name}`,
      types: valueTypes,
      query_timeout: STATEMENT_TIMEOUT_MS,
    });
    client.on("error", () => {
      forget();
      onChange(false);
    });
    client.on("end", forget);
    await client.connect();
    await client.query(SESSION);
    onChange(true);
    return client;
  }

  function opened(): Promise<pg.Client> {
    if (current) return current;
    const opening = connect(() => {
      if (current === opening) current = null;
    });
    current = opening;
    return opening;
  }

  /** One turn on the connection; whatever breaks it makes the next turn open a new one. */
  async function turn<Result>(work: (execute: Execute) => Promise<Result>): Promise<Result> {
    if (closed) throw databaseProblem(Object.assign(new Error("lane closed"), { code: "08003" }));
    const mine = opened();
    try {
      const client = await mine;
      return await work(async (statement, values) => {
        const { name: statementName, text } = statement;
        const result = await client.query({
          name: statementName,
          text,
          values: values as unknown[],
          rowMode: "array",
        });
        return result.rows as unknown[][];
      });
    } catch (thrown) {
      const problem = databaseProblem(thrown);
      if (problem !== thrown) {
        if (current === mine) current = null;
        mine.then((client) => client.end()).catch(() => {});
        if ((problem as { code: string }).code === "database-unavailable") onChange(false);
      }
      throw problem;
    }
  }

  function queued<Result>(work: (execute: Execute) => Promise<Result>): Promise<Result> {
    const mine = before.then(() => turn(work));
    before = mine.catch(() => {});
    return mine;
  }

  return {
    execute: (statement, values) => queued((execute) => execute(statement, values)),
    transaction: (work) =>
      queued(async (execute) => {
        await execute(BEGIN, []);
        try {
          const result = await work(execute);
          await execute(COMMIT, []);
          return result;
        } catch (error) {
          await execute(ROLLBACK, []).catch(() => {}); // fails only with the connection, which ends the transaction too
          throw error;
        }
      }),
    async close() {
      closed = true;
      const last = current;
      current = null;
      await last?.then((client) => client.end()).catch(() => {});
    },
  };
}

type Execute = Lane["execute"];
const BEGIN: Statement = { name: "begin", text: "BEGIN" };
const COMMIT: Statement = { name: "commit", text: "COMMIT" };
const ROLLBACK: Statement = { name: "rollback", text: "ROLLBACK" };
