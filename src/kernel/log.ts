/**
 * Structured log lines: an event in `object.past-verb` form and flat fields. Secrets, bodies and addresses of
 * recipients are never fields; ids are.
 */
export type LogFields = Record<string, string | number | boolean | null | undefined>;
export type Log = {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
};

const nothing = () => {};
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
