import type { SentMessage, TwinEnd } from "./account.ts";
import type { Desk, TwinReply, TwinRequest } from "./dialect.ts";

/** One event as webhooks and the events API give it ("Event Structure", Mailgun manual). */
export function eventDataOf(
  message: SentMessage,
  recipient: string,
  end: TwinEnd | "accepted",
  at: number,
  id: string,
): object {
  const failed = end === "bounced" || end === "deferred";
  return {
    event: failed ? "failed" : end,
    id,
    timestamp: at / 1000,
    "log-level": failed ? "error" : "info",
    recipient,
    "recipient-domain": recipient.split("@")[1] ?? "",
    tags: message.tags,
    "user-variables": message.metadata,
    flags: { "is-test-mode": false, "is-authenticated": true, "is-routed": false },
    envelope: { sender: message.from, targets: recipient, transport: "smtp" },
    message: {
      headers: {
        "message-id": message.id.replace(/^<|>$/g, ""),
        from: message.from,
        to: recipient,
        subject: message.subject,
      },
      size: message.raw?.length ?? 0,
    },
    ...(failed
      ? { severity: end === "bounced" ? "permanent" : "temporary", reason: end === "bounced" ? "bounce" : "generic" }
      : {}),
    ...(end === "rejected" ? { reject: { reason: "Not delivering to a suppressed address", description: "" } } : {}),
    ...(end === "delivered"
      ? { "delivery-status": { code: 250, message: "OK", description: "", "attempt-no": 1 } }
      : {}),
    ...(failed
      ? {
          "delivery-status": { code: end === "bounced" ? 550 : 451, message: "5.1.1 No such mailbox", description: "" },
        }
      : {}),
  };
}

type Entry = { at: number; data: Record<string, unknown> };

/** GET /v3/{domain}/events: begin later than end gives the newest first; pages go on until one is empty. */
export function eventsOf(
  { query, headers }: TwinRequest,
  { account, clock }: Desk,
  domain: string,
  page?: string,
): TwinReply {
  const asked = page === undefined ? query : new URLSearchParams(Buffer.from(page.slice(1), "base64url").toString());
  const seconds = (name: string, fallback: number): number => {
    const given = asked.get(name);
    return given === null ? fallback : /^\d/.test(given) ? Number(given) : Date.parse(given) / 1000;
  };
  const isAscending = asked.get("ascending") === "yes";
  const begin = seconds("begin", isAscending ? 0 : clock.now() / 1000 + 1);
  const end = seconds("end", isAscending ? clock.now() / 1000 + 1 : 0);
  const [from, to] = [Math.min(begin, end), Math.max(begin, end)];
  const limit = Math.min(Number(asked.get("limit") ?? 100), 300);
  const skip = Number(asked.get("skip") ?? 0);
  const wanted = (name: string, value: unknown): boolean => {
    const given = asked.get(name);
    return given === null || given.split(" OR ").includes(String(value));
  };
  const entries = account.sent.flatMap(entriesOf).filter(({ at, data }) => {
    const id = (data["message"] as { headers: Record<string, string> }).headers["message-id"];
    const isTagged = asked.get("tags") === null || (data["tags"] as string[]).includes(asked.get("tags")!);
    return (
      at / 1000 >= from &&
      at / 1000 <= to &&
      wanted("event", data["event"]) &&
      wanted("recipient", data["recipient"]) &&
      wanted("message-id", id) &&
      isTagged
    );
  });
  entries.sort((one, other) => (begin > end ? other.at - one.at : one.at - other.at));
  const items = entries.slice(skip, skip + limit).map(({ data }) => data);
  const turned = new URLSearchParams(asked);
  turned.set("skip", String(skip + items.length));
  const link = (parameters: URLSearchParams): string =>
    `http://${headers["host"] ?? "api.mailgun.net"}/v3/${domain}/events/${Buffer.from(parameters.toString()).toString("base64url")}`;
  return {
    status: 200,
    body: { items, paging: { next: link(turned), previous: link(asked), first: link(asked), last: link(turned) } },
  };
}

function entriesOf(message: SentMessage): Entry[] {
  return message.recipients.flatMap((recipient) => {
    const end = message.ends.get(recipient);
    const kinds: (TwinEnd | "accepted")[] = end === undefined ? ["accepted"] : ["accepted", end];
    return kinds.map((kind, n): Entry => {
      const at = message.at + n;
      return {
        at,
        data: eventDataOf(message, recipient, kind, at, `${kind}-${message.id}-${recipient}`) as Record<
          string,
          unknown
        >,
      };
    });
  });
}
