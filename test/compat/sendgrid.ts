import client from "@sendgrid/client";
import mail from "@sendgrid/mail";
import type { ClientCalls } from "./call.ts";
import type { Answer, Method, SendGridWorld } from "./sendgrid/asking.ts";
import { sendgridActivity } from "./sendgrid/activity.ts";
import { sendgridBatches } from "./sendgrid/batches.ts";
import { sendgridMail } from "./sendgrid/mail.ts";
import { sendgridOthers } from "./sendgrid/others.ts";
import { sendgridSuppressions } from "./sendgrid/suppressions.ts";
import { sendgridTemplates } from "./sendgrid/templates.ts";
import { type CompatWorld, KEYS } from "./world.ts";

/** `@sendgrid/client` has one method, `request`: what it is asked for is listed, and the methods of `@sendgrid/mail` that use it. */
export function sendgridCalls(world: CompatWorld): ClientCalls {
  client.setApiKey(KEYS.sendgrid);
  client.setDefaultRequest("baseUrl", `${world.url}/`);
  mail.setClient(client);
  const ask = async <Body>(
    method: Method,
    url: string,
    body?: object,
    qs?: Record<string, string | number>,
  ): Promise<Answer<Body>> => {
    const [response, answered] = await client.request({
      method,
      url,
      ...(body === undefined ? {} : { body }),
      ...(qs === undefined ? {} : { qs }),
    });
    return { status: response.statusCode, body: answered as Body };
  };
  const asked: SendGridWorld = { ...world, mail, ask };
  return {
    vendor: "SendGrid",
    client: "@sendgrid/client",
    calls: [
      ...sendgridMail(asked),
      ...sendgridBatches(asked),
      ...sendgridActivity(asked),
      ...sendgridTemplates(asked),
      ...sendgridSuppressions(asked),
      ...sendgridOthers(asked),
    ],
  };
}
