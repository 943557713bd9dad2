import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Problem } from "../../kernel/index.ts";
import { completeLinks, copyPrograms, findPrograms } from "./package.ts";

/** Where one embedded server lives, and as whom it runs. `user` is null for "as we are". */
export type EmbeddedHome = {
  programs: string;
  /** PGDATA; its parent exists. */
  cluster: string;
  socketFolder: string;
  logFile: string;
  user: { uid: number; gid: number; name: string } | null;
};

/** Where a root-started server lives when its user may not enter the data folder. */
const SHARED_FOLDER = "/var/lib/postern";
/** In the data folder: says where the cluster is when it could not be inside. */
export const POINTER_FILE = "postgres.location";
/** sockaddr_un holds 108 bytes on Linux and 104 on macOS, with `/.s.PGSQL.5432` and the final NUL. */
const SOCKET_FOLDER_MAX = 104 - "/.s.PGSQL.5432".length - 1;

/**
 * An ordinary user runs PostgreSQL from node_modules on `<data>/postgres`. PostgreSQL refuses to be root, so root
 * runs it as an unprivileged user; where that user may not enter the way to the data folder (a home of mode 0700),
 * programs and cluster live in /var/lib/postern and the data folder holds a pointer to them.
 */
export function embeddedHome(dataFolder: string): EmbeddedHome {
  mkdirSync(dataFolder, { recursive: true });
  const packaged = findPrograms();
  const user = process.getuid?.() === 0 ? unprivilegedUser() : null;
  const inside = user === null || mayEnter(dataFolder);
  const root = inside ? dataFolder : sharedRoot(dataFolder);
  mkdirSync(root, { recursive: true, mode: 0o755 });

  const inPlace = (user === null || mayEnter(packaged.folder)) && completeLinks(packaged.folder);
  const programs = inPlace
    ? packaged.folder
    : path.join(user === null ? dataFolder : SHARED_FOLDER, `postgresql-${packaged.version}`);
  if (!inPlace) copyPrograms(packaged.folder, programs);

  const cluster = path.join(root, "postgres");
  const socketFolder = shortFolder(path.join(root, "postgres.socket"), dataFolder);
  for (const folder of [cluster, socketFolder]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (user) chownSync(folder, user.uid, user.gid);
    chmodSync(folder, 0o700);
  }
  const logFile = path.join(dataFolder, "postgres.log");
  return { programs, cluster, socketFolder, logFile, user };
}

function sharedRoot(dataFolder: string): string {
  const root = path.join(SHARED_FOLDER, shortHash(dataFolder));
  const pointer = path.join(dataFolder, POINTER_FILE);
  if (existsSync(pointer)) return readFileSync(pointer, "utf8").trim();
  mkdirSync(root, { recursive: true, mode: 0o755 });
  writeFileSync(pointer, `${root}\n`, { mode: 0o600 });
  return root;
}

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

function shortFolder(wanted: string, dataFolder: string): string {
  if (Buffer.byteLength(wanted) <= SOCKET_FOLDER_MAX) return wanted;
  const owner = process.getuid?.() ?? 0;
  return path.join("/tmp", `postern-${owner}-${shortHash(dataFolder)}`);
}

/** Every folder on the way lets other users through. */
export function mayEnter(folder: string): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** A user of its own if the machine has one, else the one packages of PostgreSQL make, else nobody. */
function unprivilegedUser(): NonNullable<EmbeddedHome["user"]> {
  for (const name of ["postern", "postgres", "nobody"]) {
    try {
      const idOf = (flag: string) =>
        Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
      return { uid: idOf("-u"), gid: idOf("-g"), name };
    } catch {
      // no such user; the next one
    }
  }
  throw new Problem(
    "embedded-no-user",
    "PostgreSQL refuses to run as root and this machine has none of the users postern, postgres and nobody. Make one (useradd --system postern), start as an ordinary user, or set database.url.",
  );
}
