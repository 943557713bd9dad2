import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type MailSystem, type Place, type RunningSystem, freePort, startProcess, untilGreets } from "./system.ts";

/**
 * Haraka's durable outbound queue (each message synchronised before its 250), on the Node.js that runs this bench,
 * with one process or with a cluster. Its reverse look-ups are answered at once: a machine without DNS would otherwise
 * be measured by its resolver's time-outs.
 * @param home a folder where `npm install Haraka` was run, or Haraka's own; null: not given.
 */
export function haraka(home: string | null, processes: number): MailSystem {
  return {
    name: `haraka${processes}`,
    family: "haraka",
    title: `Haraka, ${processes} ${processes === 1 ? "process" : "processes"}`,
    missing: () =>
      programOf(home) === null
        ? "not installed: run `npm install Haraka@3.3.4` in a folder outside of this project, and name the folder with --haraka PATH or HARAKA_HOME"
        : null,
    start: (place) => startHaraka(programOf(home)!, processes, place),
  };
}

function programOf(home: string | null): string | null {
  if (home === null) return null;
  const places = [home, path.join(home, "node_modules/Haraka")];
  return places.find((place) => existsSync(path.join(place, "haraka.js"))) ?? null;
}

const DELIVERIES_AT_ONCE = 100;

async function startHaraka(program: string, processes: number, place: Place): Promise<RunningSystem> {
  const { folder, sinkPort, undo } = place;
  const port = await freePort();
  const file = (name: string, text: string): void => {
    mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  mkdirSync(path.join(folder, "queue"), { recursive: true });
  file("config/smtp.ini", `[main]\nlisten=127.0.0.1:${port}\n${processes === 1 ? "" : `nodes=${processes}\n`}`);
  file("config/plugins", "bench_relay\nbench_route\n");
  file("config/outbound.ini", `local_mx_ok=true\nconcurrency_max=${DELIVERIES_AT_ONCE}\nenable_tls=false\n`);
  file("config/log.ini", "[main]\nlevel=WARN\n");
  file("config/me", "haraka.bench.test\n");
  file("config/databytes", "104857600\n");
  copyFileSync(path.join(program, "config/connection.ini"), path.join(folder, "config/connection.ini"));
  file("plugins/bench_relay.js", RELAY_PLUGIN);
  file("plugins/bench_route.js", routePlugin(sinkPort));
  file("no-reverse-dns.cjs", NO_REVERSE_DNS);

  const logFile = path.join(folder, "log");
  const environment = {
    PATH: `${path.dirname(process.execPath)}:${process.env["PATH"]}`,
    HOME: process.env["HOME"],
    HARAKA: folder,
    NODE_OPTIONS: `--require ${path.join(folder, "no-reverse-dns.cjs")}`,
  };
  const own = startProcess([process.execPath, path.join(program, "haraka.js")], logFile, environment, undo);
  await untilGreets(port, () => own.ended, logFile);
  const { version } = JSON.parse(readFileSync(path.join(program, "package.json"), "utf8")) as { version: string };
  return { port, version, roots: () => [own.pid] };
}

const RELAY_PLUGIN = `exports.register = function () {
  this.register_hook('connect', 'may_relay');
  this.register_hook('rcpt', 'take');
};
exports.may_relay = (next, connection) => { connection.relaying = true; next(); };
exports.take = (next) => next(OK);
`;

const routePlugin = (sinkPort: number): string => `exports.register = function () {
  this.register_hook('get_mx', 'route');
};
exports.route = (next) => next(OK, { priority: 0, exchange: '127.0.0.1', port: ${sinkPort} });
`;

const NO_REVERSE_DNS = `const dns = require('node:dns');
const none = () => Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' });
dns.reverse = (ip, answer) => setImmediate(answer, none(), []);
dns.promises.reverse = async () => { throw none(); };
`;
