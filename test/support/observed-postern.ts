import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type App, startApp } from "../../src/app.ts";
import {
  type AlertSettings,
  API_KINDS,
  type ApiKind,
  type ApiProviderSettings,
  DEFAULT_LIMITS,
  DEFAULT_RETENTION,
  NO_ALERTS,
  type Settings,
  type SmtpProviderSettings,
  type TenantSettings,
} from "../../src/config/index.ts";
import {
  type Failpoint,
  type Log,
  noFailpoint,
  Secret,
  silentLog,
  systemClock,
  systemRandom,
} from "../../src/kernel/index.ts";
import { type RunningTwin, startTwin } from "../../src/lab/twins/index.ts";
import { sendgridWebhookKeys } from "../../src/lab/twins/sendgrid-notice.ts";
import { SES_ACCESS_KEY_ID, SES_CONFIGURATION_SET, sesCertificate } from "../../src/lab/twins/ses.ts";
import { eventually } from "./eventually.ts";
import { TEST_TENANT } from "./mail-path.ts";
import { type FreshDatabase, freshDatabase } from "./postgres.ts";

export type Story = {
  id: string;
  state: string;
  recipients: { address: string; state: string; reason: string | null }[];
  events: { kind: string; detail: Record<string, unknown> }[];
  attempts: { n: number; outcome: string | null; provider: string }[];
};

type Options = {
  failpoint?: Failpoint;
  log?: Log;
  tenant?: Partial<TenantSettings>;
  /** Changes of each provider's settings. */
  provider?: Partial<ApiProviderSettings>;
  kinds?: readonly ApiKind[];
  /** Providers by SMTP besides, each with a stream of its name. */
  relays?: readonly SmtpProviderSettings[];
  /** Who is told of alerts; nobody unless given. */
  alerts?: AlertSettings;
};

/** The whole program on a database of its own, each vendor's twin as a provider, their notices coming to its HTTP door. */
export type ObservedPostern = {
  app: App;
  place: FreshDatabase;
  base: string;
  twin(kind: ApiKind): RunningTwin;
  /** Where a twin's notices go, and what signs them. */
  target(kind: ApiKind): { url: string; secret: string };
  send(kind: ApiKind, change?: { to?: string[]; stream?: string }): Promise<string>;
  story(id: string): Promise<Story>;
  until(id: string, isSo: (story: Story) => boolean): Promise<Story>;
  metrics(): Promise<string>;
  restart(failpoint?: Failpoint): Promise<void>;
  stop(): Promise<void>;
};

const TOPIC = "arn:aws:sns:eu-central-1:123456789012:postern";
const LOGIN = "postern:a-long-password-of-notices";
const API_KEY = "key_0123456789abcdef";

