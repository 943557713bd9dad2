import { type Form, first } from "../../../mail/index.ts";
import { tagName, tagValue } from "../tags.ts";
import { type Fault, fault, isFault, notSupported } from "./dialect.ts";
import { readDate } from "./instant.ts";

/** What the options of a message ask for, beside its text ("Send options", documentation.mailgun.com, seen 2026-11-25). */
export type Orders = {
  /** Everything is checked, nothing is sent. */
  rehearsal: boolean;
  /** ISO 8601. */
  sendAt: string | undefined;
  tags: Record<string, string>;
  /** Of the template; `t:variables` stand above the others. */
  variables: Record<string, unknown>;
};

/** Fields of a message that are orders to Mailgun, and the parameters they are the same as ("Sending via SMTP"). */
export const ORDER_FIELDS: ReadonlyMap<string, string> = new Map([
  ["x-mailgun-tag", "o:tag"],
  ["x-mailgun-dkim", "o:dkim"],
  ["x-mailgun-secondary-dkim", "o:secondary-dkim"],
  ["x-mailgun-secondary-dkim-public", "o:secondary-dkim-public"],
  ["x-mailgun-deliver-by", "o:deliverytime"],
  ["x-mailgun-deliver-within", "o:deliver-within"],
  ["x-mailgun-delivery-time-optimize-period", "o:deliverytime-optimize-period"],
  ["x-mailgun-time-zone-localize", "o:time-zone-localize"],
  ["x-mailgun-drop-message", "o:testmode"],
  ["x-mailgun-track", "o:tracking"],
  ["x-mailgun-track-clicks", "o:tracking-clicks"],
  ["x-mailgun-track-opens", "o:tracking-opens"],
  ["x-mailgun-track-pixel-location-top", "o:tracking-pixel-location-top"],
  ["x-mailgun-require-tls", "o:require-tls"],
  ["x-mailgun-skip-verification", "o:skip-verification"],
  ["x-mailgun-sending-ip", "o:sending-ip"],
  ["x-mailgun-sending-ip-pool", "o:sending-ip-pool"],
  ["x-mailgun-archive-to", "o:archive-to"],
  ["x-mailgun-suppress-headers", "o:suppress-headers"],
  ["x-mailgun-recipient-variables", "recipient-variables"],
  ["x-mailgun-template-name", "template"],
  ["x-mailgun-template-version", "t:version"],
  ["x-mailgun-template-variables", "t:variables"],
  ["x-mailgun-variables", "variables"],
]);

const YES = /^(?:yes|true|htmlonly)$/i;
/** Taken, and without an effect: Postern does not track, signs nothing itself and adds no field of Mailgun's. */
const WITHOUT_EFFECT =
  /^o:(?:dkim|tracking(?:-clicks|-opens|-pixel-location-top)?|skip-verification|suppress-headers)$/;
const DONE: ReadonlySet<string> = new Set([
  "o:tag",
  "o:deliverytime",
  "o:testmode",
  "t:version",
  "t:text",
  "t:variables",
]);
/** Dictionaries of a request hold so many names, in one call for all of them. */
const MOST_VARIABLES = 1_000;

/** The form with those of its headers that are orders in the place of the parameters. */
export function withOrders(form: Form, fields: readonly (readonly [name: string, value: string])[] = []): Form {
  const text = new Map<string, string[]>();
  const put = (name: string, values: readonly string[]): void =>
    void text.set(name, [...(text.get(name) ?? []), ...values]);
  for (const [name, values] of form.text) {
    const header = /^h:(.+)$/i.exec(name)?.[1];
    put((header && ORDER_FIELDS.get(header.toLowerCase())) ?? name, values);
  }
  for (const [name, value] of fields) {
    const parameter = ORDER_FIELDS.get(name.toLowerCase());
    if (parameter !== undefined) put(parameter, [value]);
  }
  return { text, files: form.files };
}

/** What is asked for in this form; what would change the message or its way and cannot be done is refused by name. */
export function ordersOf(form: Form): Orders | Fault {
  const cannot = [...form.text].find(([name, values]) => !canBeDone(name, values))?.[0];
  if (cannot !== undefined) return notSupported(cannot);
  const delivery = first(form, "o:deliverytime");
  const at = delivery ? readDate(delivery) : undefined;
  if (at === null)
    return fault(400, "o:deliverytime is not a date as RFC 2822 has it, such as Fri, 14 Oct 2011 23:10:10 -0000");
  const own = ownVariables(form);
  if (isFault(own)) return own;
  const given = dictionary(form, "t:variables");
  if (isFault(given)) return given;
  const isTemplated = Boolean(first(form, "template"));
  return {
    rehearsal: YES.test(first(form, "o:testmode") ?? ""),
    sendAt: at === undefined ? undefined : new Date(at).toISOString(),
    tags: tagsOf(form, isTemplated ? {} : own),
    variables: isTemplated ? { ...own, ...given } : {},
  };
}

function canBeDone(name: string, values: readonly string[]): boolean {
  const isGiven = values.some((value) => value !== "");
  if (!isGiven || WITHOUT_EFFECT.test(name)) return true;
  if (name === "o:require-tls") return !values.some((value) => YES.test(value));
  if (name === "amp-html") return false;
  return !/^[ot]:/.test(name) || DONE.has(name);
}

/**
 * `v:name` and X-Mailgun-Variables: the values of a template, or else what is kept with the message and told of in
 * events. Values of a template are not kept: a code to log in with may be among them.
 */
function ownVariables(form: Form): Record<string, unknown> | Fault {
  const variables = dictionary(form, "variables");
  if (isFault(variables)) return variables;
  for (const [name, [value = ""]] of form.text) {
    if (/^v:./.test(name)) variables[name.slice(2)] = valueOf(value);
  }
  return Object.keys(variables).length > MOST_VARIABLES
    ? fault(400, `More than ${MOST_VARIABLES} variables.`)
    : variables;
}

/** Lists and dictionaries come as JSON; everything else is text. */
function valueOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

export function dictionary(form: Form, name: string): Record<string, unknown> | Fault {
  const text = first(form, name);
  if (text === undefined || text.trim() === "") return {};
  try {
    const read: unknown = JSON.parse(text);
    // Copied: a name like `__proto__` stays a name.
    if (typeof read === "object" && read !== null && !Array.isArray(read))
      return Object.fromEntries(Object.entries(read));
  } catch {
    // told below
  }
  return fault(400, `${name === "variables" ? "X-Mailgun-Variables" : name} is not a valid JSON dictionary`);
}

/** Labels have no value, variables have one (docs/compatibility.md, "The same everywhere"). */
function tagsOf(form: Form, variables: Record<string, unknown>): Record<string, string> {
  const labels = (form.text.get("o:tag") ?? []).map((tag) => [tagName(tag), ""] as const);
  const values = Object.entries(variables).map(([name, value]) => [tagName(name), tagValue(value)] as const);
  return Object.fromEntries([...labels, ...values].filter(([name]) => name !== "").slice(0, 10));
}
