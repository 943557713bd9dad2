import type { FrontEnd } from "./dialect.ts";
import { handlebars } from "./handlebars.ts";
import { mailchimp } from "./mailchimp.ts";
import { mustachio } from "./mustachio.ts";
import { resend } from "./resend.ts";
import { recipientVariables, substitution } from "./substitution.ts";

/** The languages templates may be written in; docs/templates.md tells what each can do. */
export const DIALECTS = [
  "handlebars",
  "mailchimp",
  "mustachio",
  "resend",
  "substitution",
  "recipient-variables",
] as const;
export type Dialect = (typeof DIALECTS)[number];

export const FRONT_ENDS: Readonly<Record<Dialect, FrontEnd>> = {
  handlebars,
  mailchimp,
  mustachio,
  resend,
  substitution,
  "recipient-variables": recipientVariables,
};
