import type { TwinName } from "../settings.ts";

const CARRIERS: readonly TwinName[] = ["mandrill", "ses", "sendgrid", "mailgun", "resend"];

/** Every dialect carries the mail in its turn, and another one stands by. */
export function carriersOf(seed: number): { providers: TwinName[] } {
  const first = seed % CARRIERS.length;
  return { providers: [CARRIERS[first]!, CARRIERS[(first + 1) % CARRIERS.length]!, "postmark"] };
}
