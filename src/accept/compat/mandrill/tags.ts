import { z } from "zod";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { tagName } from "../tags.ts";
import { grouped, periods, recent, seriesOf, tagsOf } from "./activity.ts";
import { isError, mandrillError, shown } from "./errors.ts";
import { hourly } from "./statistics.ts";

export const tagShape = z.looseObject({ tag: z.string() });
type Asked = z.infer<typeof tagShape>;

/** Tags of what was sent in the last 30 days, with what became of it. */
export async function listTags(_given: unknown, who: Submitter, parts: CompatParts): Promise<unknown> {
  const found = await recent({}, who, parts);
  if (isError(found)) return found;
  return grouped(found, tagsOf).map(({ name, rest }) => ({ tag: name, reputation: null, ...rest }));
}

export async function tagInfo({ tag }: Asked, who: Submitter, parts: CompatParts): Promise<unknown> {
  const found = await recent({ tag: { name: tagName(tag), value: "" } }, who, parts);
  if (isError(found)) return found;
  const [counted] = grouped(found, () => [tag]);
  if (!counted) return mandrillError("Invalid_Tag_Name", `The tag '${shown(tag)}' is not known here.`);
  return { tag, reputation: null, ...counted.rest, stats: periods(found, parts.clock.now()) };
}

export const tagTimeSeries = ({ tag }: Asked, who: Submitter, parts: CompatParts): Promise<unknown> =>
  seriesOf({ tag: { name: tagName(tag), value: "" } }, who, parts);

/** Of all messages that have any tag. */
export async function allTimeSeries(_given: unknown, who: Submitter, parts: CompatParts): Promise<unknown> {
  const found = await recent({}, who, parts);
  if (isError(found)) return found;
  const tagged = found.rows.filter((row) => tagsOf(row).length > 0);
  return hourly(tagged, found.happened);
}
