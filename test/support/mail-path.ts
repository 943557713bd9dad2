import { Intake, acceptPort } from "../../src/accept/index.ts";
import type { AcceptPort, Submission } from "../../src/accept/index.ts";
import { DEFAULT_LIMITS, DEFAULT_RETENTION, type RouteSettings, type TenantSettings } from "../../src/config/index.ts";
import {
  AttemptIds,
  Desk,
  Handoff,
  type HandoffParts,
  type Verdicts,
  WriteDown,
  startNodeLife,
} from "../../src/handoff/index.ts";
import {
  type Clock,
  type Failpoint,
  type Random,
  Secret,
  newNodeId,
  noFailpoint,
  silentLog,
  systemClock,
  systemRandom,
} from "../../src/kernel/index.ts";
import { LeafMaker } from "../../src/ledger/index.ts";
import { type MessageClass, type Outcome, parseMailbox } from "../../src/mail/index.ts";
import { silentMetrics } from "../../src/metrics/index.ts";
import type { Handoff as HandoffCall, LookupAnswer, Provider } from "../../src/providers/index.ts";
import { Sealer, Spool, queueActs, storyReader } from "../../src/spool/index.ts";
import type { Database } from "../../src/store/index.ts";
import { credentialsOf, tenantsOf } from "../../src/tenancy/index.ts";

/** A provider whose answers a test gives; remembers what reached it. */
export type FakeProvider = Provider & {
  calls: HandoffCall[];
  answer: (call: HandoffCall) => Outcome[] | Promise<Outcome[]>;
};

export const outcome = (kind: Outcome["kind"], scope: Outcome["scope"] = "message", cause: string = kind): Outcome => ({
  kind,
  scope,
  cause,
});

export function fakeProvider(name: string, options: { lookup?: (id: string) => LookupAnswer } = {}): FakeProvider {
  const { lookup } = options;
  const provider: FakeProvider = {
    name,
    kind: "fake",
    ownerGroup: name,
    capabilities: { lookup: lookup !== undefined, smtputf8: "yes", maxRecipients: 100 },
    calls: [],
    answer: (call) => call.envelope.recipients.map(() => outcome("accepted")),
    async handOff(call) {
      provider.calls.push(call);
      return { recipients: await provider.answer(call) };
    },
    ...(lookup ? { lookup: (id: string) => Promise.resolve(lookup(id)) } : {}),
    close: () => Promise.resolve(),
  };
  return provider;
}

export const TEST_ROUTE: RouteSettings = {
  prefer: ["harbour"],
  standby: ["lantern"],
  standbyShare: 0,
  weights: null,
  avoidOwnerGroups: [],
};

export const TEST_TENANT: TenantSettings = {
  name: "acme",
  domains: ["acme.test"],
  credentials: [
    {
      name: "app",
      username: "app",
      password: new Secret("a-long-password"),
      apiKey: new Secret("key_0123456789abcdef"),
      aws: null,
      networks: [],
      stream: null,
    },
  ],
  streams: [
    { name: "alerts", class: "C2", ttlMs: null },
    { name: "security", class: "C0", ttlMs: null },
    { name: "notices", class: "C1", ttlMs: null },
    { name: "receipts", class: "C3", ttlMs: null },
    { name: "news", class: "C4", ttlMs: null },
  ],
  defaultStream: "alerts",
  routes: { default: TEST_ROUTE },
  webhooks: [],
  suppress: [],
};

export type MailPathOptions = {
  tenant?: TenantSettings;
  failpoint?: Failpoint;
  /** Bounds of every provider. */
  concurrency?: number;
  ratePerS?: number | null;
  inFlightBytes?: number;
  clock?: Clock;
  /** What the desks see of the time; the same clock unless given. */
  deskClock?: Clock;
  /** Draws who gets what, not keys: those are always the system's. */
  random?: Random;
  bodyMs?: Record<MessageClass, number>;
  /** What verdicts say of providers. */
  verdicts?: Verdicts;
  paces?: HandoffParts["paces"];
};

