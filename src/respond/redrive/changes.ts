import type { LeafMaker } from "../../ledger/index.ts";
import { classNumber } from "../../mail/index.ts";
import type { DoubtedMessage, RedriveChanges, RedriveItem, RedriveOrder } from "../../spool/index.ts";
import type { Tenants } from "../../tenancy/index.ts";
import { type LogAnswer, decideRedrive } from "./decide.ts";
import { hasOtherWay } from "./other-way.ts";

export type ChangeParts = {
  tenants: Tenants;
  leaves: LeafMaker;
  /** By provider's name. */
  ownerGroupOf: (provider: string) => string | undefined;
};

const UNHEARD: ReadonlySet<string> = new Set(["pending", "handed-off", "delivered"]);
/** Results that the tenant hears of: its application, or a person, has to make a new message. */
const WANTS_REISSUE: ReadonlySet<string> = new Set(["reissue-wanted", "body-gone"]);

/** What is written about some messages of an order. Nothing here touches the database. */
export function changesOf(
  order: RedriveOrder,
  batch: readonly { item: RedriveItem; message: DoubtedMessage | undefined; log: LogAnswer; asked: boolean }[],
  now: number,
  { tenants, leaves, ownerGroupOf }: ChangeParts,
): RedriveChanges {
  const changes: RedriveChanges = { items: [], again: [], hurried: [], events: [], leaves: [] };
  const about = { provider: order.provider, reason: order.reason };
  for (const { item, message, log, asked } of batch) {
    const { spoolId } = item;
    const route = message && tenants.find(message.tenant)?.routeOf(message.stream);
    const verdict = decideRedrive({
      message,
      order,
      log,
      hasOtherWay: route !== undefined && hasOtherWay(route, order.provider, ownerGroupOf),
      now,
    });
    const result = verdict.kind === "again" ? "resent" : verdict.kind === "hurry" ? "hurried" : verdict.result;
    changes.items.push({ spoolId, result, asked });
    if (!message) continue;
    const { tenant } = message;
    const tell = (kind: string, detail: Record<string, unknown>): void => {
      const notify = tenants.find(tenant)?.wantsEvent(kind) ?? false;
      changes.events.push({ spoolId, tenant, kind, detail: { ...about, ...detail }, notify });
      changes.leaves.push(leaves.redriven({ spoolId, kind, order: order.orderId, ...about, at: now }));
    };
    if (verdict.kind === "hurry") changes.hurried.push(spoolId);
    else if (verdict.kind === "again") {
      const { recipients, attempts } = verdict;
      const resolved = order.lying ? "disbelieved" : "resent";
      changes.again.push({ spoolId, class: classNumber(message.class), recipients, attempts, resolved });
      tell("message.redriven", { attempt: attempts.at(-1), recipients });
    } else if (WANTS_REISSUE.has(verdict.result)) {
      const recipients = message.recipients.filter((one) => UNHEARD.has(one.state)).map((one) => one.n);
      const cause = verdict.result === "body-gone" ? { cause: "body-gone" } : {};
      tell("message.reissue-wanted", {
        recipients,
        stream: message.stream,
        tags: message.tags,
        count: recipients.length,
        ...cause,
      });
    }
  }
  return changes;
}
