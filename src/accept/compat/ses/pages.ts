import { type SesError, badRequest, sesError } from "./errors.ts";

/** A place in a list: what stands last on the page before. */
export type Page = { size: number; after: string | null };

const MOST = 1_000;
const USUAL = 100;

/** Tokens are for those who got them, and hold nothing but the name they follow. */
export const tokenOf = (last: string): string => Buffer.from(last).toString("base64url");

export function pageOf(token: string | null | undefined, size: string | number | null | undefined): Page | SesError {
  const wanted = size === null || size === undefined || size === "" ? USUAL : Number(size);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > MOST) return badRequest(`PageSize must be 1 to ${MOST}.`);
  if (!token) return { size: wanted, after: null };
  if (!/^[\w-]{1,600}$/.test(token))
    return sesError(400, "InvalidNextTokenException", "The specified token is invalid.");
  return { size: wanted, after: Buffer.from(token, "base64url").toString("utf8") };
}

/** A page of a list that is in memory, in the order of its names. */
export function pageIn(names: readonly string[], { size, after }: Page): { names: string[]; NextToken?: string } {
  const rest = names.toSorted().filter((name) => after === null || name > after);
  const page = rest.slice(0, size);
  return { names: page, ...(rest.length > size ? { NextToken: tokenOf(page.at(-1)!) } : {}) };
}
