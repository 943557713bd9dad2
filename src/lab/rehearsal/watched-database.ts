import type { Database, Lane, Queryable } from "../../store/index.ts";
import type { UnderWay } from "./under-way.ts";

/**
 * A database whose statements are counted while they run. Of a transaction its statements and its ends are, and not what
 * happens between them: that may wait for the clock.
 */
export function watchedDatabase(database: Database, underWay: UnderWay): Database {
  const asked = (of: Queryable): Queryable => ({
    query: (text, values) => underWay.during(text.trim().slice(0, 60), () => of.query(text, values)),
  });
  const lane = (name: string, of: Lane): Lane => ({
    execute: (statement, values) => underWay.during(statement.name, () => of.execute(statement, values)),
    transaction: (work) =>
      underWay.during(`a transaction of ${name}`, () =>
        of.transaction((execute) => work((statement, values) => execute(statement, values))),
      ),
    close: () => underWay.during(`closing ${name}`, () => of.close()),
  });
  return {
    ...asked(database),
    questions: asked(database.questions),
    get isUp() {
      return database.isUp;
    },
    transaction: async (work) => {
      let end = underWay.begin("BEGIN");
      try {
        return await database.transaction(async (tx) => {
          end();
          try {
            return await work(asked(tx));
          } finally {
            end = underWay.begin("COMMIT");
          }
        });
      } finally {
        end();
      }
    },
    openLane: (name) => lane(name, database.openLane(name)),
    close: () => underWay.during("closing", () => database.close()),
  };
}
