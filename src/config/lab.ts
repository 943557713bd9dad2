import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Problem, type Random, Secret } from "../kernel/index.ts";
import { NO_ALERTS } from "./alerts.ts";
import { BODY_KEY_FILE, writeDurably } from "./body-key.ts";
import { labCanaries } from "./canaries.ts";
import { DEFAULT_LIMITS, DEFAULT_LISTEN, DEFAULT_RETENTION, PROVIDER_DEFAULTS } from "./defaults.ts";
import { ConfigMistakes } from "./mistakes.ts";
import type {
  Address,
  ApiKind,
  ApiProviderSettings,
  ProviderSettings,
  Settings,
  SmtpProviderSettings,
} from "./settings.ts";

export const LAB_TENANT = "lab";
export const LAB_DOMAIN = "lab.test"; // RFC 6761 §6.2: .test never exists outside
export const LAB_CREDENTIALS_FILE = "lab-credentials.json";
/** In the order of the route: one of the vendors' twins carries the mail, the rest stands by. */
const LAB_PROVIDERS = [
  { name: "mandrill", kind: "mandrill", port: 2511 },
  { name: "harbour", kind: "smtp", port: 2501 },
  { name: "lantern", kind: "smtp", port: 2502 },
  { name: "sendgrid", kind: "sendgrid", port: 2512 },
  { name: "postmark", kind: "postmark", port: 2513 },
  { name: "mailgun", kind: "mailgun", port: 2514 },
  { name: "resend", kind: "resend", port: 2515 },
  { name: "ses", kind: "ses", port: 2516 },
] as const;
const [FIRST, ...STANDBY] = LAB_PROVIDERS.map(({ name }) => name);
/** What the six APIs want besides a key and a name. The ids are those of the twin of Amazon SES. */
const LAB_ACCOUNTS: Partial<Record<ApiKind, Partial<ApiProviderSettings>>> = {
  mailgun: { domain: LAB_DOMAIN },
  ses: { accessKeyId: "AKIALABSES0000000001", region: "eu-central-1", channel: "postern" },
};
const SES_READ_KEY_ID = "AKIALABSES0000000002";

/** What the first-run screen shows. Made once per data folder, so that a line pasted yesterday works today. */
export type LabCredentials = { username: string; password: string; apiKey: string };

type LabParts = { environment: Readonly<Record<string, string | undefined>>; cwd: string; random: Random };

/**
 * Lab mode: what runs when nobody configured anything. Everything listens on loopback, all providers are the lab's
 * own, so nothing leaves the machine. Tests and second copies move it by environment:
 * POSTERN_SMTP_PORT, POSTERN_HTTP_PORT, POSTERN_LAB_PORTS ("2501,2502": harbour and lantern, the twins then take any free
 * ones, or eight for all; 0 = any free one), POSTERN_DATA, POSTERN_DATABASE_URL, POSTERN_LAB_CANARIES (off: none are sent).
 */
export function labSettings({ environment, cwd, random }: LabParts): Settings {
  const dataFolder = path.resolve(cwd, environment["POSTERN_DATA"] || "data");
  const credentials = labCredentials(dataFolder, random);
  const smtpPort = portOf(environment, "POSTERN_SMTP_PORT", DEFAULT_LISTEN.smtp.port);
  const httpPort = portOf(environment, "POSTERN_HTTP_PORT", DEFAULT_LISTEN.http.port);
  const databaseUrl = environment["POSTERN_DATABASE_URL"];
  return {
    lab: true,
    hostname: `postern.${LAB_DOMAIN}`,
    listen: {
      smtp: { host: DEFAULT_LISTEN.smtp.host, port: smtpPort },
      smtps: null,
      http: { host: DEFAULT_LISTEN.http.host, port: httpPort },
      publicUrl: null,
      tls: null,
      allowPlaintextAuth: false,
    },
    dataFolder,
    database: databaseUrl ? { kind: "server", url: new Secret(databaseUrl) } : { kind: "embedded" },
    bodyKey: { file: path.join(dataFolder, BODY_KEY_FILE) },
    tenants: [
      {
        name: LAB_TENANT,
        domains: [LAB_DOMAIN],
        credentials: [
          {
            name: "app",
            username: credentials.username,
            password: new Secret(credentials.password),
            apiKey: new Secret(credentials.apiKey),
            // The same key once more: the files of older data folders hold no other.
            aws: { accessKeyId: credentials.username, secretAccessKey: new Secret(credentials.apiKey) },
            networks: [],
            stream: null,
          },
        ],
        streams: [
          { name: "alerts", class: "C2", ttlMs: null },
          { name: "security", class: "C0", ttlMs: null },
          { name: "notices", class: "C1", ttlMs: null },
          { name: "receipts", class: "C3", ttlMs: null },
        ],
        defaultStream: "alerts",
        routes: {
          default: {
            prefer: [FIRST!],
            standby: STANDBY,
            standbyShare: 0.05,
            weights: null,
            avoidOwnerGroups: [],
          },
        },
        webhooks: [],
        suppress: [],
      },
    ],
    providers: labPorts(environment, smtpPort === 0).map((port, index): ProviderSettings => {
      const { name, kind } = LAB_PROVIDERS[index]!;
      return kind === "smtp" ? smtpProvider(name, port, httpPort) : apiProvider(name, kind, port, credentials);
    }),
    limits: DEFAULT_LIMITS,
    retention: DEFAULT_RETENTION,
    alerts: NO_ALERTS,
    slo: { objectives: [] },
    canaries:
      environment["POSTERN_LAB_CANARIES"] === "off"
        ? null
        : labCanaries(
            `canary.${LAB_DOMAIN}`,
            LAB_PROVIDERS.map(({ name }) => name),
          ),
  };
}

