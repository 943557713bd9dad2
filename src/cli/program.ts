import { readFileSync } from "node:fs";
import path from "node:path";
import { Command, CommanderError } from "commander";
import { addAdopt } from "./adopt/index.ts";
import { addAlerts } from "./alerts/index.ts";
import { addBench } from "./bench.ts";
import { addCalibrate } from "./calibrate/index.ts";
import { addDoctor } from "./doctor/index.ts";
import { addCanary } from "./canary/index.ts";
import { addDrill } from "./drill/index.ts";
import { failureOf } from "./failure.ts";
import { addInspect } from "./inspect/index.ts";
import { addLab } from "./lab/index.ts";
import { addMigrate } from "./migrate.ts";
import { addProvider } from "./provider/index.ts";
import { addRedrive } from "./redrive/index.ts";
import { addQueue } from "./queue/index.ts";
import { addRehearse } from "./rehearse/index.ts";
import { actIn } from "./run.ts";
import { addSend } from "./send/index.ts";
import { addServe } from "./serve.ts";
import { addSlo } from "./slo/index.ts";
import { addWebhooks } from "./webhooks.ts";
import { addTemplate } from "./template/index.ts";
import { EXIT, type World, print } from "./world.ts";

const EXAMPLES = `
Examples:
  postern serve                          start; without a configuration: the lab
  postern doctor                         what is wrong here, and what to do
  postern send letter.eml --wait         send a message and follow it to its end
  postern queue list --state held        what waits for a decision
  postern queue show ID                  the whole story of one message
  postern provider show mandrill         how a provider stands, and why
  postern adopt mandrill                 bring along an account at a provider
  postern lab fault mandrill suspended   make a provider of the lab fail

The configuration is the file given with --config, else that of POSTERN_CONFIG, else ./postern.yaml.
Without one Postern runs as a lab on loopback: nothing leaves the machine.`;

/** The command line. @returns the exit code; prints whatever went wrong. */
export async function runPostern(words: readonly string[], world: World): Promise<number> {
  let code: number = EXIT.fine;
  const program = new Command("postern")
    .description("A mail gateway that keeps the mail flowing your customers depend on.")
    .version(`postern ${version()} (Node.js ${process.version})`, "-V, --version", "print the version")
    .option("-c, --config <file>", "the configuration to use")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", EXAMPLES)
    .showHelpAfterError("(postern --help lists the commands; postern help COMMAND explains one)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.out.write(text),
      writeErr: (text) => world.err.write(text),
      getOutHelpWidth: () => Math.min(world.out.columns, 100),
      getErrHelpWidth: () => Math.min(world.err.columns, 100),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  const act = actIn(world, (ended) => {
    code = ended;
  });
  for (const add of [
    addServe,
    addMigrate,
    addDoctor,
    addQueue,
    addProvider,
    addSlo,
    addCanary,
    addAlerts,
    addSend,
    addInspect,
    addTemplate,
    addAdopt,
    addWebhooks,
    addDrill,
    addRedrive,
    addCalibrate,
    addLab,
    addBench,
    addRehearse,
  ])
    add(program, act);
  try {
    await program.parseAsync(helpWords(words), { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.mistaken;
    const failure = failureOf(error, world);
    print(world.err, failure.text);
    return failure.code;
  }
}

/** `help queue release` as `queue release --help`: commander itself looks one command deep. */
const helpWords = (words: readonly string[]): string[] =>
  words[0] === "help" ? [...words.slice(1), "--help"] : [...words];

function version(): string {
  const file = path.join(import.meta.dirname, "../../package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
