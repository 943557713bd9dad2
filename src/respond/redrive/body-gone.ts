import type { RedriveOrder } from "../../spool/index.ts";
import type { Alert } from "../ports.ts";

export const bodyGoneKey = ({ orderId }: Pick<RedriveOrder, "orderId">): string => `body-gone ${orderId}`;

/** Mail that was lost and cannot be sent again by anybody here. One alert for each order, however many messages follow. */
export const bodyGoneAlert = (
  { orderId, provider, scope }: Pick<RedriveOrder, "orderId" | "provider" | "scope">,
  messages: number,
  at: number,
): Alert => ({
  key: bodyGoneKey({ orderId }),
  severity: "page",
  kind: "body-gone",
  provider,
  scope,
  sentence: `${messages === 1 ? "A message" : `${messages} messages`} that ${provider} took and lost cannot be sent again: the text is kept no longer.`,
  numbers: { order: orderId, messages },
  at,
});
