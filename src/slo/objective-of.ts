import { DEFAULT_OBJECTIVES, type Objective, type ObjectiveSettings, type TenantSettings } from "../config/index.ts";
import type { MessageClass } from "../mail/index.ts";

/** What is promised of one stream. */
export type StreamObjective = { tenant: string; stream: string; class: MessageClass; objective: Objective };

/** The most particular one: of the stream, of the class for that tenant, of the class, the usual one. */
export function objectiveOf(
  objectives: readonly ObjectiveSettings[],
  { tenant, stream, class: messageClass }: { tenant: string; stream: string; class: MessageClass },
): Objective {
  const found =
    objectives.find((one) => one.tenant === tenant && one.stream === stream) ??
    objectives.find((one) => one.tenant === tenant && one.class === messageClass) ??
    objectives.find((one) => one.tenant === null && one.class === messageClass);
  const { withinMs, target, windowMs } = found ?? DEFAULT_OBJECTIVES[messageClass];
  return { withinMs, target, windowMs };
}

export const objectivesOf = (
  tenants: readonly Pick<TenantSettings, "name" | "streams">[],
  objectives: readonly ObjectiveSettings[],
): StreamObjective[] =>
  tenants.flatMap((tenant) =>
    tenant.streams.map(({ name, class: messageClass }) => {
      const about = { tenant: tenant.name, stream: name, class: messageClass };
      return { ...about, objective: objectiveOf(objectives, about) };
    }),
  );
