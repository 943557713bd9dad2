import { mkdirSync } from "node:fs";
import {
  type CompatParts,
  type Door,
  Intake,
  acceptPort,
  registerMailgun,
  registerMandrill,
  registerPostmark,
  registerResend,
  registerSendGrid,
  registerSes,
  startHttpDoor,
  startSmtpDoor,
} from "./accept/index.ts";
import { Canaries, canaryTenant, sweepCanaries } from "./canary/index.ts";
import { type Address, type ProviderSettings, type Settings, openBodyKey } from "./config/index.ts";
import { Drills, Withdrawals, withDrills } from "./drill/index.ts";
import { AttemptIds, Desk, Handoff, PaceBoard, WriteDown, startNodeLife } from "./handoff/index.ts";
import { Alerts, alertsTenant, listAlerts, sweepAlerts } from "./alerts/index.ts";
import { type Clock, Ending, type Failpoint, type Log, type Random, type SpoolId, newNodeId } from "./kernel/index.ts";
import type { State } from "./judge/index.ts";
import { type Lab, type LabRehearsal, startLab } from "./lab/index.ts";
import { LeafMaker } from "./ledger/index.ts";
import { type ReadinessCheck, createExporter, registerHealth } from "./metrics/index.ts";
import { createEgress, startNotifier, sweepDeliveries } from "./notify/index.ts";
import { NOTICES_PATH, Observer, registerNotices, sweepNotices } from "./observe/index.ts";
import { type Provider, createProvider } from "./providers/index.ts";
import { Redrive, type ResponsePorts, Respond } from "./respond/index.ts";
import { Objectives, sweepCounts } from "./slo/index.ts";
import {
  Sealer,
  Spool,
  checkBodyKey,
  forgetOtherNodes,
  queueActs,
  startHousekeeping,
  storyReader,
  sweepRedrive,
} from "./spool/index.ts";
import { StandingBoard } from "./standing/index.ts";
import { type Database, RowWatch, connectDatabase, migrate, startEmbedded } from "./store/index.ts";
import { credentialsOf, suppressionExceptions, suppressionList, tenantsOf } from "./tenancy/index.ts";
import { templateRows, templateStore } from "./templates/index.ts";

export type AppParts = {
  settings: Settings;
  clock: Clock;
  random: Random;
  log: Log;
  failpoint: Failpoint;
  /** Signing certificates of an Amazon that is not the real one; for tests. */
  snsCertificate?: (url: string) => string | null;
  rehearsal?: Rehearsal;
};

/** What a rehearsal on a virtual clock puts in place of the world: all else is the program as it always runs. */
export type Rehearsal = {
  database: Database;
  lab: LabRehearsal;
  /** How a provider is reached from here. */
  reach(provider: Provider): Provider;
};

/** The running program. Ports asked for as 0 show here as the ones that were given. */
export type App = {
  smtp: Address | null;
  smtps: Address | null;
  http: Address;
  /** Refuses new work, ends what is on its way (at most 10 s), closes everything. */
  stop(): Promise<void>;
};

/** A door closes its idle clients at once and gives those in the middle of a message this long. */
const DOOR_GRACE_MS = 2_000;

/** Builds every part by hand and starts it, in the order mail meets them backwards: nothing is taken before it can be kept. */
export async function startApp(parts: AppParts): Promise<App> {
  const ending = new Ending();
  try {
    return await build(parts, ending);
  } catch (error) {
    await ending.run();
    throw error;
  }
}

