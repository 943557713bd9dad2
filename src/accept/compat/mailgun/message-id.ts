import type { Clock, Random } from "../../../kernel/index.ts";

const ID = /^<(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.[0-9a-f]{32}@/;
/** A message is accepted so soon after its id was made, or clocks differ. */
const AROUND_MS = 10 * 60_000;

/** `<20111114174239.…@domain>`, as Mailgun's: the instant it begins with says where in the list of messages to look. */
export function newMessageId(domain: string, { clock, random }: { clock: Clock; random: Random }): string {
  const second = new Date(clock.now()).toISOString().replace(/\D/g, "").slice(0, 14);
  return `<${second}.${random.bytes(16).toString("hex")}@${domain}>`;
}

/** Which messages may be called so: by their id, and where it is one of ours, by the time they were accepted in. */
export function messagesCalled(given: string): {
  headerMessageId: string;
  acceptedAfter?: number;
  acceptedBefore?: number;
} {
  const headerMessageId = given.startsWith("<") ? given : `<${given}>`;
  const [, ...read] = ID.exec(headerMessageId) ?? [];
  if (read.length === 0) return { headerMessageId };
  const [year, month, day, hour, minute, second] = read.map(Number) as [number, number, number, number, number, number];
  const at = Date.UTC(year, month - 1, day, hour, minute, second);
  return { headerMessageId, acceptedAfter: at - AROUND_MS, acceptedBefore: at + AROUND_MS };
}
