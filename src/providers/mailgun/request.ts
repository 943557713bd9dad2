import type { Outcome } from "../../mail/index.ts";
import { notExpressible } from "../dismantle.ts";
import type { HttpCall } from "../http.ts";
import type { Handoff } from "../provider.ts";

/** On all our mail: what the account sends without it is not from here. */
export const TAG = "postern";

/** Basic with the user `api` ("Authentication", Mailgun API overview). */
export const authorization = (key: string): string => `Basic ${Buffer.from(`api:${key}`).toString("base64")}`;

/** Why this message cannot go by this API; null where it can. */
export function obstacleIn(handoff: Handoff): Outcome | null {
  if (handoff.envelope.needsSmtputf8 || handoff.envelope.recipients.some(({ mailbox }) => mailbox.needsSmtputf8)) {
    return { kind: "rejected", scope: "account", cause: "smtputf8-not-supported" };
  }
  const option = optionIn(handoff.raw);
  return option === null ? null : notExpressible(`the header field ${option}, which it takes as an order to itself`);
}

/**
 * "Passing Sending Options": Mailgun acts on such fields and removes them; X-Mailgun-Drop-Message reports a delivery and
 * delivers nothing. Who may write a message must not choose that.
 */
function optionIn(raw: Buffer): string | null {
  const end = raw.indexOf("\r\n\r\n");
  const header = raw.toString("latin1", 0, end === -1 ? raw.length : end);
  return /^(x-mailgun-[!-9;-~]{1,60})[ \t]*:/im.exec(header)?.[1] ?? null;
}

/**
 * POST /v3/{domain}/messages.mime: the message as it is, to exactly these recipients. Not signed by Mailgun (`o:dkim=no`:
 * ours stands alone), not tracked, our ids as variables, which come back with every event.
 */
export function requestOf(handoff: Handoff, domain: string, key: string): HttpCall {
  const fields: [name: string, value: string][] = [
    ["to", handoff.envelope.recipients.map(({ mailbox }) => mailbox.address).join(",")],
    ["o:dkim", "no"],
    ["o:tracking", "no"],
    ["o:tracking-clicks", "no"],
    ["o:tracking-opens", "no"],
    ["o:tag", TAG],
    ["v:postern_attempt", handoff.attemptId],
    ["v:postern_id", handoff.spoolId],
  ];
  const boundary = boundaryFor(handoff);
  return {
    method: "POST",
    path: `/v3/${encodeURIComponent(domain)}/messages.mime`,
    headers: {
      authorization: authorization(key),
      "content-type": `multipart/form-data; boundary=${boundary}`,
    },
    body: formData(fields, handoff.raw, boundary),
    isOurs: () => handoff.isOurs(),
  };
}

/** A boundary that stands nowhere in the message: nobody who writes one can write a field of ours into the form. */
function boundaryFor({ attemptId, raw }: Handoff): string {
  for (let n = 0; ; n++) {
    const boundary = `postern-form-${attemptId}-${n}`; // attempt ids cannot be guessed; looked for all the same
    if (!raw.includes(boundary)) return boundary;
  }
}

/** RFC 7578 §4.2. Values are addresses and ids whose grammar is checked: no line end can be in them. */
function formData(fields: readonly [string, string][], message: Buffer, boundary: string): Buffer {
  const head = fields
    .map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join("");
  const file =
    `--${boundary}\r\nContent-Disposition: form-data; name="message"; filename="message.eml"\r\n` +
    "Content-Type: message/rfc822\r\n\r\n";
  return Buffer.concat([Buffer.from(head + file), message, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}
