import type { Expected } from "../verify/expected.ts";
import { evened, hashOf } from "../verify/expected.ts";
import { addressesIn, linksOf } from "../verify/places.ts";
import type { Letter } from "./writer.ts";

/** What must be there when the letter arrives. @param recipient whose address may be in it as well */
export function expectedOf({ from, replyTo, subject, text, html }: Letter, recipient: string): Expected {
  const addresses = new Set(
    [from.address, ...(replyTo === null ? [] : [replyTo]), recipient].map((one) => one.toLowerCase()),
  );
  for (const one of [...addressesIn(text ?? ""), ...addressesIn(html ?? "")]) addresses.add(one);
  const links = new Set([...linksOf(text ?? "", false), ...(html === null ? [] : linksOf(html, true))]);
  return {
    author: from.address.toLowerCase(),
    replyTo: replyTo?.toLowerCase() ?? null,
    subject: hashOf(evened(subject)),
    text: text === null ? null : hashOf(evened(text)),
    html: html === null ? null : hashOf(evened(html)),
    addresses: [...addresses].map(hashOf),
    links: [...links].map(hashOf),
  };
}
