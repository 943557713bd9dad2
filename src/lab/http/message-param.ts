import type { LabInbox, LabMessage } from "../inbox.ts";

/** The message a path names, if the inbox still holds it. */
export const namedMessage = (inbox: LabInbox, id: string): LabMessage | undefined =>
  /^[1-9]\d{0,14}$/.test(id) ? inbox.get(Number(id)) : undefined;
