import type { Submitted } from "./application.ts";
import type { World } from "./world.ts";

/** What somebody asked for, not what was made in place of another one. */
export const askedFor = ({ application }: World): Submitted[] =>
  application.sent.filter(({ insteadOf }) => insteadOf === null);

/**
 * For each message that was asked for: milliseconds until it is at its inbox; of a secret, until one that works is: the
 * first, or one that was made in its place. An old secret works until the new one is made. Null: it never was.
 */
export function usableAfterMs({ application, receivers }: World, all: readonly Submitted[]): (number | null)[] {
  const next = new Map(
    application.sent.flatMap((one) => (one.insteadOf === null ? [] : [[one.insteadOf, one] as const])),
  );
  return all.map((asked) => {
    for (let one: Submitted | undefined = asked; one;) {
      const after: Submitted | undefined = one.id === null ? undefined : next.get(one.id);
      const arrivedAt = receivers.copiesOf(one.recipient)[0]?.at;
      if (arrivedAt !== undefined && (!after || arrivedAt < after.at)) return arrivedAt - asked.at;
      one = after;
    }
    return null;
  });
}
