/**
 * Hands messages to any provider that takes SMTP submission, over connections of our own.
 * 0. Of a known vendor: our ids go along in the field that it gives back with its notices (marks.ts).
 * 1. A connection of the pool, or a new one: greeting, EHLO, STARTTLS, AUTH (open.ts).
 * 2. One dialogue per message (dialogue.ts).  3. Each answer, and each missing answer, becomes an Outcome (outcomes.ts,
 * claims.ts, losses.ts).
 * Invariant: nothing that fails before the end of the text is on the wire is `indeterminate`, and everything after it is,
 * unless the server answered.
 * Standards: RFC 5321, 1870, 2034, 2920, 3030, 3207, 3461, 4954, 6152, 6531.
 * Operator sees: the causes of outcomes (docs/failures.md), "provider.connections-limited", "provider.envelope-unsafe".
 *
 * Why no library: this is the hottest path of the gateway, and the envelope is written by code that can be read in one
 * sitting (docs/decisions).
 */
import { readFileSync } from "node:fs";
import type { SmtpProviderSettings } from "../../config/index.ts";
import { Problem } from "../../kernel/index.ts";
import type { Provider, ProviderParts } from "../provider.ts";
import { tlsOptionsOf } from "./connection.ts";
import { askActivity } from "./lookup.ts";
import { marked } from "./marks.ts";
import { Pool } from "./pool.ts";
import { answersOf, vendorOf } from "./vendors.ts";

export { LIMITS_OF_THE_PROVIDER } from "./outcomes.ts";

/** RFC 5321 §4.5.3.1.8: a server takes at least a hundred. */
const RECIPIENTS = 100;
/** RFC 5321 §4.1.2: a domain or an address literal, and nothing that could end the command. */
const HOSTNAME = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?|\[[0-9A-Fa-f.:IPv]{2,64}\])$/;

/** @throws Problem `provider-misconfigured` for what no dialogue could work with; config/ says it better, and first. */
export function smtpProvider(settings: SmtpProviderSettings, parts: ProviderParts): Provider {
  const wrong = whatIsWrong(settings, parts.hostname);
  if (wrong) throw new Problem("provider-misconfigured", `The provider ${settings.name} cannot be used: ${wrong}`);
  const ca = settings.caFile === null ? null : readFileSync(settings.caFile);
  const tlsOptions = settings.tls === "none" ? {} : tlsOptionsOf(settings, ca);
  const vendor = settings.vendor ?? vendorOf(settings.host);
  const read = answersOf(vendor);
  const pool = new Pool({ settings, tlsOptions, read }, parts);
  const { activityUrl } = settings;
  return {
    name: settings.name,
    kind: "smtp",
    ownerGroup: settings.ownerGroup,
    capabilities: { lookup: activityUrl !== null, smtputf8: "asked", maxRecipients: RECIPIENTS },
    async handOff(handoff, signal) {
      if (handoff.envelope.recipients.length === 0) return { recipients: [] };
      return { recipients: await pool.handOff(marked(handoff, vendor), signal) };
    },
    ...(activityUrl === null ? {} : { lookup: (attemptId) => askActivity(activityUrl, attemptId, parts.clock) }),
    close: () => pool.close(),
  };
}

function whatIsWrong({ auth }: SmtpProviderSettings, hostname: string): string | null {
  if (!HOSTNAME.test(hostname)) return "the name for EHLO is no host name. Set hostname.";
  // RFC 4616 §2: NUL separates the parts.
  if (auth && (auth.username.includes("\0") || auth.password.reveal().includes("\0"))) {
    return "its username or password holds a NUL character. Remove it.";
  }
  return null;
}
