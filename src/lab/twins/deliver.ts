import { createTransport } from "nodemailer";
import MailComposer from "nodemailer/lib/mail-composer";
import type { Address } from "../../config/index.ts";
import type { SentMessage } from "./account.ts";

/** Carries a message that a twin took into the world. Resolves once the world has it. */
export type Deliver = (message: SentMessage) => Promise<void>;

/** Over SMTP to the lab's receiving server, one transfer per message, as the vendor's own bounce address. */
export function deliverTo({ host, port }: Address, vendor: string): Deliver {
  const transport = createTransport({ host, port, secure: false, ignoreTLS: true, name: `out.${vendor}.example` });
  return async (message) => {
    await transport.sendMail({
      envelope: { from: `bounces@${vendor}.example`, to: [...message.recipients] },
      raw: message.outgoing ?? message.raw ?? (await textOf(message)),
    });
  };
}

/** RFC 5322 text for a message of which only fields are known. */
const textOf = (message: SentMessage): Promise<Buffer> =>
  composed({ from: message.from, to: [...message.recipients], subject: message.subject, text: "" });

/** What a vendor that takes fields makes of them. */
export const composed = (fields: ConstructorParameters<typeof MailComposer>[0]): Promise<Buffer> =>
  new MailComposer({ ...fields, disableFileAccess: true, disableUrlAccess: true }).compile().build();
