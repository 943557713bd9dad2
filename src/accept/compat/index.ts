export type { CompatParts } from "./compat.ts";
export { registerMandrill } from "./mandrill/index.ts";
export { registerResend } from "./resend/index.ts";
export { registerSendGrid } from "./sendgrid/index.ts";
export { registerPostmark } from "./postmark/index.ts";
export { registerSes } from "./ses/index.ts";
export { registerMailgun } from "./mailgun/index.ts";
