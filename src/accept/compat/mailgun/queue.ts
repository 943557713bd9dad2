import type { MessageState } from "../../../spool/index.ts";
import type { CompatParts } from "../compat.ts";
import { type Asked, type Fault, fault, instant } from "./dialect.ts";

const PAGE = 100;
/** Each is a transaction of its own; a client waits no longer. */
const MOST_AT_ONCE = 1_000;
const UNDELIVERED: readonly MessageState[] = ["scheduled", "queued", "held"];

/**
 * DELETE /v3/{domain}/envelopes: "Deletes all scheduled and undelivered mail from the domain queue." What a provider has
 * been asked to take at this moment goes on.
 */
export async function clearQueue({ who, domain }: Asked, { stories, acts }: CompatParts): Promise<object | Fault> {
  let left = MOST_AT_ONCE;
  for (const state of UNDELIVERED) {
    const filter = { tenant: who.tenant, authorDomain: domain, state };
    for (let after = null as Awaited<ReturnType<typeof stories.list>>["next"]; ;) {
      const page = await stories.list(filter, PAGE, after);
      for (const { spoolId } of page.messages) {
        if (left === 0) return fault(503, `${MOST_AT_ONCE} messages were deleted, and there are more: call again.`);
        left -= 1;
        await acts.cancel(who.tenant, spoolId, `api:${who.credential}`);
      }
      after = page.next;
      if (after === null) break;
    }
  }
  return { message: "done" };
}

/** GET /v3/domains/{domain}/sending_queues: whether mail is taken in at this moment. */
export function queuesThere({ port, clock }: CompatParts): object {
  const refusal = port.intakeRefusal();
  const queue = {
    is_disabled: refusal !== null,
    disabled: {
      until: refusal ? instant(clock.now() + (refusal.retryAfterS ?? 30) * 1_000) : "",
      reason: refusal?.publicMessage ?? "",
    },
  };
  return { regular: queue, scheduled: queue };
}
