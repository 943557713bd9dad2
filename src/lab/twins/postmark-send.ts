import { randomUUID } from "node:crypto";
import type { SentMessage } from "./account.ts";
import { composed } from "./composed.ts";
import type { Desk, TwinReply, TwinRequest } from "./dialect.ts";

/** Fields of POST /email; another one is code 403. */
const FIELDS = new Set(
  "From To Cc Bcc Subject Tag HtmlBody TextBody ReplyTo Headers TrackOpens TrackLinks Metadata Attachments MessageStream".split(
    " ",
  ),
);
const FORBIDDEN =
  /\.(?:vbs|exe|bin|bat|chm|com|cpl|crt|hlp|hta|inf|ins|isp|jse|lnk|mdb|pcd|pif|reg|scr|sct|shs|vbe|vba|wsf|wsh|wsl|msc|msi|msp|mst)$/i;

type Email = Record<string, string | undefined> & {
  Headers?: { Name: string; Value: string }[];
  Attachments?: { Name: string; Content: string; ContentType: string; ContentID?: string }[];
  Metadata?: Record<string, string>;
};

const refuse = (code: number, message: string): TwinReply => ({
  status: 422,
  headers: { "x-pm-apierrorcode": String(code) },
  body: { ErrorCode: code, Message: message },
});

/** @param state held: taken in silence, and in no list. */
export async function sendEmail(request: TwinRequest, desk: Desk, state?: SentMessage["state"]): Promise<TwinReply> {
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) return { status: 415, body: "" };
  if (typeof request.json !== "object" || request.json === null) return refuse(402, "Invalid JSON.");
  const unknown = Object.keys(request.json).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) return refuse(403, `Invalid request field(s): '${unknown}'.`);
  const email = request.json as Email;
  const fault = faultOf(email, desk);
  if (fault) return fault;
  const recipients = [email["To"], email["Cc"], email["Bcc"]].flatMap((list) => addressesOf(list));
  const list = desk.account.things("suppression");
  const inactive = recipients.filter((one) => list.has(one.toLowerCase()));
  const active = recipients.filter((one) => !list.has(one.toLowerCase()));
  if (active.length === 0) {
    return refuse(
      406,
      `You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: ${inactive.join(", ")}. ` +
        "Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression.",
    );
  }
  const id = randomUUID();
  const message = {
    from: email["From"] ?? "",
    recipients: active,
    subject: email["Subject"] ?? "",
    metadata: email.Metadata ?? {},
    tags: email["Tag"] === undefined ? [] : [email["Tag"]],
    raw: await rawOf(email, id),
    fields: { ...email, ...(state === "held" ? { isInNoList: true } : {}) },
  };
  desk.take(message, id, state);
  const said =
    inactive.length === 0
      ? "OK"
      : `Message OK, but will not deliver to these inactive addresses: ${inactive.join(", ")}.`;
  const at = new Date(desk.clock.now()).toISOString();
  return { status: 200, body: { To: email["To"], SubmittedAt: at, MessageID: id, ErrorCode: 0, Message: said } };
}

function faultOf(email: Email, { account }: Desk): TwinReply | null {
  const stream = account.things("setting").get(email["MessageStream"] ?? "outbound");
  if (!stream) return refuse(1235, `The stream provided: '${email["MessageStream"]}' does not exist on this server.`);
  if (stream["type"] === "Inbound") return refuse(1236, "Sending is not supported for this stream type.");
  const [from = ""] = addressesOf(email["From"]);
  if (!/^[^@\s]+@[^@\s]+$/.test(from)) return refuse(300, `Invalid 'From' address: '${email["From"]}'.`);
  const isKnown = account.things("domain").has(from.split("@")[1] ?? "") || account.things("sender").has(from);
  if (!isKnown) return refuse(400, "The 'From' address you supplied is not a Sender Signature on your account.");
  const all = [email["To"], email["Cc"], email["Bcc"]].flatMap((list) => addressesOf(list));
  if (addressesOf(email["To"]).length === 0) return refuse(300, "Zero recipients specified");
  if (all.length > 50) return refuse(300, "Exceeded the maximum of 50 recipients per message.");
  const odd = all.find((one) => !/^[a-z0-9.!#$%&'`*+\-/=^_{|}~]+@[a-z0-9.-]+$/i.test(one));
  if (odd !== undefined) return refuse(300, `Invalid 'To' address: '${odd}'.`);
  if (!email["TextBody"] && !email["HtmlBody"])
    return refuse(300, "Provide either email TextBody or HtmlBody or both.");
  const pairs = Object.entries(email.Metadata ?? {});
  if (pairs.length > 10 || pairs.some(([key, value]) => key.length > 20 || String(value).length > 80)) {
    return refuse(300, "Metadata is beyond its limits.");
  }
  return email.Attachments?.some(({ Name }) => FORBIDDEN.test(Name))
    ? refuse(411, "Attachment file type not allowed.")
    : null;
}

/** Addresses of a list; a comma in quotes separates nothing. */
export const addressesOf = (list: string | undefined): string[] =>
  (list ?? "")
    .split(/,(?=(?:[^"\\]|\\.|"(?:[^"\\]|\\.)*")*$)/)
    .map((one) => /<([^<>]*)>\s*$/.exec(one)?.[1] ?? one.trim())
    .filter((one) => one !== "");

/** What Postmark makes of the fields: multipart where there are several, its own id in front. */
const rawOf = (email: Email, id: string): Promise<Buffer> =>
  composed({
    from: email["From"] ?? "",
    to: email["To"] ?? "",
    ...(email["Cc"] === undefined ? {} : { cc: email["Cc"] }),
    ...(email["ReplyTo"] === undefined ? {} : { replyTo: email["ReplyTo"] }),
    subject: email["Subject"] ?? "",
    ...(email["TextBody"] === undefined ? {} : { text: email["TextBody"] }),
    ...(email["HtmlBody"] === undefined ? {} : { html: email["HtmlBody"] }),
    headers: [
      { key: "X-PM-Message-Id", value: id },
      ...(email.Headers ?? []).map(({ Name, Value }) => ({ key: Name, value: Value })),
    ],
    attachments: (email.Attachments ?? []).map((one) => ({
      filename: one.Name,
      content: Buffer.from(one.Content, "base64"),
      contentType: one.ContentType,
      ...(one.ContentID ? { cid: one.ContentID.replace(/^cid:/, "") } : {}),
    })),
  });