export async function startObservedPostern(options: Options = {}): Promise<ObservedPostern> {
  const kinds = options.kinds ?? API_KINDS;
  const [place, folder] = await Promise.all([freshDatabase(), mkdtemp(path.join(tmpdir(), "postern-observed-"))]);
  const twins = new Map<ApiKind, RunningTwin>();
  const parts = { clock: systemClock, log: silentLog };
  for (const kind of kinds) twins.set(kind, await startTwin(kind, { ...parts, domain: "acme.test" }));
  const sendgrid = sendgridWebhookKeys();
  const secrets: Record<ApiKind, { twin: string; ours: Partial<NonNullable<ApiProviderSettings["webhook"]>> }> = {
    mailgun: { twin: "mailgun-signing-key", ours: { key: new Secret("mailgun-signing-key") } },
    mandrill: { twin: "mandrill-webhook-key", ours: { key: new Secret("mandrill-webhook-key") } },
    postmark: { twin: LOGIN, ours: { basic: new Secret(LOGIN) } },
    resend: { twin: `whsec_${RESEND}`, ours: { key: new Secret(`whsec_${RESEND}`) } },
    sendgrid: { twin: sendgrid.secret, ours: { key: new Secret(sendgrid.publicKey) } },
    ses: { twin: TOPIC, ours: { topicArn: TOPIC } },
  };
  const providers = kinds.map((kind): ApiProviderSettings => {
    const twin = twins.get(kind)!;
    return {
      kind,
      name: kind,
      ownerGroup: kind,
      baseUrl: twin.baseUrl,
      apiKey: new Secret(twin.apiKey),
      accessKeyId: kind === "ses" ? SES_ACCESS_KEY_ID : null,
      region: kind === "ses" ? "eu-central-1" : null,
      domain: kind === "mailgun" ? twin.domain : null,
      channel: kind === "ses" ? SES_CONFIGURATION_SET : null,
      readKey: null,
      webhook: { key: null, basic: null, topicArn: null, url: null, ...secrets[kind].ours },
      bounds: { concurrency: 20, ratePerS: null },
      connections: 4,
      connectTimeoutMs: 5_000,
      replyTimeoutMs: 5_000,
      ...options.provider,
    };
  });
  const route = (kind: string) => ({
    prefer: [kind],
    standby: [],
    standbyShare: 0,
    weights: null,
    avoidOwnerGroups: [],
  });
  const relays = options.relays ?? [];
  const names: string[] = [...kinds, ...relays.map(({ name }) => name)];
  const tenant: TenantSettings = {
    ...TEST_TENANT,
    streams: [...names.map((name) => ({ name, class: "C3" as const, ttlMs: null })), ...TEST_TENANT.streams],
    defaultStream: kinds[0]!,
    routes: { default: route(kinds[0]!), ...Object.fromEntries(names.map((name) => [name, route(name)])) },
    ...options.tenant,
  };
  const settings: Settings = {
    lab: false,
    hostname: "postern.test",
    listen: {
      smtp: null,
      smtps: null,
      http: { host: "127.0.0.1", port: 0 },
      publicUrl: null,
      tls: null,
      allowPlaintextAuth: false,
    },
    dataFolder: folder,
    database: { kind: "server", url: new Secret(place.url) },
    bodyKey: { value: new Secret(Buffer.alloc(32, 7).toString("base64")) },
    tenants: [tenant],
    providers: [...providers, ...relays],
    limits: DEFAULT_LIMITS,
    retention: DEFAULT_RETENTION,
    canaries: null,
    slo: { objectives: [] },
    alerts: options.alerts ?? NO_ALERTS,
  };
  const start = (failpoint: Failpoint = options.failpoint ?? noFailpoint): Promise<App> =>
    startApp({
      settings,
      clock: systemClock,
      random: systemRandom,
      log: options.log ?? silentLog,
      failpoint,
      snsCertificate: (url) => sesCertificate(url, systemClock.now()),
    });
  let app = await start();
  const base = () => `http://127.0.0.1:${app.http.port}`;
  const target = (kind: ApiKind) => ({ url: `${base()}/v1/notices/${kind}`, secret: secrets[kind].twin });
  const aim = () => twins.forEach((twin, kind) => twin.setNotices("normal", target(kind)));
  aim();

  const headers = { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" };
  const story = async (id: string): Promise<Story> => {
    const response = await fetch(`${base()}/v1/messages/${id}`, { headers });
    return (await response.json()) as Story;
  };
  return {
    get app() {
      return app;
    },
    get base() {
      return base();
    },
    place,
    twin: (kind) => twins.get(kind)!,
    target,
    async send(kind, { to = ["bob@example.net"], stream = kind } = {}) {
      const response = await fetch(`${base()}/v1/messages`, {
        method: "POST",
        headers,
        body: JSON.stringify({ from: "app@acme.test", to, subject: "Hello", text: "Hello there", stream }),
      });
      const answer = (await response.json()) as { id?: string };
      if (response.status !== 202 || !answer.id) throw new Error(`not accepted: ${JSON.stringify(answer)}`);
      return answer.id;
    },
    story,
    async until(id, isSo) {
      try {
        return await eventually(async () => {
          const now = await story(id);
          return isSo(now) ? now : null;
        });
      } catch {
        throw new Error(`never so: ${JSON.stringify(await story(id), null, 1)}`);
      }
    },
    metrics: async () => (await fetch(`${base()}/metrics`)).text(),
    async restart(failpoint) {
      await app.stop();
      app = await start(failpoint);
      aim();
    },
    async stop() {
      await Promise.all([...twins.values()].map((twin) => twin.stop()));
      await app.stop();
      await place.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const RESEND = Buffer.alloc(24, 5).toString("base64");

/** Every recipient is in that state. */
export const allAre =
  (state: string) =>
  (story: Story): boolean =>
    story.recipients.length > 0 && story.recipients.every((one) => one.state === state);
