import { BlockList, isIP } from "node:net";
import { EVENT_KIND_NAMES, kindsTold, type WebhookFormat } from "../mail/index.ts";
import { GREATEST_STANDBY_SHARE, LEAST_API_KEY_LENGTH, LEAST_PASSWORD_LENGTH } from "./defaults.ts";
import { nearest } from "./mistakes.ts";
import type { Settings, TenantSettings } from "./settings.ts";
import { whyUnfit } from "./webhook-secrets.ts";

/** A finding of the checks that look at more than one value. */
export type Finding = { path: PropertyKey[]; sentence: string };
type Say = (path: PropertyKey[], sentence: string) => void;

/** Names that must be found, and a hint where one is nearly right. */
export function unknownName(word: string, known: readonly string[], what: string): string {
  const meant = nearest(word, known);
  return meant === undefined
    ? `there is no ${what} named ${word}.`
    : `there is no ${what} named ${word}. Did you mean ${meant}?`;
}

export function duplicates(
  names: readonly string[],
  report: (index: number, name: string, first: number) => void,
): void {
  const seen = new Map<string, number>();
  names.forEach((name, index) => {
    const first = seen.get(name);
    if (first === undefined) seen.set(name, index);
    else report(index, name, first);
  });
}

export function checkTenants(settings: Settings, say: Say): void {
  const { tenants } = settings;
  duplicates(
    tenants.map((tenant) => tenant.name),
    (index, name) => say(["tenants", index, "name"], `the tenant ${name} is there twice.`),
  );
  checkDomains(tenants, say);
  checkUniqueSecrets(tenants, say);
  checkNetworks(tenants, say);
  tenants.forEach((tenant, index) => {
    const at = ["tenants", index];
    const streams = tenant.streams.map((stream) => stream.name);
    duplicates(streams, (n, name) => say([...at, "streams", n, "name"], `the stream ${name} is there twice.`));
    if (!streams.includes(tenant.defaultStream))
      say([...at, "defaultStream"], unknownName(tenant.defaultStream, streams, "stream"));
    checkCredentials(tenant, at, streams, say);
    checkRoutes(tenant, at, streams, settings, say);
    checkWebhooks(tenant, at, say);
  });
}

/** Whose mail it is must never depend on the order of a file. */
function checkDomains(tenants: readonly TenantSettings[], say: Say): void {
  const owners = new Map<string, string>();
  tenants.forEach((tenant, t) =>
    tenant.domains.forEach((domain, d) => {
      const owner = owners.get(domain);
      if (owner === tenant.name) say(["tenants", t, "domains", d], `the domain ${domain} is there twice.`);
      else if (owner !== undefined)
        say(
          ["tenants", t, "domains", d],
          `the domain ${domain} belongs to the tenant ${owner} already; a domain has one owner.`,
        );
      owners.set(domain, owner ?? tenant.name);
    }),
  );
  // A tenant may write from every domain below its own, so another one's must not lie there.
  tenants.forEach((tenant, t) =>
    tenant.domains.forEach((domain, d) => {
      for (let at = domain.indexOf("."); at !== -1; at = domain.indexOf(".", at + 1)) {
        const above = domain.slice(at + 1);
        const owner = owners.get(above);
        if (owner === undefined || owner === tenant.name) continue;
        say(
          ["tenants", t, "domains", d],
          `lies below ${above} of the tenant ${owner}, who may write from it too: give the tenants domains apart.`,
        );
      }
    }),
  );
}

/** The SMTP door knows a user name only and the HTTP door a key only, so both must name one credential of one tenant. */
function checkUniqueSecrets(tenants: readonly TenantSettings[], say: Say): void {
  const usernames = new Map<string, string>();
  const keys = new Map<string, string>();
  const accessKeys = new Map<string, string>();
  tenants.forEach((tenant, t) =>
    tenant.credentials.forEach((credential, c) => {
      const at = ["tenants", t, "credentials", c];
      const owner = `${tenant.name}/${credential.name}`;
      if (credential.username !== null) {
        const first = usernames.get(credential.username);
        if (first !== undefined)
          say(
            [...at, "username"],
            `the user name ${credential.username} is that of ${first} already; give each credential its own.`,
          );
        else usernames.set(credential.username, owner);
      }
      if (credential.apiKey !== null) {
        const first = keys.get(credential.apiKey.reveal());
        if (first !== undefined)
          say([...at, "apiKey"], `is the same key as that of ${first}; give each credential its own.`);
        else keys.set(credential.apiKey.reveal(), owner);
      }
      if (credential.aws !== null) {
        const { accessKeyId } = credential.aws;
        const first = accessKeys.get(accessKeyId);
        if (first !== undefined)
          say([...at, "aws", "accessKeyId"], `is the id of ${first} already; give each credential its own.`);
        else accessKeys.set(accessKeyId, owner);
      }
    }),
  );
}