async function build(parts: AppParts, ending: Ending): Promise<App> {
  const { settings, clock, random, log, failpoint } = parts;
  const { limits, hostname } = settings;
  mkdirSync(settings.dataFolder, { recursive: true }); // its disk is watched even when the database is elsewhere
  const masterKey = openBodyKey(settings.bodyKey, random);
  const node = newNodeId(clock, random);
  const exporter = createExporter();
  const { metrics } = exporter;

  // The data first: a second start on it then says who holds it, not which of the ports is in use.
  const { rehearsal } = parts;
  const { database, folders } = rehearsal
    ? { database: rehearsal.database, folders: [settings.dataFolder] }
    : await openDatabase(settings, { clock, random, log }, ending);
  const inLab = rehearsal ? { rehearsal: rehearsal.lab } : {};
  const lab = settings.lab ? await startLab({ providers: settings.providers, clock, random, log, ...inLab }) : null;
  if (lab) ending.add(() => lab.stop());
  const providers = lab?.providers ?? settings.providers;

  const probing = settings.canaries ? [canaryTenant(settings.tenants, settings.providers)] : [];
  const telling = alertsTenant(settings.alerts, settings.providers);
  const tenants = tenantsOf([...settings.tenants, ...probing, ...telling]);
  const leaves = new LeafMaker(masterKey);
  const sealer = new Sealer(masterKey, random);
  const attemptIds = new AttemptIds(masterKey);
  await checkBodyKey(database, sealer);
  const webhooks: { wakeSoon: () => void } = { wakeSoon: () => {} };
  const spool = new Spool({ node, database, failpoint, onEvents: () => webhooks.wakeSoon() });
  const life = await startNodeLife({ node, label: `${hostname} ${process.pid}`, database, clock, log, metrics });
  ending.add(() => life.stop());
  const housekeeping = startHousekeeping({
    database,
    retention: settings.retention,
    sweeps: [sweepDeliveries, sweepNotices, sweepAlerts, sweepRedrive, sweepCanaries, sweepCounts],
    onCounts: (counts) => metrics.queue(counts),
    clock,
    log,
  });
  ending.add(() => housekeeping.stop());

  const watch = new RowWatch({ database, clock, log });
  const board = new StandingBoard({ database, watch });
  const withdrawals = new Withdrawals({ database, watch, clock });
  const paces = new PaceBoard({ database, watch, standings: board, clock, random });
  await watch.start();
  ending.add(() => watch.stop());
  const desks = new Map<string, Desk>();
  const writeDown = new WriteDown({ spool, clock, log });
  const handoff = new Handoff({
    spool,
    sealer,
    leaves,
    attemptIds,
    desks,
    tenants,
    life,
    paces,
    writeDown,
    inFlightBytes: limits.handoffInFlightBytes,
    bodyMs: settings.retention.bodyMs,
    isDatabaseUp: () => database.isUp,
    clock,
    random,
    log,
    metrics,
    failpoint,
  });
  const intake = new Intake({
    limits,
    folders,
    isDatabaseUp: () => database.isUp,
    queueRows: () => housekeeping.queueRows(),
    clock,
    log,
    metrics,
  });
  ending.add(() => intake.stop());
  await intake.look();
  const port = acceptPort({
    hostname,
    limits,
    idempotencyMs: settings.retention.idempotencyMs,
    tenants,
    credentials: credentialsOf(settings.tenants),
    intake,
    spool,
    sealer,
    leaves,
    handoff,
    clock,
    random,
    log,
    metrics,
  });
  const notifier = startNotifier({ database, tenants: settings.tenants, clock, random, log, metrics, node });
  ending.add(() => notifier.stop());
  webhooks.wakeSoon = () => notifier.wakeSoon();
  const egress = createEgress({ clock });
  const observer = new Observer({
    providers,
    publicUrl: settings.listen.publicUrl,
    database,
    tenants,
    leaves,
    attemptIdOf: (spoolId, provider, n) => attemptIds.of(spoolId as SpoolId, provider, n),
    bodyMs: settings.retention.bodyMs,
    onEvents: () => notifier.wakeSoon(),
    fetch: async (url) => {
      const answer = await egress.get(url);
      return answer.kind === "answered" ? answer : null;
    },
    certificate: (url) => lab?.certificate(url) ?? null,
    ...(parts.snsCertificate ? { certificate: parts.snsCertificate } : {}),
    clock,
    random,
    log,
    metrics,
    failpoint,
  });
  ending.add(async () => {
    egress.close();
    await observer.close();
  });

  const wantsEvent = (tenant: string, kind: string): boolean => tenants.find(tenant)?.wantsEvent(kind) ?? false;
  const readiness = (): ReadinessCheck[] => {
    const refusal = intake.refusal();
    return [{ name: "intake", ok: refusal === null, reason: refusal?.publicMessage ?? null }];
  };
  const objectives = new Objectives({ settings, providers, database, clock, log, metrics });
  ending.add(() => objectives.stop());
  const asDoors: CompatParts = {
    limits,
    port,
    stories: storyReader(database.questions, clock),
    acts: queueActs({
      database,
      clock,
      leafOf: (act) => leaves.act(act),
      wantsEvent,
      scheduleAheadMs: limits.scheduleAheadMs,
    }),
    suppressions: suppressionList(database, { most: limits.suppressionsPerTenant, clock }),
    exceptions: suppressionExceptions(database),
    publicUrl: settings.listen.publicUrl,
    templates: templateStore({ rows: templateRows(database), clock, random }),
    tenants,
    clock,
    random,
    log,
    metrics,
  };
  const http = await startHttpDoor({
    ...asDoors,
    assurance: (tenant) => objectives.assurance(tenant),
    hostname,
    address: settings.listen.http,
    extras: [
      (server) => registerHealth(server, { exporter, readiness }),
      (server) => registerNotices(server, observer),
      (server) => registerMandrill(server, asDoors),
      (server) => registerMailgun(server, asDoors),
      (server) => registerPostmark(server, asDoors),
      (server) => registerResend(server, asDoors),
      (server) => registerSendGrid(server, asDoors),
      (server) => registerSes(server, asDoors),
      ...(lab ? [(server: Parameters<Lab["register"]>[0]) => lab.register(server)] : []),
    ],
  });
  const doors: Door[] = [http];
  lab?.noticesTo((name) => `http://127.0.0.1:${http.address.port}${NOTICES_PATH}/${name}`);

  const forDesks = { clock, log, metrics, verdicts: withDrills(board, withdrawals) };
  for (const one of labAware(providers, http.address)) {
    const provider = createProvider(one, { clock, log, hostname });
    desks.set(one.name, new Desk(rehearsal?.reach(provider) ?? provider, one.bounds, forDesks));
  }
  handoff.start();

  const smtpDoor = async (address: Address | null, implicitTls: boolean): Promise<Address | null> => {
    if (!address) return null;
    const { tls, allowPlaintextAuth } = settings.listen;
    const door = await startSmtpDoor({
      hostname,
      address,
      implicitTls,
      tls,
      allowPlaintextAuth,
      limits,
      port,
      clock,
      random,
      log,
      metrics,
    });
    doors.push(door);
    return door.address;
  };
  ending.add(async () => {
    // Who is in the middle of a message may end it: the doors close before intake does.
    await Promise.all(doors.map((door) => door.stop(DOOR_GRACE_MS)));
    intake.close();
    await handoff.stop();
    await Promise.all([...desks.values()].map((desk) => desk.provider.close()));
  });
  /** What the judge's verdicts set in motion; each room that answers them puts itself here. */
  const responses: ResponsePorts = {};
  const alerts = new Alerts({ settings, database, port, clock, random, log, metrics });
  ending.add(() => alerts.stop());
  responses.alerts = alerts;
  lab?.showAlerts(() => listAlerts(database, "all"));
  const stateOf = (provider: string): State => board.standing(provider)?.state ?? "HEALTHY";
  responses.objectives = objectives;
  responses.drills = new Drills({ database, leaves, stateOf, burn: () => objectives.burn(), clock, log });
  if (settings.canaries) {
    const canaries = new Canaries({
      settings: settings.canaries,
      hostname,
      masterKey,
      tenants: settings.tenants,
      providers: settings.providers,
      port,
      templates: asDoors.templates,
      standing: stateOf,
      database,
      askDns: lab?.askDns ?? null,
      clock,
      random,
      log,
      metrics,
    });
    await canaries.start();
    ending.add(() => canaries.stop());
    for (const { domain, address } of canaries.receivers) lab?.deliverTo(domain, address);
    responses.canaries = canaries;
  }
  const byName = new Map([...desks].map(([name, desk]) => [name, desk.provider]));
  const attemptIdOf = (spoolId: string, provider: string, n: number) => attemptIds.of(spoolId as SpoolId, provider, n);
  const redrive = new Redrive({
    database,
    routes: settings.tenants.flatMap((tenant) =>
      tenant.streams.map(({ name }) => ({
        tenant: tenant.name,
        stream: name,
        route: tenants.find(tenant.name)!.routeOf(name),
      })),
    ),
    providers: byName,
    tenants,
    leaves,
    attemptIdOf,
    alerts,
    onEvents: () => notifier.wakeSoon(),
    clock,
    log,
    metrics,
  });
  ending.add(() => redrive.stop());
  responses.redrive = redrive;
  const respond = new Respond({
    database,
    board,
    providers: byName,
    leaves,
    attemptIdOf,
    hasReceivers: settings.canaries?.receivers.some(({ kind }) => kind === "mx") ?? false,
    logSink: (provider, events) => observer.takeLog(provider, events),
    ports: () => responses,
    clock,
    log,
    metrics,
  });
  respond.start();
  lab?.showAssurance(async () => ({ assurance: await objectives.assurance(null), silence: respond.silence }));
  ending.add(() => respond.stop());
  const smtp = await smtpDoor(settings.listen.smtp, false);
  const smtps = await smtpDoor(settings.listen.smtps, true);
  return { smtp, smtps, http: http.address, stop: () => ending.run() };
}

