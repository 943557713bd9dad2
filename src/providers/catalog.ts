import type { ProviderSettings } from "../config/index.ts";
import { directMxProvider } from "./direct-mx/index.ts";
import { mailgunProvider } from "./mailgun/index.ts";
import { mandrillProvider } from "./mandrill/index.ts";
import { postmarkProvider } from "./postmark/index.ts";
import type { Provider, ProviderParts } from "./provider.ts";
import { resendProvider } from "./resend/index.ts";
import { sendgridProvider } from "./sendgrid/index.ts";
import { sesProvider } from "./ses/index.ts";
import { smtpProvider } from "./smtp/index.ts";

type Kind = ProviderSettings["kind"];
type Factory<One extends Kind> = (settings: Extract<ProviderSettings, { kind: One }>, parts: ProviderParts) => Provider;

/** Every kind of provider there is; a new one is a folder and a line here. */
const FACTORIES: Partial<{ [One in Kind]: Factory<One> }> = {
  smtp: smtpProvider,
  "direct-mx": directMxProvider,
  mailgun: mailgunProvider,
  mandrill: mandrillProvider,
  postmark: postmarkProvider,
  resend: resendProvider,
  sendgrid: sendgridProvider,
  ses: sesProvider,
};

export function createProvider(settings: ProviderSettings, parts: ProviderParts): Provider {
  const factory = FACTORIES[settings.kind] as
    | ((settings: ProviderSettings, parts: ProviderParts) => Provider)
    | undefined;
  if (!factory) throw new Error(`no adapter for the kind ${settings.kind}`);
  return factory(settings, parts);
}