/** A client without a login is known by its network, so no address may belong to two credentials, nor to everybody. */
function checkNetworks(tenants: readonly TenantSettings[], say: Say): void {
  const seen: { cidr: string; owner: string }[] = [];
  tenants.forEach((tenant, t) =>
    tenant.credentials.forEach((credential, c) =>
      credential.networks.forEach((cidr, n) => {
        const at = ["tenants", t, "credentials", c, "networks", n];
        if (cidr.endsWith("/0"))
          say(at, "would let the whole internet send without a login: name the networks of your applications.");
        const owner = `${tenant.name}/${credential.name}`;
        const other = seen.find((one) => overlap(one.cidr, cidr));
        if (other) say(at, `overlaps ${other.cidr} of ${other.owner}; an address must belong to one credential.`);
        seen.push({ cidr, owner });
      }),
    ),
  );
}

/** Two networks overlap exactly when one holds the other's first address. */
const overlap = (a: string, b: string): boolean => holds(a, b) || holds(b, a);
function holds(outer: string, inner: string): boolean {
  const [network, prefix] = outer.split("/") as [string, string];
  const inside = inner.split("/")[0]!;
  if (isIP(network) !== isIP(inside)) return false;
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(inside, family);
}

function checkCredentials(tenant: TenantSettings, at: PropertyKey[], streams: readonly string[], say: Say): void {
  duplicates(
    tenant.credentials.map((one) => one.name),
    (n, name) => say([...at, "credentials", n, "name"], `the credential ${name} is there twice.`),
  );
  tenant.credentials.forEach((credential, index) => {
    const here = [...at, "credentials", index];
    const { username, password, apiKey, aws } = credential;
    if (username !== null && password === null)
      say([...here, "password"], "is missing: a user name needs its password (env:NAME or file:PATH).");
    if (username === null && password !== null)
      say([...here, "username"], "is missing: a password needs its user name.");
    const opens = [username, password, apiKey, aws].some((one) => one !== null) || credential.networks.length > 0;
    if (!opens) {
      say(here, "opens no door: give it username and password (SMTP), apiKey or aws (HTTP), or networks.");
    }
    if (password !== null && password.reveal().length < LEAST_PASSWORD_LENGTH) {
      say(
        [...here, "password"],
        `is shorter than ${LEAST_PASSWORD_LENGTH} characters: make a random one (openssl rand -hex 16).`,
      );
    }
    if (apiKey !== null && apiKey.reveal().length < LEAST_API_KEY_LENGTH) {
      say(
        [...here, "apiKey"],
        `is shorter than ${LEAST_API_KEY_LENGTH} characters: make a random one (openssl rand -hex 24).`,
      );
    }
    if (aws !== null && aws.secretAccessKey.reveal().length < LEAST_API_KEY_LENGTH) {
      say(
        [...here, "aws", "secretAccessKey"],
        `is shorter than ${LEAST_API_KEY_LENGTH} characters: make a random one (openssl rand -hex 24).`,
      );
    }
    if (credential.stream !== null && !streams.includes(credential.stream))
      say([...here, "stream"], unknownName(credential.stream, streams, "stream"));
  });
}

