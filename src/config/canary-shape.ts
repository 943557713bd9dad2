import { z } from "zod";
import { MINUTE_MS, SECOND_MS, Secret } from "../kernel/index.ts";
import { type SecretSource, findSecret, secret } from "./secrets.ts";
import { address, domain, duration, field, host, name, oneOf, port, said, text, url, yesNo } from "./values.ts";

const BOUNDS = {
  every: [5 * SECOND_MS, 60 * MINUTE_MS],
  deadline: [5 * SECOND_MS, 10 * MINUTE_MS],
} as const;

const mailAddress = field((input) =>
  typeof input === "string" && /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(input)
    ? { value: input }
    : { sentence: `must be one address, such as seed@example.com; it says ${said(input)}.` },
);
/** What a hook is proven with may be given by reference; other values stand in the file. */
const headerField = (source: SecretSource) =>
  field((input) => {
    if (typeof input === "string" && /^(?:env|file):/.test(input)) {
      const found = findSecret(source, input);
      return "value" in found ? { value: new Secret(found.value) } : found;
    }
    return typeof input === "string" && /^[\x20-\x7e]{1,1024}$/.test(input)
      ? { value: new Secret(input) }
      : { sentence: `must be printable text, env:NAME or file:PATH; it says ${said(input)}.` };
  });
const headerName = field((input) =>
  typeof input === "string" && /^[!-9;-~]+$/.test(input)
    ? { value: input.toLowerCase() }
    : { sentence: `must be the name of a header field, such as X-Mailer-Id; it says ${said(input)}.` },
);

/** One shape for both kinds, so that a mistyped key is told with what was meant; which keys a kind needs: below. */
const receiverShape = (source: SecretSource) =>
  z.strictObject({
    name,
    kind: oneOf(["mx", "imap"]),
    listen: address.optional(),
    domain: domain.optional(),
    hostname: host.optional(),
    certificate: z.strictObject({ cert: text("a file path"), key: text("a file path") }).optional(),
    host: host.optional(),
    port: port.optional(),
    tls: oneOf(["none", "starttls", "implicit"]).optional(),
    username: text("a user name").optional(),
    password: secret(source).optional(),
    address: mailAddress.optional(),
    mailbox: text("the name of a folder").optional(),
  });

export const canariesShape = (source: SecretSource) =>
  z.strictObject({
    every: duration(BOUNDS.every).optional(),
    standbyEvery: duration(BOUNDS.every).optional(),
    mailboxEvery: duration(BOUNDS.every).optional(),
    deadline: duration(BOUNDS.deadline).optional(),
    receivers: z.array(receiverShape(source)).min(1),
    templates: z
      .array(
        z.strictObject({
          tenant: name,
          template: text("the name of a template"),
          stream: name,
          values: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .optional(),
    providers: z
      .record(
        z.string(),
        z.strictObject({ headers: z.array(headerName).optional(), domains: z.array(domain).optional() }),
      )
      .optional(),
    signUps: z
      .array(
        z.strictObject({
          name,
          tenant: name.optional(),
          page: url.optional(),
          url: url.optional(),
          hook: url.optional(),
          method: oneOf(["POST", "PUT", "GET"]).optional(),
          encoding: oneOf(["form", "json"]).optional(),
          fields: z.record(z.string(), z.string()).optional(),
          headers: z.record(z.string(), headerField(source)).optional(),
          every: duration(BOUNDS.every).optional(),
          within: duration(BOUNDS.deadline).optional(),
          linkOrigin: url.optional(),
          follow: yesNo.optional(),
        }),
      )
      .optional(),
  });
export type FileCanaries = z.infer<ReturnType<typeof canariesShape>>;
