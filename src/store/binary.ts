import { uuidBytes } from "../kernel/index.ts";

/**
 * Columns of a group of rows as PostgreSQL arrays in binary form (the format of array_send, src/backend/utils/adt/arrayfuncs.c).
 * `pg` sends a Buffer parameter as binary, so a whole column crosses as one value: no quoting, no text parsing.
 * Measured against text arrays: docs/decisions/0003.
 */
const OID = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, text: 25, timestamptz: 1184, uuid: 2950 } as const;
type ElementType = keyof typeof OID;

const HEADER_BYTES = 20;
/** PostgreSQL counts microseconds from 2000-01-01T00:00Z. */
const POSTGRES_EPOCH_MS = 946_684_800_000;

function header(type: ElementType, count: number, hasNull: boolean, bytes: number): Buffer {
  const array = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  array.writeInt32BE(1, 0); // dimensions
  array.writeInt32BE(hasNull ? 1 : 0, 4);
  array.writeInt32BE(OID[type], 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16); // lower bound
  return array;
}

function variable(type: ElementType, values: readonly (Buffer | null)[]): Buffer {
  let bytes = 0;
  let hasNull = false;
  for (const value of values) {
    bytes += 4;
    if (value === null) hasNull = true;
    else bytes += value.length;
  }
  const array = header(type, values.length, hasNull, bytes);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = array.writeInt32BE(value === null ? -1 : value.length, at);
    if (value !== null) at += value.copy(array, at);
  }
  return array;
}

function fixed<Value>(
  type: ElementType,
  width: number,
  values: readonly (Value | null)[],
  write: (array: Buffer, value: Value, at: number) => void,
): Buffer {
  let nulls = 0;
  for (const value of values) if (value === null) nulls += 1;
  const array = header(type, values.length, nulls > 0, values.length * 4 + (values.length - nulls) * width);
  let at = HEADER_BYTES;
  for (const value of values) {
    if (value === null) {
      at = array.writeInt32BE(-1, at);
      continue;
    }
    at = array.writeInt32BE(width, at);
    write(array, value, at);
    at += width;
  }
  return array;
}

export const byteaArray = (values: readonly (Buffer | null)[]): Buffer => variable("bytea", values);

/** `text[]`, in one pass: text is written straight into the array, never into a Buffer of its own. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = 0;
  let hasNull = false;
  for (const value of values) {
    bytes += 4;
    if (value === null) hasNull = true;
    else bytes += Buffer.byteLength(value, "utf8");
  }
  const array = header("text", values.length, hasNull, bytes);
  let at = HEADER_BYTES;
  for (const value of values) {
    if (value === null) {
      at = array.writeInt32BE(-1, at);
      continue;
    }
    const written = array.write(value, at + 4, "utf8");
    array.writeInt32BE(written, at);
    at += 4 + written;
  }
  return array;
}

export const uuidArray = (values: readonly string[]): Buffer =>
  fixed("uuid", 16, values, (array, value, at) => uuidBytes(value).copy(array, at));
export const int2Array = (values: readonly (number | null)[]): Buffer =>
  fixed("int2", 2, values, (array, value, at) => array.writeInt16BE(value, at));
export const int4Array = (values: readonly (number | null)[]): Buffer =>
  fixed("int4", 4, values, (array, value, at) => array.writeInt32BE(value, at));
export const int8Array = (values: readonly (bigint | null)[]): Buffer =>
  fixed("int8", 8, values, (array, value, at) => array.writeBigInt64BE(value, at));
export const boolArray = (values: readonly boolean[]): Buffer =>
  fixed("bool", 1, values, (array, value, at) => array.writeUInt8(value ? 1 : 0, at));
/** `timestamptz[]` from milliseconds since the Unix epoch. */
export const instantArray = (values: readonly (number | null)[]): Buffer =>
  fixed("timestamptz", 8, values, (array, value, at) =>
    array.writeBigInt64BE(BigInt(Math.round((value - POSTGRES_EPOCH_MS) * 1000)), at),
  );