function checkRoutes(
  tenant: TenantSettings,
  at: PropertyKey[],
  streams: readonly string[],
  settings: Settings,
  say: Say,
): void {
  const providers = settings.providers.map((provider) => provider.name);
  const groups = new Set(settings.providers.map((provider) => provider.ownerGroup));
  const uncovered = streams.filter((stream) => !Object.hasOwn(tenant.routes, stream));
  if (!Object.hasOwn(tenant.routes, "default") && uncovered.length > 0) {
    say([...at, "routes"], `has no route for ${uncovered.join(", ")}: add one named default.`);
  }
  for (const [stream, route] of Object.entries(tenant.routes)) {
    const here = [...at, "routes", stream];
    if (stream !== "default" && !streams.includes(stream))
      say(here, unknownName(stream, [...streams, "default"], "stream"));
    for (const list of ["prefer", "standby"] as const) {
      route[list].forEach((name, n) => {
        if (!providers.includes(name)) say([...here, list, n], unknownName(name, providers, "provider"));
      });
    }
    duplicates([...route.prefer, ...route.standby], (n, name) => {
      const where = n < route.prefer.length ? ["prefer", n] : ["standby", n - route.prefer.length];
      say([...here, ...where], `the provider ${name} is in this route already.`);
    });
    if (route.standbyShare > GREATEST_STANDBY_SHARE) {
      say(
        [...here, "standbyShare"],
        `must be between 0 and ${GREATEST_STANDBY_SHARE}; more than half of the traffic is no standby.`,
      );
    }
    if (route.standbyShare > 0 && route.standby.length === 0)
      say([...here, "standbyShare"], "needs a standby: name one, or leave the share out.");
    checkWeights(route.weights, route.prefer, here, say);
    route.avoidOwnerGroups.forEach((group, n) => {
      if (!groups.has(group)) say([...here, "avoidOwnerGroups", n], unknownName(group, [...groups], "owner group"));
    });
    const allowed = [...route.prefer, ...route.standby].filter((name) => {
      const found = settings.providers.find((provider) => provider.name === name);
      return !found || !route.avoidOwnerGroups.includes(found.ownerGroup);
    });
    if (allowed.length === 0)
      say(here, "avoids the owner groups of all its providers, so nothing could ever be handed off.");
  }
}

function checkWeights(
  weights: Record<string, number> | null,
  prefer: readonly string[],
  here: PropertyKey[],
  say: Say,
): void {
  if (weights === null) return;
  for (const name of Object.keys(weights)) {
    if (!prefer.includes(name))
      say([...here, "weights", name], `is not among the preferred providers (${prefer.join(", ")}).`);
  }
  if (!prefer.some((name) => (weights[name] ?? 1) > 0))
    say([...here, "weights"], "are all zero, so no preferred provider could be chosen.");
}

function checkWebhooks(tenant: TenantSettings, at: PropertyKey[], say: Say): void {
  duplicates(
    tenant.webhooks.map((one) => one.name),
    (n, name) => say([...at, "webhooks", n, "name"], `the webhook ${name} is there twice.`),
  );
  tenant.webhooks.forEach((webhook, index) => {
    const here = [...at, "webhooks", index];
    const url = new URL(webhook.url);
    if (url.protocol !== "https:") say([...here, "url"], "must be https: events name your customers.");
    if (url.username !== "" || url.password !== "")
      say([...here, "url"], "must not carry a user name or password: the signature shows who is calling.");
    if (url.protocol === "https:" && url.port !== "")
      say([...here, "url"], "must be on port 443: events never go to other services of a host.");
    webhook.events?.forEach((kind, n) => {
      if (EVENT_KIND_NAMES.some((known) => known === kind))
        return checkWord(webhook.format, kind, [...here, "events", n], say);
      const list = nearest(kind, EVENT_KIND_NAMES) === undefined ? ` There are: ${EVENT_KIND_NAMES.join(", ")}.` : "";
      say([...here, "events", n], `${unknownName(kind, EVENT_KIND_NAMES, "event")}${list}`);
    });
    duplicates(webhook.events ?? [], (n, kind) => say([...here, "events", n], `the event ${kind} is there twice.`));
    const unfit = whyUnfit(webhook.format, webhook.secret.reveal());
    if (unfit !== null) say([...here, "secret"], unfit);
  });
}

function checkWord(format: WebhookFormat, kind: string, at: PropertyKey[], say: Say): void {
  const told = kindsTold(format);
  if (told?.includes(kind) ?? true) return;
  say(at, `${format} has no word for ${kind}, so it is never told there. It tells ${told!.join(", ")}.`);
}
