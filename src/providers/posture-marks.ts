import { createHash } from "node:crypto";
import { textOf } from "./json-reading.ts";

/** Passwords can stand in the address of a webhook: before the host, or in its query. */
export function addressOf(value: unknown): string | null {
  const text = textOf(value);
  if (text === null) return null;
  if (!URL.canParse(text)) return `unreadable ${fingerprint(text)}`;
  const { protocol, host, pathname, username, password, search } = new URL(text);
  const secret = username + password + search;
  return `${protocol}//${host}${pathname}${secret === "" ? "" : ` ${fingerprint([username, password, search])}`}`;
}

/** Tells that a secret or a long text changed, and nothing of it: half of a SHA-256. */
export const fingerprint = (value: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(value) ?? "")
    .digest("hex")
    .slice(0, 32);
