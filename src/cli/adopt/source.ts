import {
  API_KINDS,
  type ApiKind,
  type ApiProviderSettings,
  findSecret,
  isLoopback,
  PROVIDER_DEFAULTS,
  type Settings,
} from "../../config/index.ts";
import { Problem, Secret } from "../../kernel/index.ts";
import type { Run } from "../run.ts";

export type SourceOptions = {
  kind?: ApiKind;
  key?: string;
  readKey?: string;
  accessKeyId?: string;
  region?: string;
  domain?: string;
  baseUrl?: string;
};

/** Which account is read; `settings` where a configuration was looked at. */
export type Source = { provider: ApiProviderSettings; settings: Settings | null };

/**
 * The account that was named: a provider of the configuration, or one that is told by options and needs none.
 * @throws Problem `adopt-provider-unknown`, `adopt-options-unclear`; ConfigMistakes.
 */
export function sourceOf(run: Run, name: string | undefined, options: SourceOptions, needsSettings: boolean): Source {
  if (name !== undefined) return configured(run.settings(), name, options);
  if (options.kind === undefined || options.key === undefined) {
    throw unclear(
      `Name a provider of the configuration (postern adopt NAME), or say which account it is: --kind ${API_KINDS.join("|")} --key env:NAME.`,
    );
  }
  return { provider: toldBy(run, options.kind, options.key, options), settings: needsSettings ? run.settings() : null };
}

const unclear = (sentence: string): Problem => new Problem("adopt-options-unclear", sentence);

function configured(settings: Settings, name: string, { kind, key, baseUrl }: SourceOptions): Source {
  if (kind !== undefined || key !== undefined) {
    throw unclear("Give the name of a configured provider, or --kind and --key; not both.");
  }
  const provider = settings.providers.find((one) => one.name === name);
  if (provider && isApi(provider)) {
    const at = baseUrl === undefined ? provider.baseUrl : addressOf(baseUrl);
    // Which port a lab took is known to that lab alone.
    if (at !== null && new URL(at).port === "0") {
      throw unclear(
        `${name} is part of the lab, at a port chosen at its start. Give its address with --base-url; postern lab status shows it.`,
      );
    }
    return { provider: { ...provider, baseUrl: at }, settings };
  }
  const names = settings.providers.filter(isApi).map((one) => one.name);
  const others = names.length === 0 ? "It has none whose account could be read." : `Those are: ${names.join(", ")}.`;
  throw new Problem(
    "adopt-provider-unknown",
    `${JSON.stringify(name)} is no provider of the configuration that is spoken to in an API of its own. ${others} An account that is not configured is read with --kind and --key.`,
  );
}

/** As the configuration asks of `baseUrl`. */
function addressOf(text: string): string {
  const { protocol, hostname } = URL.parse(text) ?? { protocol: "", hostname: "" };
  if (protocol === "https:" || (protocol === "http:" && isLoopback(hostname))) return text;
  throw unclear("--base-url must be an https address: the key goes with every request. http is for this machine only.");
}

const isApi = (provider: Settings["providers"][number]): provider is ApiProviderSettings =>
  API_KINDS.some((kind) => kind === provider.kind);

function toldBy({ world }: Run, kind: ApiKind, key: string, options: SourceOptions): ApiProviderSettings {
  const secret = (option: string, text: string): Secret => {
    const found = findSecret({ environment: world.environment, folder: world.cwd }, text);
    if ("value" in found) return new Secret(found.value);
    throw unclear(`${option} ${found.sentence}`);
  };
  if (kind === "ses" && (options.accessKeyId === undefined || options.region === undefined)) {
    throw unclear("Amazon SES needs --access-key-id and --region, too.");
  }
  if (kind === "mailgun" && options.domain === undefined) {
    throw unclear("Mailgun needs --domain, whose templates and suppressions are read, too.");
  }
  return {
    kind,
    name: kind,
    ownerGroup: kind,
    baseUrl: options.baseUrl === undefined ? null : addressOf(options.baseUrl),
    apiKey: secret("--key", key),
    accessKeyId: options.accessKeyId ?? null,
    region: options.region ?? null,
    domain: options.domain ?? null,
    channel: null,
    readKey: options.readKey === undefined ? null : secret("--read-key", options.readKey),
    webhook: null,
    bounds: PROVIDER_DEFAULTS.bounds,
    connections: 1,
    connectTimeoutMs: PROVIDER_DEFAULTS.connectTimeoutMs,
    replyTimeoutMs: PROVIDER_DEFAULTS.replyTimeoutMs,
  };
}
