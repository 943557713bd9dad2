/**
 * An error that speaks to two readers: the client gets a stable code and the next step, the log gets the cause.
 * Codes are listed in docs/failures.md; scripts/check-tidy.ts holds that list against the code.
 */
export class Problem extends Error {
  readonly code: string;
  /** One or two sentences that are safe to show a client: what is wrong, and what to do. */
  readonly publicMessage: string;

  constructor(code: string, publicMessage: string, cause?: unknown) {
    super(`${code}: ${publicMessage}`, cause === undefined ? undefined : { cause });
    this.name = "Problem";
    this.code = code;
    this.publicMessage = publicMessage;
  }
}

/** The text of anything thrown, for a log line. */
export const causeText = (error: unknown): string =>
  error instanceof Error
    ? error.cause === undefined
      ? error.message
      : `${error.message} (${causeText(error.cause)})`
    : String(error);

/** Closes a switch over a union: reached only when a case was forgotten. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
