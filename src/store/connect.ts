import pg from "pg";
import { type Clock, type Log, causeText, every } from "../kernel/index.ts";
import type { Database, Lane, Queryable, Statement } from "./database.ts";
import { openLane } from "./lane.ts";
import { databaseProblem, isDatabaseAway, isNoneFree, questionProblem } from "./problems.ts";
import { valueTypes } from "./values.ts";

/** Where the database is; a subset of what pg takes. */
export type DatabaseTarget =
  | { connectionString: string }
  | { host: string; port: number; user: string; password: string; database: string };

/** Doors must refuse within a second of an outage, so one second is also the longest wait for a connection. */
const CONNECT_TIMEOUT_MS = 1_000;
const PROBE_MS = 300;
/** Behind a firewall that drops, nothing breaks and nothing comes: doors would hold their clients for half a minute. */
const PROBE_LATE_MS = 3_000;
const POOL_CONNECTIONS = 6;
const QUERY_TIMEOUT_MS = 30_000;
/** A page of a list takes milliseconds; one that looks for an address among a million messages, seconds. */
const QUESTION_MS = 5_000;
const QUESTIONS_AT_ONCE = 3;
const PROBE: Statement = { name: "probe", text: "SELECT 1" };

/** Connections are made when first needed: a database that is down at start is an outage like any other. */
export function connectDatabase({ target, clock, log }: { target: DatabaseTarget; clock: Clock; log: Log }): Database {
  const config: pg.ClientConfig = { ...target, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true };
  const pool = new pg.Pool({
    ...config,
    max: POOL_CONNECTIONS,
    query_timeout: QUERY_TIMEOUT_MS,
    application_name: "postern",
    types: valueTypes,
    options: "-c timezone=UTC",
  });
  const questions = new pg.Pool({
    ...config,
    max: QUESTIONS_AT_ONCE,
    application_name: "postern questions",
    types: valueTypes,
    options: `-c timezone=UTC -c default_transaction_read_only=on -c statement_timeout=${QUESTION_MS}`,
  });
  const lanes = new Set<Lane>();
  let up = true;

  function note(now: boolean): void {
    if (now === up) return;
    up = now;
    if (up) log.info("database.back");
    else log.error("database.lost", { next: "intake refuses; waiting for the database" });
  }
  for (const each of [pool, questions]) {
    each.on("error", () => note(false));
    // A pool listens to its idle connections only; one that breaks between two statements of a transaction would
    // otherwise end the process. Its next statement fails and tells the caller.
    each.on("connect", (client) => client.on("error", () => note(false)));
  }

  async function guarded<Result>(work: () => Promise<Result>, problemOf = databaseProblem): Promise<Result> {
    try {
      return await work();
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (isDatabaseAway(problem) && !isNoneFree(thrown)) note(false);
      throw problem;
    }
  }

  const run = async <Row>(on: pg.Pool | pg.PoolClient, text: string, values?: readonly unknown[]): Promise<Row[]> =>
    (await on.query(text, values as unknown[])).rows as Row[];

  const probing = openLane(config, "probe", note);
  const probe = every(
    clock,
    PROBE_MS,
    async () => {
      const late = clock.after(PROBE_LATE_MS, () => note(false));
      try {
        await probing.execute(PROBE, []);
        note(true);
      } finally {
        late.cancel();
      }
    },
    (error) => log.debug("database.probe-failed", { cause: causeText(error) }),
  );

  return {
    get isUp() {
      return up;
    },
    query: (text, values) => guarded(() => run(pool, text, values)),
    questions: { query: (text, values) => guarded(() => run(questions, text, values), questionProblem) },
    transaction: (work) =>
      guarded(async () => {
        const client = await pool.connect();
        let broken: Error | undefined;
        try {
          const tx: Queryable = { query: (text, values) => run(client, text, values) };
          await client.query("BEGIN");
          const result = await work(tx);
          await client.query("COMMIT");
          return result;
        } catch (error) {
          await client.query("ROLLBACK").catch((cause: Error) => {
            broken = cause;
          });
          throw error;
        } finally {
          client.release(broken);
        }
      }),
    openLane(name) {
      const lane = openLane(config, name, note);
      lanes.add(lane);
      return lane;
    },
    async close() {
      await probe.stop();
      await Promise.all([probing, ...lanes].map((lane) => lane.close()));
      await Promise.all([pool.end(), questions.end()]);
    },
  };
}
