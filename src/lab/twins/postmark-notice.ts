import type { Dialect } from "./dialect.ts";

/** The JSON documents of postmarkapp.com/developer/webhooks (seen 2026-11-25); its only proof is HTTP Basic. */
export const postmarkNotice: Dialect["notice"] = ({ end, message, recipient, at, isForged, id }, { secret }) => {
  const credentials = isForged ? `${secret}-not` : secret;
  const headers = {
    authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
    "content-type": "application/json",
    "user-agent": "Postmark",
    "x-pm-webhook-trace-id": id,
  };
  const when = new Date(at).toISOString();
  const shared = {
    ServerID: 1,
    MessageStream: message.fields["MessageStream"] ?? "outbound",
    MessageID: message.id,
    Tag: message.tags[0] ?? "",
    Metadata: message.metadata,
  };
  const bounce = {
    ...shared,
    ID: Number(id.replace(/\D/g, "")),
    Email: recipient,
    From: message.from,
    BouncedAt: when,
    Inactive: end === "bounced" || end === "complained",
    CanActivate: true,
    Subject: message.subject,
    Details: "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
    Description: "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
  };
  switch (end) {
    case "delivered": {
      const body = {
        RecordType: "Delivery",
        ...shared,
        Recipient: recipient,
        DeliveredAt: when,
        Details: "250 2.0.0 OK",
      };
      return { headers, body: JSON.stringify(body) };
    }
    case "bounced":
      return { headers, body: JSON.stringify({ RecordType: "Bounce", Type: "HardBounce", TypeCode: 1, ...bounce }) };
    case "deferred":
      return { headers, body: JSON.stringify({ RecordType: "Bounce", Type: "Transient", TypeCode: 2, ...bounce }) };
    case "complained":
      return {
        headers,
        body: JSON.stringify({ RecordType: "SpamComplaint", Type: "SpamComplaint", TypeCode: 512, ...bounce }),
      };
    case "rejected":
      return null; // said in the answer to the send
  }
};
