import type { ApiKind } from "../../config/index.ts";

/** How a vendor's mail looks from outside: what it signs with and where bounces of it go. */
export type Sending = {
  /** `<selector>._domainkey.<domain>`. */
  selector: string;
  /** The owner of a domain points the selector to a name of the vendor's, instead of publishing the key. */
  isDelegated: boolean;
  /** Signs as itself besides, also where it signs as the author's domain. */
  signsTwice: boolean;
  /** The local part of the return path. */
  bounces: (id: string) => string;
  /**
   * The domain of the return path, below a domain that is set up: "" is the domain itself, null is always the vendor's own.
   * Where the author's domain is not set up it is the vendor's own in any case.
   */
  bounceHost: string | null;
};

/**
 * As the vendors tell their customers to set up a domain; looked up in November 2026.
 * mailchimp.com/developer/transactional/docs/authentication-delivery, resend.com/docs/dashboard/domains,
 * documentation.mailgun.com (domains), and for selectors in use mxio.io/providers.
 */
export const SENDING: Readonly<Partial<Record<ApiKind, Sending>>> = {
  mailgun: {
    selector: "pdk1",
    isDelegated: true,
    signsTwice: false,
    bounces: (id) => `bounce+${id}`,
    bounceHost: "",
  },
  mandrill: {
    selector: "mte1",
    isDelegated: true,
    signsTwice: true,
    bounces: (id) => `bounce-md_1.${id}`,
    bounceHost: null,
  },
  postmark: {
    selector: "20261125pm",
    isDelegated: false,
    signsTwice: false,
    bounces: () => "pm_bounces",
    bounceHost: null,
  },
  resend: { selector: "resend", isDelegated: false, signsTwice: true, bounces: (id) => id, bounceHost: "send" },
  sendgrid: {
    selector: "s1",
    isDelegated: true,
    signsTwice: false,
    bounces: (id) => `bounces+1-${id}`,
    bounceHost: "em1",
  },
  ses: { selector: "lab1", isDelegated: true, signsTwice: true, bounces: (id) => id, bounceHost: null },
};

/** A provider that only relays: it signs as the author's domain and leaves the return path as it is. */
export const RELAY: Sending = {
  selector: "relay",
  isDelegated: false,
  signsTwice: false,
  bounces: () => "bounces",
  bounceHost: null,
};
