import { linksIn } from "../../templates/index.ts";

const ADDRESS = /[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}/gi;

/** Every mail address in a text, in small letters: whoever reads it could write there. */
export const addressesIn = (text: string): string[] => [
  ...new Set((text.match(ADDRESS) ?? []).map((one) => one.toLowerCase().replace(/^[.'=]+|\.+$/g, ""))),
];

/** Every address a reader could follow, as written. Marks that end a sentence are none of it. */
export const linksOf = (text: string, isHtml: boolean): string[] => [
  ...new Set(linksIn(text, isHtml).map((link) => withoutMarks(link.trim()))),
];

const MARKS = ".,;:!?)]";
function withoutMarks(link: string): string {
  let end = link.length;
  while (end > 0 && MARKS.includes(link[end - 1]!)) end -= 1;
  return link.slice(0, end);
}

export const hostOf = (link: string): string => {
  const whole = /^www\./i.test(link) ? `https://${link}` : link;
  return URL.canParse(whole) ? new URL(whole).host.toLowerCase() : "";
};
