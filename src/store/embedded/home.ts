import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
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
const POINTER_FILE = "postgres.location";
/** sockaddr_un holds 108 bytes on Linux and 104 on macOS, with `/.s.PGSQL.5432` and the final NUL. */
const SOCKET_FOLDER_MAX = 104 - "/.s.PGSQL.5432".length - 1;

/**
 * An ordinary user runs PostgreSQL from node_modules on `<data>/postgres`. PostgreSQL refuses to be root, so root
 * runs it as an unprivileged user; where that user may not enter the way to the data folder (a home of mode 0700),
 * programs and cluster live in /var/lib/postern and the data folder holds a pointer to them.
 * A cluster that is there already is used where it is: one data folder never gets two.
 * @throws Problem `data-folder-foreign` where the cluster belongs to somebody else, `socket-folder-foreign`, `embedded-no-user`.
 */
export function embeddedHome(dataFolder: string): EmbeddedHome {
  mkdirSync(dataFolder, { recursive: true });
  const packaged = findPrograms();
  const existing = clusterOf(dataFolder);
  const owner = statSync(existing, { throwIfNoEntry: false })?.uid ?? null;
  const user = userFor(owner, dataFolder);
  const inside = user === null || mayEnter(dataFolder);
  const placed = owner !== null || existsSync(path.join(dataFolder, POINTER_FILE));
  const root = placed ? path.dirname(existing) : inside ? dataFolder : sharedRoot(dataFolder);
  mkdirSync(root, { recursive: true, mode: 0o755 });

  const inPlace = (user === null || mayEnter(packaged.folder)) && completeLinks(packaged.folder);
  const programs = inPlace
    ? packaged.folder
    : path.join(user === null ? dataFolder : SHARED_FOLDER, `postgresql-${packaged.version}`);
  if (!inPlace) copyPrograms(packaged.folder, programs);

  const cluster = path.join(root, "postgres");
  const socketFolder = shortFolder(path.join(root, "postgres.socket"), dataFolder);
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  makeOwn(socketFolder, user);
  for (const folder of [cluster, socketFolder]) {
    if (user) chownSync(folder, user.uid, user.gid);
    chmodSync(folder, 0o700);
  }
  const logFile = path.join(dataFolder, "postgres.log");
  return { programs, cluster, socketFolder, logFile, user };
}

/**
 * Where the cluster of a data folder is; it need not exist. Changes nothing.
 * @throws Problem `data-folder-foreign` where only another user may know.
 */
export function clusterOf(dataFolder: string): string {
  const inside = path.join(dataFolder, "postgres");
  const pointer = path.join(dataFolder, POINTER_FILE);
  if (existsSync(inside) || !existsSync(pointer)) return inside;
  let root: string;
  try {
    root = readFileSync(pointer, "utf8").trim();
  } catch (error) {
    throw foreign(dataFolder, statSync(pointer).uid, error);
  }
  if (path.dirname(root) !== SHARED_FOLDER) throw foreign(dataFolder, statSync(pointer).uid); // not written by us
  return path.join(root, "postgres");
}

/**
 * As whom the server runs, given who owns the cluster (null: there is none). Root runs it as the user that an earlier
 * root start chose, never as just anybody: in a folder of an untrusted user that would do his bidding.
 */
function userFor(owner: number | null, dataFolder: string): EmbeddedHome["user"] {
  const self = process.getuid?.();
  if (self !== 0) {
    if (owner !== null && self !== undefined && owner !== self) throw foreign(dataFolder, owner);
    return null;
  }
  const known = unprivilegedUsers();
  const user = owner === null || owner === 0 ? known[0] : known.find((one) => one.uid === owner);
  if (user) return user;
  if (owner) throw foreign(dataFolder, owner);
  throw new Problem(
    "embedded-no-user",
    "PostgreSQL refuses to run as root and this machine has none of the users postern, postgres and nobody. Make one (useradd --system postern), start as an ordinary user, or set database.url.",
  );
}

const foreign = (dataFolder: string, uid: number, cause?: unknown): Problem =>
  new Problem(
    "data-folder-foreign",
    `The database of ${dataFolder} belongs to another user (uid ${uid}). Run as the user who made it (what a start as root made, only root can use), or use a data folder of your own (data: in postern.yaml, POSTERN_DATA in the lab).`,
    cause,
  );

/** A new folder each time: under the old name may be what a data folder that was deleted since has left behind. */
function sharedRoot(dataFolder: string): string {
  mkdirSync(SHARED_FOLDER, { recursive: true, mode: 0o755 });
  const root = mkdtempSync(path.join(SHARED_FOLDER, `${shortHash(dataFolder)}-`));
  chmodSync(root, 0o755);
  writeFileSync(path.join(dataFolder, POINTER_FILE), `${root}\n`, { mode: 0o600 });
  return root;
}

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

function shortFolder(wanted: string, dataFolder: string): string {
  if (Buffer.byteLength(wanted) <= SOCKET_FOLDER_MAX) return wanted;
  const owner = process.getuid?.() ?? 0;
  return path.join("/tmp", `postern-${owner}-${shortHash(dataFolder)}`);
}

/**
 * In /tmp anybody can make a folder, or a link to one, under a name that can be guessed, and wait for its owner and mode
 * to be changed. Once it is ours, /tmp lets nobody else put another one in its place.
 */
function makeOwn(folder: string, user: EmbeddedHome["user"]): void {
  try {
    return mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const found = lstatSync(folder);
  if (found.isDirectory() && [process.getuid?.() ?? found.uid, user?.uid].includes(found.uid)) return;
  throw new Problem(
    "socket-folder-foreign",
    `${folder} is a link, or belongs to another user, and is not used. Remove it, or use a data folder with a shorter path.`,
  );
}

/** Every folder on the way lets other users through. */
export function mayEnter(folder: string): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** Of a user of its own, the one packages of PostgreSQL make, and nobody: those the machine has. */
function unprivilegedUsers(): NonNullable<EmbeddedHome["user"]>[] {
  return ["postern", "postgres", "nobody"].flatMap((name) => {
    try {
      const idOf = (flag: string) =>
        Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
      return [{ uid: idOf("-u"), gid: idOf("-g"), name }];
    } catch {
      return []; // no such user
    }
  });
}
