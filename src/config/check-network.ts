import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import { duplicates } from "./check-tenants.ts";
import { whyUnreadable } from "./secrets.ts";
import type { Address, ApiProviderSettings, DirectMxProviderSettings, ProviderSettings, Settings } from "./settings.ts";
import { isLoopback } from "./values.ts";

type Say = (path: PropertyKey[], sentence: string) => void;

export function checkListen(settings: Settings, say: Say): void {
  const { listen } = settings;
  const doors = (["smtp", "smtps", "http"] as const).flatMap((door) =>
    listen[door] === null ? [] : [{ door, ...listen[door] }],
  );
  doors.forEach((door, index) => {
    const other = doors.slice(0, index).find((one) => door.port !== 0 && one.port === door.port && sameHost(one, door));
    if (other) say(["listen", door.door], `is the address of ${other.door} already: give each door its own port.`);
  });
  if (listen.smtps !== null && listen.tls === null)
    say(["listen", "tls"], "is missing: the smtps door needs a certificate (cert and key).");
  if (listen.tls !== null) checkCertificate(listen.tls.certFile, listen.tls.keyFile, say);
}

const ANY = new Set(["0.0.0.0", "::"]);
const sameHost = (a: Address, b: Address): boolean => a.host === b.host || ANY.has(a.host) || ANY.has(b.host);

function checkCertificate(certFile: string, keyFile: string, say: Say): void {
  const files = {
    cert: read(certFile, ["listen", "tls", "cert"], say),
    key: read(keyFile, ["listen", "tls", "key"], say),
  };
  if (files.cert === null || files.key === null) return;
  try {
    createSecureContext({ cert: files.cert, key: files.key });
  } catch {
    say(["listen", "tls"], "the certificate and the key do not belong together, or one of them is not PEM.");
  }
}

function read(file: string, path: PropertyKey[], say: Say): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    say(path, `names the file ${file}, which ${whyUnreadable(error)}.`);
    return null;
  }
}

export function checkProviders(settings: Settings, say: Say): void {
  duplicates(
    settings.providers.map((one) => one.name),
    (n, name) => say(["providers", n, "name"], `the provider ${name} is there twice.`),
  );
  settings.providers.forEach((provider, index) => checkProvider(provider, ["providers", index], settings, say));
}

function checkProvider(provider: ProviderSettings, at: PropertyKey[], settings: Settings, say: Say): void {
  if (provider.kind === "direct-mx") return checkDirectMx(provider, at, say);
  if (provider.kind !== "smtp") return checkApiProvider(provider, at, say);
  // Whose words the notices have is too much to guess from a host's name: another one may lead there tomorrow.
  if (provider.webhook && provider.vendor === undefined)
    say([...at, "vendor"], "is missing: it says whose notices come to the webhook.");
  const away = !isLoopback(provider.host);
  if (provider.port === 0 && !settings.lab) say([...at, "port"], "must be the provider's port, such as 587.");
  // RFC 8314 §4.1 with AUTH PLAIN: whoever listens on the way would own the account.
  if (provider.auth !== null && provider.tls === "none" && away) {
    say([...at, "tls"], "none would send the password in clear to another host: use starttls or implicit.");
  }
  if (provider.caFile !== null) {
    if (provider.tls === "none") say([...at, "caFile"], "has no use without tls: starttls or implicit.");
    else read(provider.caFile, [...at, "caFile"], say);
  }
  const { listen } = settings;
  for (const door of [listen.smtp, listen.smtps]) {
    if (
      door &&
      door.port === provider.port &&
      door.port !== 0 &&
      !away &&
      (isLoopback(door.host) || ANY.has(door.host))
    ) {
      say(at, `is Postern's own door at ${door.host}:${door.port}: mail would come back for ever.`);
    }
  }
}

function checkDirectMx(provider: DirectMxProviderSettings, at: PropertyKey[], say: Say): void {
  const { resolver, hostname, caFile } = provider;
  // A name would have to be looked up before anything can be looked up.
  if (resolver !== null && isIP(resolver.host) === 0)
    say(
      [...at, "resolver"],
      "must be the address of a resolver, such as 127.0.0.1:53: a name cannot be asked for yet.",
    );
  if (hostname !== null && (isIP(hostname) !== 0 || !hostname.includes(".")))
    say([...at, "hostname"], "must be a whole host name, such as out.example.com: receivers look it up.");
  if (caFile !== null) read(caFile, [...at, "caFile"], say);
}

/** What an API needs besides its key, and what would send that key in clear. */
function checkApiProvider(provider: ApiProviderSettings, at: PropertyKey[], say: Say): void {
  const { kind, baseUrl } = provider;
  if (baseUrl !== null) {
    const { protocol, hostname } = new URL(baseUrl);
    if (protocol !== "https:" && !isLoopback(hostname))
      say([...at, "baseUrl"], "must be https: the key goes with every request.");
  }
  if (kind === "ses" && provider.accessKeyId === null)
    say([...at, "accessKeyId"], "is missing: Amazon SES knows a key by its id.");
  if (kind === "ses" && provider.region === null)
    say([...at, "region"], "is missing: Amazon SES is a service of a region, such as eu-central-1.");
  if (kind === "mailgun" && provider.domain === null)
    say([...at, "domain"], "is missing: Mailgun sends for a domain of the account.");
}
