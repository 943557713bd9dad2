import type { MessageFilter } from "../../../spool/index.ts";
import type { Row } from "./message-there.ts";
import { tagName } from "../tags.ts";
import { TEMPLATE_LABEL, labelsThere } from "./labels.ts";

type Tag = NonNullable<MessageFilter["tag"]>;

/** What a query asks for. All of it has to be so. */
export type Query = {
  recipients: string[];
  authors: string[];
  /** The author or the recipient. */
  either: string[];
  tags: Tag[];
  states: string[];
};

/** A word, or several in quotes, with or without the name of a field before it. */
const TERM = /(-)?(?:([a-zA-Z_][\w-]*):)?("[^"]*"|[^\s"]+)/g;

/**
 * A query as Mandrill's search takes it (mandrill.zendesk.com, "Search in Mandrill"): `full_email:ada@example.com`,
 * `sender:…`, `tags:welcome`, `state:bounced`, `u_user:7` for metadata, `template:…`, an address alone, `*` for all; joined
 * with AND. @returns what it cannot be here, in a few words.
 */
export function readQuery(text: string): Query | string {
  const query: Query = { recipients: [], authors: [], either: [], tags: [], states: [] };
  for (const [, minus, field, given] of text.matchAll(TERM)) {
    const value = given!.replace(/^"|"$/g, "");
    if (field === undefined && (value === "AND" || value === "*")) continue;
    if (minus !== undefined || /^(?:OR|NOT)$/.test(value) || /[()[\]*?~]/.test(value)) {
      return "OR, NOT, wildcards and groups in a query: name fields, joined with AND. They";
    }
    const fault = addTerm(query, field?.toLowerCase(), value);
    if (fault !== null) return fault;
  }
  return query;
}

function addTerm(query: Query, field: string | undefined, value: string): string | null {
  switch (field) {
    case undefined:
      if (!value.includes("@")) return "Searching for words: name a field, or give an address. It";
      query.either.push(value);
      return null;
    case "email":
    case "full_email":
    case "to":
      query.recipients.push(value);
      return null;
    case "sender":
    case "from":
      query.authors.push(value);
      return null;
    case "tag":
    case "tags":
      query.tags.push({ name: tagName(value), value: "" });
      return null;
    case "state":
    case "status":
      query.states.push(value.toLowerCase());
      return null;
    case "template":
      query.tags.push({ name: TEMPLATE_LABEL, value });
      return null;
    case "subject":
      return "Searching by subject: subjects are not kept. It";
    default:
      if (!field.startsWith("u_")) return `The field ${field} in a query`;
      query.tags.push({ name: tagName(field.slice(2)), value });
      return null;
  }
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
/** `email:example.com` is everybody there. */
const isOf = (address: string, asked: string): boolean =>
  asked.includes("@") ? same(address, asked) : same(address.slice(address.lastIndexOf("@") + 1), asked);

/** What of a query the database cannot be asked for is looked at here; `tags` and `senders` are lists of which one must be so. */
export function fitsQuery(query: Query): (row: Row) => boolean {
  return ({ message, recipient }) =>
    query.recipients.every((one) => isOf(recipient.address, one)) &&
    query.authors.every((one) => isOf(message.author, one)) &&
    query.either.every((one) => same(recipient.address, one) || same(message.author, one)) &&
    query.tags.every(({ name, value }) => message.tags[name] === value);
}

/** Filters that together find at least what is asked for, as narrow as they can be. */
export function filtersOf(
  base: Pick<MessageFilter, "tenant" | "acceptedAfter" | "acceptedBefore">,
  query: Query,
  anyTag: readonly string[],
  anySender: readonly string[],
): MessageFilter[] {
  const recipient = query.recipients.find((one) => one.includes("@"));
  const author = query.authors.find((one) => one.includes("@"));
  const [tag] = query.tags;
  const narrow: MessageFilter = {
    ...base,
    ...(recipient === undefined ? {} : { recipient }),
    ...(author === undefined ? {} : { author }),
    ...(tag === undefined ? {} : { tag }),
  };
  const [address] = query.either;
  const eithers: MessageFilter[] =
    address === undefined || recipient !== undefined || author !== undefined
      ? [narrow]
      : [
          { ...narrow, recipient: address },
          { ...narrow, author: address },
        ];
  const tagged =
    anyTag.length === 0 || tag !== undefined
      ? eithers
      : eithers.flatMap((one) => anyTag.map((name) => ({ ...one, tag: { name: tagName(name), value: "" } })));
  return anySender.length === 0 || author !== undefined || address !== undefined
    ? tagged
    : tagged.flatMap((one) => anySender.map((sender) => ({ ...one, author: sender })));
}

export const fitsLists =
  (anyTag: readonly string[], anySender: readonly string[]) =>
  ({ message }: Row): boolean => {
    const { tags } = labelsThere(message.tags);
    return (
      (anyTag.length === 0 || anyTag.some((one) => tags.includes(tagName(one)))) &&
      (anySender.length === 0 || anySender.some((one) => isOf(message.author, one)))
    );
  };
