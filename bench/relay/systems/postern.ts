import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { clusterOf } from "../../../src/store/index.ts";
import type { Undo } from "../undo.ts";
import { type MailSystem, type RunningSystem, freePort, startProcess, untilGone, untilGreets } from "./system.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

/** As a user starts it: `postern serve` with a configuration of its own and its embedded PostgreSQL in a new folder. */
export const postern: MailSystem = {
  name: "postern",
  family: "postern",
  title: "Postern",
  missing: () => null,
  start: (place) => startPostern(place),
};

export type PosternPlace = {
  folder: string;
  sinkPort: number;
  undo: Undo;
  /** A server many can share; without it the embedded one. */
  databaseUrl?: string;
  /** 64 hexadecimal digits; without it Postern makes its own key. */
  bodyKey?: string;
  limits?: Record<string, number | string>;
};

export type RunningPostern = RunningSystem & { pid: number; dataFolder: string; logFile: string };

export async function startPostern(place: PosternPlace): Promise<RunningPostern> {
  const { folder, undo } = place;
  mkdirSync(folder, { recursive: true });
  const [port, httpPort] = [await freePort(), await freePort()];
  const dataFolder = path.join(folder, "data");
  const configFile = path.join(folder, "postern.yaml");
  const logFile = path.join(folder, "postern.log");
  writeFileSync(configFile, stringify(configuration(place, port, httpPort)));
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    ...(place.databaseUrl === undefined ? {} : { BENCH_DATABASE_URL: place.databaseUrl }),
    ...(place.bodyKey === undefined ? {} : { BENCH_BODY_KEY: place.bodyKey }),
  };
  undo.add(() => removeElsewhere(dataFolder));
  undo.add(() => endPostmaster(dataFolder));
  const own = startProcess(
    [path.join(ROOT, "bin/postern"), "serve", "--config", configFile],
    logFile,
    environment,
    undo,
  );
  await untilGreets(port, () => own.ended, logFile);
  const { version } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as { version: string };
  return {
    port,
    version,
    pid: own.pid,
    dataFolder,
    logFile,
    // The database's first process is nobody's child: it outlives a Postern that is killed.
    roots: () => [own.pid, ...postmasterOf(dataFolder)],
  };
}

function configuration(place: PosternPlace, port: number, httpPort: number): object {
  return {
    hostname: "postern.bench.test",
    listen: { smtp: `127.0.0.1:${port}`, http: `127.0.0.1:${httpPort}` },
    data: "./data",
    ...(place.databaseUrl === undefined ? {} : { database: { url: "env:BENCH_DATABASE_URL" } }),
    ...(place.bodyKey === undefined ? {} : { bodyKey: "env:BENCH_BODY_KEY" }),
    ...(place.limits === undefined ? {} : { limits: place.limits }),
    tenants: [
      {
        name: "bench",
        domains: ["src.test"],
        credentials: [{ name: "load", networks: ["127.0.0.1/32"] }], // no login, as for the others
        streams: [{ name: "alerts", class: "C2" }],
        routes: { default: { prefer: ["sink"] } },
      },
    ],
    providers: [
      { name: "sink", kind: "smtp", ownerGroup: "sink", host: "127.0.0.1", port: place.sinkPort, tls: "none" },
    ],
  };
}

function postmasterOf(dataFolder: string): number[] {
  try {
    const pid = Number(readFileSync(path.join(clusterOf(dataFolder), "postmaster.pid"), "utf8").split("\n")[0]);
    return pid > 0 ? [pid] : [];
  } catch {
    return []; // a server of somebody else, or gone
  }
}

/** Only where Postern had no time to do it itself. */
async function endPostmaster(dataFolder: string): Promise<void> {
  for (const pid of postmasterOf(dataFolder)) {
    try {
      process.kill(pid, "SIGINT"); // PostgreSQL: fast shutdown
    } catch {
      continue; // the file outlived it
    }
    if (!(await untilGone(pid))) process.kill(pid, "SIGKILL");
  }
}

/** Where root may not put the cluster inside of the data folder it is elsewhere, and a file says where. */
function removeElsewhere(dataFolder: string): void {
  const cluster = existsSync(dataFolder) ? clusterOf(dataFolder) : dataFolder;
  if (path.dirname(cluster) !== dataFolder && cluster !== dataFolder)
    rmSync(path.dirname(cluster), { recursive: true, force: true });
}
