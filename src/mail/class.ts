/**
 * The five classes. They decide everything about a message: how long it lives, how it is retried, what may carry it.
 * C0 secret (reset link, code) · C1 security notice · C2 critical (confirmation, alert) · C3 routine · C4 bulk.
 */
export const MESSAGE_CLASSES = ["C0", "C1", "C2", "C3", "C4"] as const;
export type MessageClass = (typeof MESSAGE_CLASSES)[number];

/** As stored: 0 for C0 … 4 for C4. */
export const classNumber = (messageClass: MessageClass): number => MESSAGE_CLASSES.indexOf(messageClass);
export function classFromNumber(n: number): MessageClass {
  const found = MESSAGE_CLASSES[n];
  if (!found) throw new Error(`no message class ${n}`);
  return found;
}
