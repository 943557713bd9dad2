import { LOG_LEVELS, type LogLevel, type Logger, createLogger } from "./logger.ts";
import type { World } from "./world.ts";

/** POSTERN_LOG_LEVEL where it names a level, else `usual`. */
export const logLevel = (world: Pick<World, "environment">, usual: LogLevel): LogLevel =>
  LOG_LEVELS.find((level) => level === world.environment["POSTERN_LOG_LEVEL"]?.toLowerCase()) ?? usual;

/** The log of a command that prints a result of its own: on standard error, and only what is wrong. */
export const commandLog = ({ err, clock, environment }: World): Logger =>
  createLogger({
    level: logLevel({ environment }, "error"),
    pretty: err.isTerminal,
    destination: err.descriptor,
    clock,
  });
