import { DAY_MS } from "../kernel/index.ts";

/** What a first person ordered waits so long for a second one. */
const SECOND_WITHIN_MS = DAY_MS;

/** One name however it is typed. */
export const personOf = ({ operator }: { operator: string }): string => operator.trim().toLowerCase();

export const isOverdue = (orderedAt: number, now: number): boolean => now - orderedAt > SECOND_WITHIN_MS;
