import type { EndSignal } from "./cli/index.ts";

/**
 * Entry of the program; with config/ the only reader of the environment. Everything else is loaded only once the
 * Node.js that runs this is known to be new enough, so that an old one gives a sentence instead of a stack trace.
 */
const LEAST_NODE = 24;

if (Number(process.versions.node.split(".")[0]) < LEAST_NODE) {
  process.stderr.write(
    `Postern needs Node.js ${LEAST_NODE}; this is ${process.version} (${process.execPath}).\n` +
      "`npm ci` installs the right one beside Postern: start with `npm start`, `npm run -s postern -- <command>` or bin/postern, which use it.\n",
  );
  process.exit(1);
}

const { END_SIGNALS, runPostern } = await import("./cli/index.ts");
const { systemClock, systemRandom } = await import("./kernel/index.ts");

// `postern queue list | head` closes the pipe early; that is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const screen = (stream: NodeJS.WriteStream & { fd: number }) => ({
  write: (text: string) => void stream.write(text),
  descriptor: stream.fd,
  isTerminal: stream.isTTY === true,
  get columns() {
    return stream.isTTY ? stream.columns || 80 : Number.POSITIVE_INFINITY;
  },
});

const code = await runPostern(process.argv.slice(2), {
  environment: process.env,
  cwd: process.cwd(),
  clock: systemClock,
  random: systemRandom,
  out: screen(process.stdout),
  err: screen(process.stderr),
  input: process.stdin,
  onSignal(handler) {
    for (const signal of Object.keys(END_SIGNALS) as EndSignal[]) process.on(signal, handler);
  },
  exitNow: (exitCode) => process.exit(exitCode),
});
process.exit(code);
