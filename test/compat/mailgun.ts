import Mailgun from "mailgun.js";
import type { ClientCalls } from "./call.ts";
import { elsewhere } from "./mailgun/elsewhere.ts";
import { events } from "./mailgun/events.ts";
import { messages } from "./mailgun/messages.ts";
import { others } from "./mailgun/others.ts";
import { suppressions } from "./mailgun/suppressions.ts";
import { templates } from "./mailgun/templates.ts";
import { type CompatWorld, KEYS } from "./world.ts";

/** Every method of the client. */
export function mailgunCalls(world: CompatWorld): ClientCalls {
  const client = new Mailgun(FormData).client({ username: "api", key: KEYS.plain, url: world.url });
  return {
    vendor: "Mailgun",
    client: "mailgun.js",
    calls: [
      ...messages(client, world),
      ...events(client, world),
      ...templates(client, world),
      ...suppressions(client),
      ...others(client),
      ...elsewhere(client),
    ],
  };
}
