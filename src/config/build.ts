import { hostname as systemHostname } from "node:os";
import path from "node:path";
import { buildAlerts } from "./alerts.ts";
import { buildCanaries } from "./build-canaries.ts";
import {
  DEFAULT_LIMITS,
  DEFAULT_LISTEN,
  DEFAULT_RETENTION,
  DEFAULT_STANDBY_SHARE,
  DIRECT_MX_DEFAULTS,
  PROVIDER_DEFAULTS,
} from "./defaults.ts";
import { buildSlo } from "./slo.ts";
import type { FileProvider, FileShape, FileTenant } from "./shape.ts";
import type {
  Limits,
  NoticeSettings,
  ProviderSettings,
  Retention,
  RouteSettings,
  Settings,
  TenantSettings,
} from "./settings.ts";
import { isHostName } from "./values.ts";

/** What the file says plus what it leaves out. Paths are relative to the file's own folder. */
export function buildSettings(file: FileShape, bodyKey: Settings["bodyKey"], folder: string): Settings {
  const listen = file.listen ?? {};
  return {
    lab: false,
    hostname: file.hostname ?? ownHostname(),
    listen: {
      smtp: listen.smtp === undefined ? DEFAULT_LISTEN.smtp : listen.smtp,
      smtps: listen.smtps ?? null,
      http: listen.http ?? DEFAULT_LISTEN.http,
      publicUrl: listen.publicUrl?.replace(/\/+$/, "") ?? null,
      tls: listen.tls
        ? { certFile: path.resolve(folder, listen.tls.cert), keyFile: path.resolve(folder, listen.tls.key) }
        : null,
      allowPlaintextAuth: listen.allowPlaintextAuth ?? false,
    },
    dataFolder: dataFolderOf(file, folder),
    database: file.database ? { kind: "server", url: file.database.url } : { kind: "embedded" },
    bodyKey,
    tenants: file.tenants.map(tenant),
    providers: file.providers.map((one) => provider(one, folder)),
    limits: limits(file.limits),
    retention: retention(file.retention),
    alerts: buildAlerts(file.alerts),
    canaries: buildCanaries(file.canaries, folder, file.tenants[0]!.name),
    slo: buildSlo(file.slo),
  };
}

export const dataFolderOf = (file: FileShape, folder: string): string => path.resolve(folder, file.data ?? "data");

/** A name for greetings and Received fields; a machine with an odd name is still a machine. */
export function ownHostname(): string {
  const own = systemHostname().toLowerCase();
  return isHostName(own) ? own : "localhost";
}

function tenant(from: FileTenant): TenantSettings {
  return {
    name: from.name,
    domains: from.domains,
    credentials: from.credentials.map((one) => ({
      name: one.name,
      username: one.username ?? null,
      password: one.password ?? null,
      apiKey: one.apiKey ?? null,
      aws: one.aws ?? null,
      networks: one.networks ?? [],
      stream: one.stream ?? null,
    })),
    streams: from.streams.map((one) => ({ name: one.name, class: one.class, ttlMs: one.ttl ?? null })),
    defaultStream: from.defaultStream ?? from.streams[0]!.name,
    routes: Object.fromEntries(Object.entries(from.routes).map(([stream, one]) => [stream, route(one)])),
    suppress: from.suppress ?? [],
    webhooks: (from.webhooks ?? []).map((one) => ({
      name: one.name,
      url: one.url,
      format: one.format ?? "postern",
      secret: one.secret,
      events: one.events ?? null,
    })),
  };
}

function route(from: FileTenant["routes"][string]): RouteSettings {
  const standby = from.standby ?? [];
  return {
    prefer: from.prefer,
    standby,
    standbyShare: from.standbyShare ?? (standby.length > 0 ? DEFAULT_STANDBY_SHARE : 0),
    weights: from.weights ?? null,
    avoidOwnerGroups: from.avoidOwnerGroups ?? [],
  };
}

