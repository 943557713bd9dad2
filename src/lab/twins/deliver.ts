import type { PostOffice } from "../outbound/index.ts";
import type { SentMessage, TwinAccount } from "./account.ts";
import { altered } from "./alteration.ts";
import { composed } from "./composed.ts";

/**
 * Carries a message that a twin took into the world. Resolves once the world has it, with the recipients it refused;
 * throws where it took nothing.
 */
export type Deliver = (message: SentMessage, account: TwinAccount) => Promise<readonly string[] | void>;

/** Through the vendor's outgoing side to the receiving server, signed for the domains the account holds. */
export const deliverThrough =
  (office: PostOffice): Deliver =>
  async (message, account) => {
    const { id, recipients } = message;
    const raw = await altered(message.outgoing ?? message.raw ?? (await textOf(message)), account.alteration);
    return office.send({ id, raw, recipients, returnPath: null }, (domain) => holdsDomain(account, domain));
  };

/** Vendors keep a domain's name under different words; each has one of these. */
const holdsDomain = (account: TwinAccount, domain: string): boolean =>
  [...account.things("domain").values()].some((one) => [one.id, one["domain"], one["name"]].includes(domain));

/** RFC 5322 text for a message of which only fields are known. */
const textOf = (message: SentMessage): Promise<Buffer> =>
  composed({ from: message.from, to: [...message.recipients], subject: message.subject, text: "" });
