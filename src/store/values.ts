import pg from "pg";

/**
 * How column values reach the program: instants as milliseconds, int8 as number (our counters stay below 2^53),
 * everything else as pg gives it. Sessions run in UTC, so an instant's text always ends in +00.
 */
const INT8 = 20;
const TIMESTAMPTZ = 1184;

const instantMs = (text: string): number => Date.parse(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`);

export const valueTypes = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (oid === INT8) return Number;
    if (oid === TIMESTAMPTZ) return instantMs;
    return format === undefined ? pg.types.getTypeParser(oid) : pg.types.getTypeParser(oid, format as "text");
  },
} as pg.CustomTypesConfig;
