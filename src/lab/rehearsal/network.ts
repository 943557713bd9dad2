import { type Clock, SECOND_MS, delay } from "../../kernel/index.ts";
import type { Asked, Provider } from "../../providers/index.ts";

/** As an address that answers nothing: PROVIDER_DEFAULTS.connectTimeoutMs. */
const CONNECT_TIMEOUT_MS = 10 * SECOND_MS;

/** The way out of the machine Postern runs on. Cut, no provider can be reached; what comes in still comes in. */
export class Network {
  readonly #clock: Clock;
  readonly #cut = new Set<string>();
  isCut = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To and from one provider. */
  cutTo(provider: string, isCut: boolean): void {
    if (isCut) this.#cut.add(provider);
    else this.#cut.delete(provider);
  }

  /** A provider as it is reached over this network. */
  reach(provider: Provider): Provider {
    const { name, kind, ownerGroup, capabilities, lookup, status, posture, activity } = provider;
    const over = async <Answer>(call: () => Promise<Answer>, lost: () => Answer): Promise<Answer> => {
      if (!this.isCut && !this.#cut.has(name)) return call();
      await delay(this.#clock, CONNECT_TIMEOUT_MS);
      return lost();
    };
    const asked = <Value>(call: () => Promise<Asked<Value>>) =>
      over<Asked<Value>>(call, () => ({ kind: "unavailable", reason: "connect-timeout" }));
    return {
      name,
      kind,
      ownerGroup,
      capabilities,
      handOff: (handoff, signal) =>
        over(
          () => provider.handOff(handoff, signal),
          () => ({
            recipients: handoff.envelope.recipients.map(() => ({
              kind: "deferred" as const,
              scope: "account" as const,
              cause: "connect-timeout",
            })),
          }),
        ),
      ...(lookup && {
        lookup: (attemptId) =>
          over(
            () => lookup.call(provider, attemptId),
            () => "unavailable" as const,
          ),
      }),
      ...(status && { status: () => asked(() => status.call(provider)) }),
      ...(posture && { posture: () => asked(() => posture.call(provider)) }),
      ...(activity && { activity: (query) => asked(() => activity.call(provider, query)) }),
      close: () => provider.close(),
    };
  }
}
