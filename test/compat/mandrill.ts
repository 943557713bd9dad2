import type { ClientCalls } from "./call.ts";
import { asker } from "./mandrill/caller.ts";
import { messages } from "./mandrill/messages.ts";
import { others } from "./mandrill/others.ts";
import { suppressions } from "./mandrill/suppressions.ts";
import { templates } from "./mandrill/templates.ts";
import type { CompatWorld } from "./world.ts";

/** Every method of the client. */
export function mandrillCalls(world: CompatWorld): ClientCalls {
  const ask = asker(world);
  return {
    vendor: "Mailchimp Transactional",
    client: "@mailchimp/mailchimp_transactional",
    calls: [...messages(ask, world), ...templates(ask, world), ...suppressions(ask), ...others(ask, world)],
  };
}
