import { tagName, tagValue } from "../tags.ts";
import { BATCH_TAG } from "./batch-id.ts";
import type { Personalization, SendGridMail } from "./read.ts";

/** A message keeps so many tags. */
const TAGS = 10;

/** Categories are tags without a value, custom arguments those with one. The batch goes first: it must not be lost. */
export function tagsOf(mail: SendGridMail, one: Personalization): Record<string, string> {
  const categories = typeof mail.categories === "string" ? [mail.categories] : (mail.categories ?? []);
  const pairs: [string, string][] = [
    ...(mail.batch_id ? [[BATCH_TAG, mail.batch_id] as [string, string]] : []),
    ...categories.map((name): [string, string] => [tagName(name), ""]),
    ...Object.entries({ ...mail.custom_args, ...one.custom_args }).map(([name, value]): [string, string] => [
      tagName(name),
      tagValue(value),
    ]),
  ];
  const tags = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (name !== "" && tags.size < TAGS && !(name === BATCH_TAG && tags.has(name))) tags.set(name, value);
  }
  return Object.fromEntries(tags);
}

export const categoriesOf = (tags: Record<string, string>): string[] =>
  Object.entries(tags).flatMap(([name, value]) => (value === "" ? [name] : []));
export const customArgsOf = (tags: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).filter(([name, value]) => value !== "" && name !== BATCH_TAG));