/** Port 0 in a lab provider's activity address stands for the HTTP door's own. */
const labAware = (providers: readonly ProviderSettings[], http: Address): ProviderSettings[] =>
  providers.map((one) =>
    one.kind === "smtp" && one.activityUrl?.startsWith("http://127.0.0.1:0/")
      ? { ...one, activityUrl: one.activityUrl.replace(":0/", `:${http.port}/`) }
      : one,
  );

async function openDatabase(
  settings: Settings,
  { clock, random, log }: { clock: Clock; random: Random; log: Log },
  ending: Ending,
): Promise<{ database: Database; /** Whose disks must not run full. */ folders: string[] }> {
  const { dataFolder, limits } = settings;
  if (settings.database.kind === "server") {
    const database = connectDatabase({ target: { connectionString: settings.database.url.reveal() }, clock, log });
    ending.add(() => database.close());
    await migrate(database, log);
    return { database, folders: [dataFolder] };
  }
  const ballast = { bytes: limits.ballastBytes, intakeStopsBelow: limits.diskFreeBytes };
  const server = await startEmbedded({ dataFolder, clock, random, log, ballast });
  ending.add(() => server.stop());
  const database = connectDatabase({ target: server.target, clock, log });
  ending.add(() => database.close());
  await migrate(database, log);
  await forgetOtherNodes(database); // the data folder has one holder, and that is us
  return { database, folders: [dataFolder, server.folder] };
}