/** Every text goes with the end of its message. */
export const NOTHING_KEPT: Record<MessageClass, number> = { C0: 0, C1: 0, C2: 0, C3: 0, C4: 0 };

export type MailPath = Awaited<ReturnType<typeof startMailPath>>;

/** Everything between the doors and the wire, for real, on a real database: only the providers are the test's own. */
export async function startMailPath(database: Database, providers: Provider[], options: MailPathOptions = {}) {
  const { tenant = TEST_TENANT, failpoint = noFailpoint, concurrency = 10, ratePerS = null } = options;
  const { clock = systemClock, random = systemRandom, bodyMs = DEFAULT_RETENTION.bodyMs } = options;
  const shared = { clock, random, log: silentLog, metrics: silentMetrics };
  const masterKey = Buffer.alloc(32, 7);
  const node = newNodeId(systemClock, systemRandom);
  const tenants = tenantsOf([tenant]);
  const leaves = new LeafMaker(masterKey);
  const sealer = new Sealer(masterKey, systemRandom);
  const spool = new Spool({ node, database, failpoint });
  const life = await startNodeLife({ ...shared, node, label: "test", database });
  const { verdicts, paces } = options;
  const forDesks = { ...shared, clock: options.deskClock ?? clock, ...(verdicts ? { verdicts } : {}) };
  const desks = new Map(providers.map((one) => [one.name, new Desk(one, { concurrency, ratePerS }, forDesks)]));
  const handoff = new Handoff({
    ...shared,
    spool,
    sealer,
    leaves,
    attemptIds: new AttemptIds(masterKey),
    desks,
    tenants,
    life,
    writeDown: new WriteDown({ ...shared, spool }),
    inFlightBytes: options.inFlightBytes ?? DEFAULT_LIMITS.handoffInFlightBytes,
    isDatabaseUp: () => database.isUp,
    bodyMs,
    failpoint,
    ...(paces ? { paces } : {}),
  });
  const intake = new Intake({
    ...shared,
    limits: DEFAULT_LIMITS,
    folders: ["/"],
    isDatabaseUp: () => database.isUp,
    queueRows: () => 0,
  });
  const port: AcceptPort = acceptPort({
    ...shared,
    hostname: "postern.test",
    limits: DEFAULT_LIMITS,
    idempotencyMs: 72 * 3_600_000,
    tenants,
    credentials: credentialsOf([tenant]),
    intake,
    spool,
    sealer,
    leaves,
    handoff,
  });
  handoff.start();
  return {
    port,
    handoff,
    node,
    desks,
    stories: storyReader(database, clock),
    acts: queueActs({
      database,
      clock,
      leafOf: (act) => leaves.act(act),
      scheduleAheadMs: DEFAULT_LIMITS.scheduleAheadMs,
      wantsEvent: (name, kind) => tenants.find(name)?.wantsEvent(kind) ?? false,
    }),
    async stop() {
      intake.close();
      await intake.stop();
      await handoff.stop();
      await life.stop();
    },
  };
}

export function submission(
  change: { stream?: string; to?: string[]; raw?: string; from?: string; key?: string } = {},
): Submission {
  const { stream, to = ["bob@example.net"], from = "app@acme.test", key } = change;
  const raw = change.raw ?? `From: ${from}\r\nTo: ${to.join(", ")}\r\nSubject: hello\r\n\r\nHello there\r\n`;
  return {
    submitter: { tenant: "acme", credential: "app" },
    door: "smtp",
    stream,
    envelope: {
      returnPath: parseMailbox(from),
      recipients: to.map((address) => ({ mailbox: parseMailbox(address)!, dsn: {} })),
      dsn: {},
      needsSmtputf8: false,
      needs8bit: false,
    },
    raw: Buffer.from(raw),
    ...(key === undefined ? {} : { idempotency: { key, bodyHash: Buffer.from(raw) } }),
  };
}
