import MailComposer from "nodemailer/lib/mail-composer";

/** What a vendor that takes fields makes of them. */
export const composed = (fields: ConstructorParameters<typeof MailComposer>[0]): Promise<Buffer> =>
  new MailComposer({ ...fields, disableFileAccess: true, disableUrlAccess: true }).compile().build();
