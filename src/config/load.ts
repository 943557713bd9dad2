import { existsSync } from "node:fs";
import path from "node:path";
import { type Random, Secret } from "../kernel/index.ts";
import { BODY_KEY_FILE, bodyKeySetting } from "./body-key.ts";
import { buildSettings, dataFolderOf } from "./build.ts";
import { checkListen, checkProviders } from "./check-network.ts";
import { checkAlerts } from "./alerts.ts";
import { checkCanaries } from "./check-canaries.ts";
import { checkSlo } from "./slo.ts";
import { type Finding, checkTenants } from "./check-tenants.ts";
import { keysAt } from "./known-keys.ts";
import { labSettings } from "./lab.ts";
import { type ConfigMistake, ConfigMistakes, pathText } from "./mistakes.ts";
import { readYaml } from "./read-yaml.ts";
import { fileShape, providerShapeOf } from "./shape.ts";
import { shapeMistakes } from "./shape-mistakes.ts";
import type { Settings } from "./settings.ts";

export type Environment = Readonly<Record<string, string | undefined>>;
export type LoadParts = {
  /** The file named on the command line; otherwise POSTERN_CONFIG, then ./postern.yaml, then lab mode. */
  file?: string | undefined;
  environment: Environment;
  cwd: string;
  /** Draws the lab's credentials on its first start. */
  random: Random;
};

export const CONFIG_FILE = "postern.yaml";

/**
 * File and environment become one frozen, validated Settings.
 * 1. Find the file (or start the lab).  2. Parse YAML.  3. Hold it against the shape, resolving secrets.
 * 4. Check what involves several values.  All mistakes of a step are said at once.
 * @throws ConfigMistakes with the path, line and sentence of each mistake.
 */
export function loadSettings(parts: LoadParts): Settings {
  const file = configFile(parts);
  return freeze(file === null ? labSettings(parts) : settingsFromFile(file, parts));
}

/** The file that would be read, absolute; null for the lab. */
export function configFile({ file, environment, cwd }: Omit<LoadParts, "random">): string | null {
  const named = file ?? (environment["POSTERN_CONFIG"] || undefined);
  if (named !== undefined) return path.resolve(cwd, named);
  const usual = path.resolve(cwd, CONFIG_FILE);
  return existsSync(usual) ? usual : null;
}

function settingsFromFile(file: string, { environment, cwd }: LoadParts): Settings {
  const inside = path.relative(cwd, file);
  const shown = inside === "" || inside.startsWith("..") ? file : inside;
  const folder = path.dirname(file);
  const source = { environment, folder };
  const yaml = readYaml(file, shown);
  const shape = fileShape(source);
  const parsed = shape.safeParse(yaml.value ?? {}, { reportInput: true });
  /** Below providers the kind decides which keys there are, and schemas do not tell that. */
  const knownKeys = (at: readonly PropertyKey[]): string[] => {
    const [list, n, ...rest] = at;
    if (list !== "providers" || typeof n !== "number") return keysAt(shape, at);
    return keysAt(providerShapeOf(source, (yaml.value as { providers: unknown[] }).providers[n]), rest);
  };
  const mistakes: ConfigMistake[] = parsed.success
    ? []
    : shapeMistakes(parsed.error.issues, (at) => knownKeys(at), yaml);
  if (!parsed.success) throw new ConfigMistakes(shown, inFileOrder(mistakes));

  const dataFolder = dataFolderOf(parsed.data, folder);
  const bodyKey =
    parsed.data.bodyKey === undefined
      ? { value: { file: path.join(dataFolder, BODY_KEY_FILE) } }
      : bodyKeySetting(source, parsed.data.bodyKey);
  const findings: Finding[] = [];
  const say = (at: PropertyKey[], sentence: string) => findings.push({ path: at, sentence });
  if ("sentence" in bodyKey) say(["bodyKey"], bodyKey.sentence);
  const settings = buildSettings(parsed.data, "value" in bodyKey ? bodyKey.value : { file: "" }, folder);
  if (settings.database.kind === "server" && !/^postgres(?:ql)?:\/\//.test(settings.database.url.reveal())) {
    say(["database", "url"], "must be a PostgreSQL address: postgres://user:password@host:5432/name.");
  }
  checkListen(settings, say);
  checkTenants(settings, say);
  checkProviders(settings, say);
  checkCanaries(settings, say);
  checkSlo(settings, parsed.data.slo, say);
  checkAlerts(settings, say);
  if (findings.length === 0) return settings;
  throw new ConfigMistakes(
    shown,
    inFileOrder(
      findings.map((one) => ({ path: pathText(one.path), sentence: one.sentence, line: yaml.lineOf(one.path) })),
    ),
  );
}

const inFileOrder = (mistakes: ConfigMistake[]): ConfigMistake[] =>
  mistakes.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));

/** Settings are read from many places for as long as the process runs; none of them may change them. */
function freeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !(value instanceof Secret) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}
