import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";

/** Files that are there whole or not at all, also after a crash or a loss of power. */

/** Only their owner reads what waits: it is mail, and some of it holds secrets. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export const TEMPORARY = ".tmp";

/** Writes beside the place, syncs, renames, syncs the folder: a reader sees the old state or the whole file. */
export async function writeDurably(folder: string, name: string, text: string): Promise<void> {
  const temporary = path.join(folder, `${randomUUID()}${TEMPORARY}`);
  try {
    await withFile(temporary, "wx", async (file) => {
      await file.writeFile(text);
      await file.sync();
    });
    await rename(temporary, path.join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
}

export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
}

/** A rename or a new entry is durable once its folder is. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  await withFile(folder, "r", (file) => file.sync());
}

export async function withFile<Value>(
  name: string,
  flags: string,
  work: (file: FileHandle) => Promise<Value>,
): Promise<Value> {
  const file = await open(name, flags, FILE_MODE);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

export const isMissing = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === "ENOENT";
export const isTaken = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === "EEXIST";
