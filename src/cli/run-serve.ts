import { type App, startApp } from "../app.ts";
import { type Settings, labCredentials, warningsOf } from "../config/index.ts";
import { noFailpoint } from "../kernel/index.ts";
import { logLevel } from "./command-log.ts";
import { endOnSignal } from "./end-on-signal.ts";
import { firstRunText } from "./first-run.ts";
import { type Logger, createLogger } from "./logger.ts";
import { noPaint, paintFor } from "./paint.ts";
import { portProblem } from "./port-problem.ts";
import { startSummary } from "./start-summary.ts";
import { EXIT, type World, print, textWidth } from "./world.ts";

/** Runs Postern until it is told to end. @returns the exit code. @throws Problem of startApp and of portProblem. */
export async function serve(settings: Settings, world: World): Promise<number> {
  const { clock, random, out } = world;
  const log = createLogger({
    level: logLevel(world, "info"),
    pretty: out.isTerminal,
    destination: out.descriptor,
    clock,
  });
  const ending = endOnSignal(world, () => log.flush());
  try {
    const app = await startApp({ settings, clock, random, log, failpoint: noFailpoint });
    if (!ending.asked) announce({ app, settings, log, world });
    const signal = await ending.signal;
    log.info("process.stopping", { signal });
    await app.stop();
    log.info("process.stopped");
    return EXIT.fine;
  } catch (error) {
    throw portProblem(error, settings) ?? error;
  } finally {
    log.flush();
  }
}

/** What a person sees first; where the log goes to a collector instead, the same as log lines. */
function announce({ app, settings, log, world }: { app: App; settings: Settings; log: Logger; world: World }): void {
  const { out, environment } = world;
  if (!out.isTerminal) {
    for (const { path, sentence } of warningsOf(settings))
      log.warn("configuration.warned", { setting: path, sentence });
    log.info("process.started", {
      smtp: addressText(app.smtp),
      smtps: addressText(app.smtps),
      http: addressText(app.http),
      providers: settings.providers.length,
      tenants: settings.tenants.length,
      database: settings.database.kind,
    });
  }
  log.flush();
  if (settings.lab) print(out, firstRun(app, settings, world));
  else if (out.isTerminal)
    print(out, startSummary(app, settings, { paint: paintFor(true, environment), width: textWidth(out) }));
}

function firstRun({ http, smtp }: App, settings: Settings, { out, environment, random }: World): string {
  if (smtp === null) throw new Error("the lab opens the SMTP door");
  const credentials = labCredentials(settings.dataFolder, random);
  const color = paintFor(out.isTerminal, environment) !== noPaint;
  return firstRunText({ http, smtp, credentials, color, width: textWidth(out) });
}

const addressText = (address: App["smtp"]): string | null => (address ? `${address.host}:${address.port}` : null);
