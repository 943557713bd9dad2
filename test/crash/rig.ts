import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LabMode } from "../../src/lab/index.ts";
import type { SinkPlace, SinkReport } from "./sink.ts";
import type { VictimOrders, VictimReady } from "./victim.ts";

/** A provider in a process of its own. */
export type Sink = SinkPlace & {
  mode(mode: LabMode): Promise<void>;
  report(): Promise<SinkReport>;
};
/** Postern in a process of its own. */
export type Node = {
  child: ChildProcess;
  smtp: number;
  http: number;
  exited: Promise<unknown>;
  /** Lines of its log so far: errors, and with VICTIM_LOG in the environment warnings and news too. */
  log(): string[];
};

export type Rig = {
  folder: string;
  sink(silentShare?: number): Promise<Sink>;
  /** Writes the configuration (see `configuration`) and gives its file. */
  configure(text: string): string;
  /** @throws Error when the process ends before it is ready. */
  start(file: string, orders?: Partial<VictimOrders>): Promise<Node>;
  /** Stops every process and removes the folder. */
  end(): Promise<void>;
};

/** Real processes around one scenario: none of them outlives it. */
export function newRig(environment: Record<string, string> = {}): Rig {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-rig-"));
  chmodSync(folder, 0o755); // started by root, the database runs as a user that must get in
  const sinks: ChildProcess[] = [];
  const nodes = new Set<Node>();
  return {
    folder,
    async sink(silentShare = 0) {
      const child = fork(path.join(import.meta.dirname, "sink.ts"), [String(silentShare)]);
      sinks.push(child);
      const [place] = (await once(child, "message")) as [SinkPlace];
      const get = async (where: string): Promise<unknown> =>
        (await fetch(`http://127.0.0.1:${place.http}${where}`)).json();
      return {
        ...place,
        mode: async (mode) => void (await get(`/mode?is=${mode}`)),
        report: () => get("/") as Promise<SinkReport>,
      };
    },
    configure(text) {
      const file = path.join(folder, "postern.yaml");
      writeFileSync(file, text);
      return file;
    },
    async start(file, orders = {}) {
      const all: VictimOrders = { file, dieAt: null, acknowledgesEarly: false, ...orders };
      const env = { ...process.env, RIG_KEY: "ab".repeat(32), ...environment, VICTIM: JSON.stringify(all) };
      const child = fork(path.join(import.meta.dirname, "victim.ts"), {
        env,
        stdio: ["ignore", "inherit", "pipe", "ipc"],
      });
      let written = "";
      child.stderr!.on("data", (chunk: Buffer) => {
        written += chunk.toString();
        if (!("VICTIM_LOG" in env)) process.stderr.write(chunk);
      });
      const exited = once(child, "exit");
      const ready = await Promise.race([once(child, "message"), exited.then(() => null)]);
      if (!ready) throw new Error(`Postern ended before it was ready. ${written}`);
      const node = { child, exited, log: () => written.split("\n"), ...(ready[0] as VictimReady) };
      nodes.add(node);
      return node;
    },
    async end() {
      for (const node of nodes)
        if (node.child.exitCode === null && node.child.signalCode === null) node.child.kill("SIGTERM");
      for (const node of nodes) await node.exited;
      for (const sink of sinks) sink.disconnect();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One tenant without log-in, one C2 stream, two providers at the given sinks. `more` is added as it is. */
export function configuration(
  sinks: readonly [SinkPlace, SinkPlace],
  {
    database = true,
    activity = true,
    more = "",
    standbyShare = 0.2,
    data = "./data",
    apiKey = false,
  }: {
    database?: boolean;
    activity?: boolean;
    more?: string;
    standbyShare?: number;
    data?: string;
    /** The credential may come by HTTP too, with the key in RIG_API_KEY. */
    apiKey?: boolean;
  } = {},
): string {
  const provider = (name: string, sink: SinkPlace): string =>
    `  - { name: ${name}, kind: smtp, ownerGroup: ${name}, host: 127.0.0.1, port: ${sink.smtp}, tls: none, dataEndTimeout: 1s` +
    `${activity ? `, activityUrl: "http://127.0.0.1:${sink.http}/activity"` : ""} }`;
  return `
listen: { smtp: 127.0.0.1:0, http: 127.0.0.1:0 }
data: ${data}
${database ? "database: { url: env:RIG_DATABASE }" : ""}
bodyKey: env:RIG_KEY
tenants:
  - name: crash
    domains: [crash.test]
    credentials: [{ name: load, networks: [127.0.0.1/32]${apiKey ? ", apiKey: env:RIG_API_KEY" : ""} }]
    streams: [{ name: alerts, class: C2 }]
    routes: { default: { prefer: [one], standby: [two], standbyShare: ${standbyShare} } }
providers:
${provider("one", sinks[0])}
${provider("two", sinks[1])}
${more}
`;
}
