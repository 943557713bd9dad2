import type { Suppression, SuppressionKind } from "../../../tenancy/index.ts";
import { instant } from "./dialect.ts";

/** One of the three lists a tenant's suppressions are shown as, by why an address is suppressed. */
export type ListOf = {
  kinds: readonly SuppressionKind[];
  /** Of what is put there. */
  kind: SuppressionKind;
  /** As an item of it is shown. */
  there(one: Suppression): object;
  words: { added: string; cleared: string; removed: string; none: string };
};

const CODE = /^(\d{3})\b[ -]?(.*)$/s;
/** `bounced: 550 No such mailbox` */
function bounceThere({ address, reason, createdAt }: Suppression): object {
  const said = reason.replace(/^[a-z]+(?::|,|$)\s*/, "");
  const [, code = "550", error = said] = CODE.exec(said) ?? [];
  return { address, code, error, created_at: instant(createdAt) };
}

/**
 * documentation.mailgun.com, "Suppressions" (seen 2026-11-25). What a person put on the list is shown among the
 * unsubscribed, from whom it differs in nothing.
 */
export const LISTS: Readonly<Record<"bounces" | "complaints" | "unsubscribes", ListOf>> = {
  bounces: {
    kinds: ["bounced", "invalid"],
    kind: "bounced",
    there: bounceThere,
    words: {
      added: "added to the bounces table",
      cleared: "Bounced addresses for this domain have been removed",
      removed: "Bounced addresses for this domain have been removed",
      none: "Address not found in bounces table",
    },
  },
  complaints: {
    kinds: ["complained"],
    kind: "complained",
    there: ({ address, createdAt }) => ({ address, created_at: instant(createdAt) }),
    words: {
      added: "added to the complaints table",
      cleared: "Complaint addresses for this domain have been removed",
      removed: "Complaint addresses for this domain have been removed",
      none: "No spam complaints found for this address",
    },
  },
  unsubscribes: {
    kinds: ["unsubscribed", "manual"],
    kind: "unsubscribed",
    there: ({ address, createdAt }) => ({ address, tags: ["*"], created_at: instant(createdAt) }),
    words: {
      added: "added to the unsubscribes table",
      cleared: "Unsubscribe addresses for this domain have been removed",
      removed: "Unsubscribe event has been removed",
      none: "Address not found in unsubscribers table",
    },
  },
};
