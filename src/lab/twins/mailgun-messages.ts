import { composed } from "./composed.ts";
import type { Desk, TwinReply, TwinRequest } from "./dialect.ts";

type Fields = Map<string, string[]>;
type File = { filename: string; content: Buffer };

/** POST /v3/{domain}/messages and messages.mime. */
export async function takeMailgun(
  request: TwinRequest,
  desk: Desk,
  { domain, isMime }: { domain: string; isMime: boolean },
): Promise<TwinReply> {
  const refuse = (status: number, message: string): TwinReply => ({ status, body: { message } });
  const form = await formOf(request);
  if (form === null) return refuse(400, "Bad request");
  const { fields, files } = form;
  if (!desk.account.things("domain").has(domain)) return refuse(404, "Domain not found: " + domain);
  const recipients = listIn(fields, "to").concat(
    isMime ? [] : listIn(fields, "cc"),
    isMime ? [] : listIn(fields, "bcc"),
  );
  if (recipients.length === 0) return refuse(400, "to parameter is missing");
  if (recipients.some((one) => !/^[^@\s]+@[^@\s]+$/.test(one))) {
    return refuse(400, "to parameter is not a valid address. please check documentation");
  }
  const raw = isMime ? files.get("message")?.[0]?.content : await composeFrom(fields, files);
  if (raw === undefined) return refuse(400, "Missing mandatory parameter: message");
  if (raw === null)
    return refuse(400, "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified");
  const header = raw
    .toString("latin1")
    .split("\r\n\r\n", 1)[0]!
    .replace(/\r\n[ \t]+/g, " ");
  const field = (name: string): string => new RegExp(`^${name}:[ \\t]*(.*)$`, "im").exec(header)?.[1]?.trim() ?? "";
  const own = `${desk.clock.now()}.${desk.account.nextCount()}.TWIN@${domain}`;
  const id = /^<[^<>\s]+>$/.test(field("Message-ID")) ? field("Message-ID") : `<${own}>`;
  const unwanted = new Set(desk.account.things("suppression").keys());
  const wanted = recipients.filter((one) => !unwanted.has(one.toLowerCase()));
  desk.take(
    {
      from: field("From"),
      recipients: wanted,
      subject: field("Subject"),
      metadata: Object.fromEntries(
        [...fields].flatMap(([name, [value = ""]]) => (name.startsWith("v:") ? [[name.slice(2), value]] : [])),
      ),
      tags: fields.get("o:tag") ?? [],
      raw,
      fields: { domain, ...Object.fromEntries(fields) },
    },
    id,
  );
  return { status: 200, body: { id, message: "Queued. Thank you." } };
}

async function composeFrom(fields: Fields, files: Map<string, File[]>): Promise<Buffer | null> {
  const first = (name: string): string | undefined => fields.get(name)?.[0];
  if (!["text", "html", "amp-html", "template"].some((name) => fields.has(name))) return null;
  const custom = [...fields].flatMap(([name, values]) =>
    name.startsWith("h:") ? [{ key: name.slice(2), value: values[0] ?? "" }] : [],
  );
  const attachments = [...(files.get("attachment") ?? []), ...(files.get("inline") ?? [])];
  return composed({
    from: first("from"),
    to: listIn(fields, "to", false),
    cc: listIn(fields, "cc", false),
    subject: first("subject"),
    text: first("text"),
    html: first("html"),
    headers: custom,
    attachments,
  });
}

async function formOf({ headers, body }: TwinRequest): Promise<{ fields: Fields; files: Map<string, File[]> } | null> {
  const fields: Fields = new Map();
  const files = new Map<string, File[]>();
  try {
    const type = headers["content-type"] ?? "";
    const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
    for (const [name, value] of form) {
      if (typeof value === "string") fields.set(name, [...(fields.get(name) ?? []), value]);
      else {
        const file = { filename: value.name, content: Buffer.from(await value.arrayBuffer()) };
        files.set(name, [...(files.get(name) ?? []), file]);
      }
    }
    // A message given as a plain field is taken too.
    const text = fields.get("message")?.[0];
    if (text !== undefined) files.set("message", [{ filename: "", content: Buffer.from(text) }]);
    return { fields, files };
  } catch {
    return null;
  }
}

/** Addresses of a field, `a@b.example, Name <c@d.example>`, given once or often. */
function listIn(fields: Fields, name: string, isBare = true): string[] {
  const all = (fields.get(name) ?? []).flatMap((value) => value.split(",")).map((one) => one.trim());
  return all.filter((one) => one !== "").map((one) => (isBare ? (/<([^<>]+)>$/.exec(one)?.[1] ?? one) : one));
}