function provider(from: FileProvider, folder: string): ProviderSettings {
  const shared = {
    name: from.name,
    ownerGroup: from.ownerGroup,
    bounds: {
      concurrency: from.concurrency ?? PROVIDER_DEFAULTS.bounds.concurrency,
      ratePerS: from.ratePerS ?? PROVIDER_DEFAULTS.bounds.ratePerS,
    },
    connectTimeoutMs: from.connectTimeout ?? PROVIDER_DEFAULTS.connectTimeoutMs,
    replyTimeoutMs: from.replyTimeout ?? PROVIDER_DEFAULTS.replyTimeoutMs,
  };
  const caFile = "caFile" in from && from.caFile !== undefined ? path.resolve(folder, from.caFile) : null;
  if (from.kind === "direct-mx" && !("host" in from)) {
    const { connections, ratePerS } = from.perDomain ?? {};
    return {
      ...shared,
      kind: "direct-mx",
      hostname: from.hostname ?? null,
      resolver: from.resolver ?? null,
      port: from.port ?? DIRECT_MX_DEFAULTS.port,
      policyPort: from.policyPort ?? DIRECT_MX_DEFAULTS.policyPort,
      caFile,
      perDomain: {
        connections: connections ?? DIRECT_MX_DEFAULTS.perDomain.connections,
        ratePerS: ratePerS ?? DIRECT_MX_DEFAULTS.perDomain.ratePerS,
      },
      privateNetworks: from.privateNetworks ?? [],
      dataEndTimeoutMs: from.dataEndTimeout ?? PROVIDER_DEFAULTS.dataEndTimeoutMs,
      tlsReports: from.tlsReports ?? null,
    };
  }
  const connections = from.connections ?? PROVIDER_DEFAULTS.connections;
  if (!("host" in from)) {
    const { kind, apiKey } = from;
    return {
      ...shared,
      connections,
      kind,
      apiKey,
      baseUrl: from.baseUrl ?? null,
      accessKeyId: from.accessKeyId ?? null,
      region: from.region ?? null,
      domain: from.domain ?? null,
      channel: from.channel ?? null,
      readKey: from.readKey ?? null,
      webhook: notices(from.webhook),
    };
  }
  return {
    ...shared,
    connections,
    kind: "smtp",
    host: from.host,
    port: from.port,
    tls: from.tls,
    verifyCertificate: from.verifyCertificate ?? true,
    caFile,
    auth: from.auth ?? null,
    dataEndTimeoutMs: from.dataEndTimeout ?? PROVIDER_DEFAULTS.dataEndTimeoutMs,
    activityUrl: from.activityUrl ?? null,
    ...(from.vendor === undefined ? {} : { vendor: from.vendor }),
    webhook: notices(from.webhook),
  };
}

function notices(from: { [Name in keyof NoticeSettings]?: NoticeSettings[Name] | undefined } | undefined) {
  if (!from) return null;
  const { key = null, basic = null, topicArn = null, url = null } = from;
  return { key, basic, topicArn, url };
}

function limits(from: FileShape["limits"]): Limits {
  const { smtpIdle, scheduleAhead, ...given } = from ?? {};
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    ...DEFAULT_LIMITS,
    ...said,
    ...(smtpIdle === undefined ? {} : { smtpIdleMs: smtpIdle }),
    ...(scheduleAhead === undefined ? {} : { scheduleAheadMs: scheduleAhead }),
  };
}

function retention(from: FileShape["retention"]): Retention {
  const body = from?.body ?? {};
  return {
    bodyMs: {
      C0: body.C0 ?? DEFAULT_RETENTION.bodyMs.C0,
      C1: body.C1 ?? DEFAULT_RETENTION.bodyMs.C1,
      C2: body.C2 ?? DEFAULT_RETENTION.bodyMs.C2,
      C3: body.C3 ?? DEFAULT_RETENTION.bodyMs.C3,
      C4: body.C4 ?? DEFAULT_RETENTION.bodyMs.C4,
    },
    messageRowMs: from?.messageRow ?? DEFAULT_RETENTION.messageRowMs,
    idempotencyMs: from?.idempotency ?? DEFAULT_RETENTION.idempotencyMs,
  };
}
