import { afterEach, beforeEach } from "node:test";
import { type Rig, type Sink, configuration, newRig } from "../crash/rig.ts";
import { eventually } from "../support/eventually.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";

/** What scenarios of several processes stand on: a database, a sink and a configuration, made anew for each test. */
export type TwoNodes = {
  place: FreshDatabase;
  rig: Rig;
  sink: Sink;
  file: string;
  count(sql: string): Promise<number>;
  drained(): Promise<unknown>;
};

/** For the tests of the suite it is called in. The members are there once a test runs. */
export function twoNodes(): TwoNodes {
  const count = async (sql: string) => (await world.place.database.query<{ n: number }>(sql))[0]!.n;
  const drained = () => eventually(async () => (await count("SELECT count(*) AS n FROM queue")) === 0, 60_000);
  const world = { count, drained } as TwoNodes;
  beforeEach(async () => {
    world.place = await freshDatabase();
    world.rig = newRig({ RIG_DATABASE: world.place.url });
    world.sink = await world.rig.sink();
    world.file = world.rig.configure(configuration([world.sink, world.sink]));
  });
  afterEach(async () => {
    await world.rig.end();
    await world.place.drop();
  });
  return world;
}
