import type { Submitted } from "./application.ts";
import type { World } from "./world.ts";

/** Whether a message's secret still opened something at an instant; false where it holds none. */
export type IsLiving = (message: Submitted, at: number) => boolean;

/** As an application has to do it: a secret ends with its time, or in the moment in which a newer one is made in its place. */
export function livingSecrets({ application, settings }: Pick<World, "application" | "settings">): IsLiving {
  const lives = new Map(
    settings.tenants.flatMap(({ streams }) => streams.map(({ name, ttlMs }) => [name, ttlMs] as const)),
  );
  const replacedAt = new Map(
    application.sent.flatMap(({ insteadOf, at }) => (insteadOf === null ? [] : [[insteadOf, at] as const])),
  );
  return ({ id, secret, stream, at: madeAt }, at) => {
    if (secret === null) return false;
    const endsAt = madeAt + (lives.get(stream) ?? Number.POSITIVE_INFINITY);
    return at < Math.min(endsAt, replacedAt.get(id ?? "") ?? Number.POSITIVE_INFINITY);
  };
}
