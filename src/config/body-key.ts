import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { Problem, type Random, Secret } from "../kernel/index.ts";
import { type SecretSource, findSecret, whyUnreadable } from "./secrets.ts";
import type { Settings } from "./settings.ts";

export const BODY_KEY_BYTES = 32;
export const BODY_KEY_FILE = "body.key";

/** 64 hexadecimal digits, or base64 of 32 bytes. */
export function decodeBodyKey(text: string): Buffer | undefined {
  const trimmed = text.trim();
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, "hex");
  if (/^[A-Za-z0-9+/]{43}=?$/.test(trimmed)) return Buffer.from(trimmed, "base64");
  return undefined;
}

/** `file:PATH` may name a file still to be made (on first start); `env:NAME` must hold the key. */
export function bodyKeySetting(
  source: SecretSource,
  input: unknown,
): { value: Settings["bodyKey"] } | { sentence: string } {
  if (typeof input === "string" && input.startsWith("file:") && input.length > 5) {
    return { value: { file: path.resolve(source.folder, input.slice(5)) } };
  }
  const found = findSecret(source, input);
  if ("sentence" in found) return found;
  return decodeBodyKey(found.value)
    ? { value: { value: new Secret(found.value) } }
    : { sentence: "must be 32 bytes, written as 64 hexadecimal digits or in base64 (openssl rand -hex 32 makes one)." };
}

/**
 * The master key for bodies at rest. A missing key file is made here, readable by this user only, and is on disk
 * before the key is used: a key lost in a power cut would take every waiting message with it.
 * @throws Problem `body-key-unreadable`, `body-key-length`.
 */
export function openBodyKey(setting: Settings["bodyKey"], random: Random): Buffer {
  const text = "value" in setting ? setting.value.reveal() : readOrMake(setting.file, random);
  const key = decodeBodyKey(text);
  if (key) return key;
  throw new Problem(
    "body-key-length",
    "The body key must be 32 bytes, written as 64 hexadecimal digits or in base64. Put the former key back: bodies sealed with it cannot be read with another.",
  );
}

function readOrMake(file: string, random: Random): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw unreadable(file, error);
  }
  try {
    const text = random.bytes(BODY_KEY_BYTES).toString("hex");
    writeDurably(file, `${text}\n`);
    return text;
  } catch (error) {
    throw unreadable(file, error);
  }
}

const unreadable = (file: string, error: unknown): Problem =>
  new Problem(
    "body-key-unreadable",
    `The body key file ${file} ${whyUnreadable(error)}. Give this user access to it.`,
    error,
  );

/** Complete or absent, and 0600: written beside, flushed, renamed, and the folder flushed. */
export function writeDurably(file: string, text: string): void {
  const folder = path.dirname(file);
  mkdirSync(folder, { recursive: true });
  const beside = `${file}.new`;
  rmSync(beside, { force: true });
  const handle = openSync(beside, "wx", 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(beside, file);
  const folderHandle = openSync(folder, "r");
  try {
    fsyncSync(folderHandle);
  } finally {
    closeSync(folderHandle);
  }
}