/** Port 0 (here or in `activityUrl`) is replaced by the real one once the lab listens. */
function smtpProvider(name: string, port: number, httpPort: number): SmtpProviderSettings {
  return {
    kind: "smtp",
    name,
    ownerGroup: name,
    host: "127.0.0.1",
    port,
    tls: "none",
    verifyCertificate: true,
    caFile: null,
    auth: null,
    bounds: { ...PROVIDER_DEFAULTS.bounds },
    connections: PROVIDER_DEFAULTS.connections,
    connectTimeoutMs: PROVIDER_DEFAULTS.connectTimeoutMs,
    replyTimeoutMs: PROVIDER_DEFAULTS.replyTimeoutMs,
    dataEndTimeoutMs: PROVIDER_DEFAULTS.dataEndTimeoutMs,
    activityUrl: `http://127.0.0.1:${httpPort}/lab/activity/${name}`,
  };
}

/** The keys follow from the lab's own: other programs on this machine, and web pages in its browsers, do not know them. */
function apiProvider(name: string, kind: ApiKind, port: number, { apiKey }: LabCredentials): ApiProviderSettings {
  const key = (what: string): string => createHmac("sha256", apiKey).update(`${kind} ${what}`).digest("hex");
  return {
    kind,
    name,
    ownerGroup: name,
    baseUrl: `http://127.0.0.1:${port}`,
    apiKey: new Secret(key("key")),
    accessKeyId: null,
    region: null,
    domain: null,
    channel: null,
    readKey: new Secret(kind === "ses" ? `${SES_READ_KEY_ID}:${key("read")}` : key("read")),
    webhook: null,
    bounds: { ...PROVIDER_DEFAULTS.bounds },
    connections: PROVIDER_DEFAULTS.connections,
    connectTimeoutMs: PROVIDER_DEFAULTS.connectTimeoutMs,
    replyTimeoutMs: PROVIDER_DEFAULTS.replyTimeoutMs,
    ...LAB_ACCOUNTS[kind],
  };
}

/** Where a provider of the lab listens. */
export function labAddressOf(provider: ProviderSettings): Address | null {
  if (provider.kind === "smtp") return { host: provider.host, port: provider.port };
  const url = "baseUrl" in provider && provider.baseUrl !== null ? new URL(provider.baseUrl) : null;
  return url && { host: url.hostname, port: Number(url.port) };
}

function portOf(environment: LabParts["environment"], variable: string, usual: number): number {
  const text = environment[variable];
  return text === undefined || text === "" ? usual : readPort(variable, text);
}

function labPorts(environment: LabParts["environment"], anyFree: boolean): number[] {
  const text = environment["POSTERN_LAB_PORTS"];
  if (text === undefined || text === "") return LAB_PROVIDERS.map((provider) => (anyFree ? 0 : provider.port));
  const ports = text.split(",").map((part) => readPort("POSTERN_LAB_PORTS", part.trim()));
  const smtp = LAB_PROVIDERS.filter(({ kind }) => kind === "smtp");
  const given = ports.length === smtp.length ? smtp : LAB_PROVIDERS.toSorted((a, b) => a.port - b.port);
  if (ports.length !== given.length) {
    throw environmentMistake(
      "POSTERN_LAB_PORTS",
      `must be ${smtp.length} ports (${smtp.map(({ name }) => name).join(", ")}) or ${given.length} ` +
        `(${given.map(({ name }) => name).join(", ")}), such as 2601,2602.`,
    );
  }
  return LAB_PROVIDERS.map((provider) => ports[given.findIndex(({ name }) => name === provider.name)] ?? 0);
}

function readPort(variable: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw environmentMistake(variable, `must be a port from 0 to 65535; it says ${JSON.stringify(text)}.`);
}

const environmentMistake = (variable: string, sentence: string) =>
  new ConfigMistakes("The environment", [{ path: variable, sentence, line: null }]);

/** @throws Problem `lab-credentials-unreadable` when the file is there and is not ours. */
export function labCredentials(dataFolder: string, random: Random): LabCredentials {
  const file = path.join(dataFolder, LAB_CREDENTIALS_FILE);
  try {
    return checked(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES") {
      throw new Problem(
        "lab-credentials-unreadable",
        `The file ${file} belongs to another user. Run as the user who made this data folder, or use one of your own (POSTERN_DATA).`,
        error,
      );
    }
    if (code !== "ENOENT") {
      throw new Problem(
        "lab-credentials-unreadable",
        `The file ${file} cannot be used. Delete it: the next start makes a new one.`,
        error,
      );
    }
  }
  const made = {
    username: "lab",
    password: random.bytes(12).toString("hex"),
    apiKey: `lab_${random.bytes(18).toString("hex")}`,
  };
  writeDurably(file, `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

function checked(value: unknown): LabCredentials {
  if (typeof value !== "object" || value === null) throw new TypeError("not an object");
  const { username, password, apiKey } = value as Record<string, unknown>;
  if (typeof username !== "string" || typeof password !== "string" || typeof apiKey !== "string")
    throw new TypeError("a field is missing");
  return { username, password, apiKey };
}
