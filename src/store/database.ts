/** Rows as objects keyed by column name. Errors of the connection become Problem "database-unavailable". */
export type Queryable = { query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]> };

/** A named, prepared statement; its text never changes while the process runs. */
export type Statement = { name: string; text: string };

/**
 * One connection kept for one hot statement or a few. Reconnects by itself; a call while it is down fails at once.
 * Its session is set for statements over arrays: see store/lane.ts.
 */
export type Lane = {
  /** Rows as arrays of column values (pg rowMode "array"). */
  execute(statement: Statement, values: readonly unknown[]): Promise<unknown[][]>;
  /** Several statements in one transaction; nothing of another caller comes between. */
  transaction<Result>(work: (execute: Lane["execute"]) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};

export type Database = Queryable & {
  /** BEGIN … COMMIT; ROLLBACK when `work` throws. */
  transaction<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result>;
  openLane(name: string): Lane;
  /**
   * What people and tenants ask, reading only, over connections of its own: a question that goes through a million rows,
   * asked by many at once, must not keep the mail waiting. One that takes too long is given up.
   * @throws Problem `question-too-slow`
   */
  readonly questions: Queryable;
  /** False from the first failed connection until one works again: doors refuse at once meanwhile. */
  readonly isUp: boolean;
  close(): Promise<void>;
};
