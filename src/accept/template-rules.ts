import type { Tenants } from "../tenancy/index.ts";
import { NAME_FIELDS, type TemplateRules } from "../templates/index.ts";
import type { Submitter } from "./submission.ts";

/**
 * What a template may do in the mail of a stream. Secrets (C0) carry the key to an account: in their mail nothing is printed as
 * HTML, no name of a person is an address to follow, and links lead to the tenant's own domains alone, over TLS. Of a stream
 * that nobody knows the same is asked: its message is refused, and what is not known must not be what is let through.
 */
export function templateRules(tenants: Tenants, who: Submitter, streamName: string | undefined): TemplateRules {
  const tenant = tenants.find(who.tenant);
  const stream = tenant?.stream(streamName ?? tenant.credentialStream(who.credential) ?? undefined);
  if (tenant && stream && stream.class !== "C0") return {};
  return {
    refuseRaw: true,
    nameFields: NAME_FIELDS,
    mayLink: ({ protocol, hostname, username }) =>
      protocol === "https:" && username === "" && (tenant?.owns(hostname) ?? false),
  };
}
