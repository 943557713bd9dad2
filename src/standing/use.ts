import { type Standing, type Use, isStricter, useOf } from "../judge/index.ts";
import type { MessageClass } from "../mail/index.ts";

const YES: Use = { use: "yes" };

/** Of the whole provider and of the stream through it the stricter one counts; `why`: which verdict that is. */
export function strictest(
  standings: readonly (Standing | undefined)[],
  message: { class: MessageClass; stream: string },
): Use & { why?: string } {
  let strict: Use & { why?: string } = YES;
  for (const [index, standing] of standings.entries()) {
    if (!standing) continue;
    const use = useOf(standing, message.class);
    if (!isStricter(use, strict)) continue;
    strict = { ...use, why: `${standing.state}${index === 0 ? "" : ` for ${message.stream}`}` };
  }
  return strict;
}
