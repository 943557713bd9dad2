import type { ApiKind } from "../../config/index.ts";
import type { Dialect } from "./dialect.ts";
import { mailgunDialect } from "./mailgun.ts";
import { mandrillDialect } from "./mandrill.ts";
import { postmark } from "./postmark.ts";
import { resendDialect } from "./resend.ts";
import { sendgridDialect } from "./sendgrid.ts";
import { sesDialect } from "./ses.ts";

/** Every vendor that has a twin; a new one is a file and a line here. */
export const DIALECTS: Partial<Record<ApiKind, Dialect>> = {
  mailgun: mailgunDialect,
  mandrill: mandrillDialect,
  postmark,
  resend: resendDialect,
  sendgrid: sendgridDialect,
  ses: sesDialect,
};
