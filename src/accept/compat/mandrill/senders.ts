import { z } from "zod";
import { parseMailbox } from "../../../mail/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { grouped, periods, recent, seriesOf } from "./activity.ts";
import { isError, mandrillError, notSupported, shown } from "./errors.ts";

export const addressShape = z.looseObject({ address: z.string() });
export const domainShape = z.looseObject({ domain: z.string() });
type Address = z.infer<typeof addressShape>;

const unknownSender = (address: string) =>
  mandrillError("Unknown_Sender", `The sender '${shown(address)}' does not exist here.`);

/** Who wrote in the last 30 days, with what became of it. */
export async function listSenders(_given: unknown, who: Submitter, parts: CompatParts): Promise<unknown> {
  const found = await recent({}, who, parts);
  if (isError(found)) return found;
  return grouped(found, ({ message }) => [message.author.toLowerCase()]).map(({ name, rest }) => ({
    address: name,
    ...rest,
  }));
}

export async function senderInfo({ address }: Address, who: Submitter, parts: CompatParts): Promise<unknown> {
  const found = await recent({ author: address }, who, parts);
  if (isError(found)) return found;
  const [sender] = grouped(found, () => [address]);
  return sender ? { address, ...sender.rest, stats: periods(found, parts.clock.now()) } : unknownSender(address);
}

export async function senderTimeSeries({ address }: Address, who: Submitter, parts: CompatParts): Promise<unknown> {
  const mailbox = parseMailbox(address);
  const isOurs = mailbox !== null && parts.tenants.find(who.tenant)?.owns(mailbox.domain.toLowerCase());
  return isOurs ? seriesOf({ author: address }, who, parts) : unknownSender(address);
}

const NOT_LOOKED_UP = { valid: false, valid_after: null, error: "not looked up by this server (Postern)" };

/** A domain of the tenant may be written from, which is what `valid_signing` is read for; its DNS is not looked at here. */
const domainThere = (domain: string): object => ({
  domain,
  created_at: null,
  last_tested_at: null,
  spf: NOT_LOOKED_UP,
  dkim: NOT_LOOKED_UP,
  verified_at: null,
  valid_signing: true,
});

const domainsOf = (who: Submitter, { tenants }: CompatParts): readonly string[] =>
  tenants.find(who.tenant)?.domains ?? [];

export const listDomains = (_given: unknown, who: Submitter, parts: CompatParts): unknown =>
  domainsOf(who, parts).map(domainThere);

/** There a domain that is not known yet is added by being checked; here domains stand in the configuration. */
export function checkDomain({ domain }: z.infer<typeof domainShape>, who: Submitter, parts: CompatParts): unknown {
  const asked = domain.trim().toLowerCase();
  return domainsOf(who, parts).includes(asked)
    ? domainThere(asked)
    : notSupported("Adding domains here: they stand in the configuration, where two people see them. It");
}
