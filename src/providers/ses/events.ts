import { Problem } from "../../kernel/index.ts";
import type { ReceiveWebhook, WebhookAnswer, WebhookRequest, WebhookSecrets } from "../events.ts";
import { isoTimeOf, jsonOf, recordOf, textOf } from "../json-reading.ts";
import { isKnownCaller, refused } from "../webhook-proof.ts";
import { eventsOf } from "./notices.ts";
import { isAddressOfSns, isCertificateAddress, isInWindow, isSignedBy, type SnsNotice, snsNoticeOf } from "./sns.ts";

/** SNS: at most 256 KiB of message, escaped once more in its envelope. */
const NOTICE_OCTETS = 1024 * 1024;

/**
 * A notice of SES by way of SNS. The proof covers fields of the envelope, so that is parsed first; what SES says inside of
 * it only once the proof holds. Wanted: the one topic that is ours (anybody can have SNS sign notices of a topic of his
 * own), the signature of SNS, and, where set, the login in the address.
 * @throws Problem `webhook-certificate-unavailable`: SNS tries again, as it does not after a refusal.
 */
export const receive: ReceiveWebhook = async (request, secrets, parts) => {
  const read = open(request, secrets);
  if ("kind" in read) return read;
  const { notice } = read;
  const { fields } = notice;
  if (secrets.topicArn === null) {
    return refused(403, "No topic is set: without webhook.topicArn any topic of anybody would be believed.");
  }
  if (fields["TopicArn"] !== secrets.topicArn) return refused(403, "The notice is of another topic than ours.");
  if (!isInWindow(fields["Timestamp"], parts.now)) return refused(403, "The notice is too old, or of the future.");
  const address = fields["SigningCertURL"];
  if (!isCertificateAddress(address)) return refused(401, "The certificate is not one of Amazon SNS.");
  if (!parts.certificate) return refused(401, "The signature cannot be checked here: no certificate can be had.");
  const pem = await parts.certificate(address);
  if (pem === null) {
    throw new Problem(
      "webhook-certificate-unavailable",
      "The certificate of a notice could not be fetched. Try again.",
    );
  }
  if (!isSignedBy(notice, pem, parts.now)) return refused(401, "The signature is not that of Amazon SNS.");
  if (!parts.isNew(`sns:${String(fields["MessageId"])}`)) return refused(403, "The notice has been seen before.");
  return answerTo(notice);
};

/**
 * The same without the proof, for looking into a recorded notice: nothing that comes over the network may go this way.
 * What lacks a login where one is set is refused all the same.
 */
export const readUnproven: ReceiveWebhook = (request, secrets) => {
  const read = open(request, secrets);
  if ("kind" in read) return read;
  const { notice } = read;
  const { TopicArn } = notice.fields;
  if (secrets.topicArn !== null && TopicArn !== undefined && TopicArn !== secrets.topicArn) {
    return refused(403, "The notice is of another topic than ours.");
  }
  if (notice.type === "SubscriptionConfirmation" && secrets.topicArn === null && secrets.basic === null) {
    return refused(400, "Nothing shows that this subscription is ours: neither a topic nor a login is set.");
  }
  return answerTo(notice);
};

function open(request: WebhookRequest, secrets: WebhookSecrets): { notice: SnsNotice } | WebhookAnswer {
  if (!isKnownCaller(request, secrets.basic)) return refused(401, "The login in the webhook's address is not ours.");
  if (request.body.length > NOTICE_OCTETS) return refused(400, "The notice is larger than SNS sends any.");
  const { headers } = request;
  if (headers["x-amz-sns-rawdelivery"] === "true") {
    return refused(400, "Raw delivery leaves out the signature. Turn it off for this subscription.");
  }
  const fields = recordOf(jsonOf(request.body));
  const notice = snsNoticeOf(fields);
  if (notice === null || textOf(fields["MessageId"]) === null)
    return refused(400, "The body is no notice of Amazon SNS.");
  if (headers["x-amz-sns-message-type"] !== notice.type || headers["x-amz-sns-message-id"] !== fields["MessageId"]) {
    return refused(400, "Header and body of the notice contradict each other.");
  }
  return { notice };
}

/** Said in place of JSON, once, after a subscription to event publishing. */
const VALIDATED = "Successfully validated SNS topic for Amazon SES event publishing.";

function answerTo({ type, fields }: SnsNotice): WebhookAnswer {
  // Nobody of ours ends a subscription this way; that no more events come is seen by what watches for them.
  if (type === "UnsubscribeConfirmation") return { kind: "events", events: [] };
  if (type === "SubscriptionConfirmation") {
    const url = fields["SubscribeURL"];
    return isAddressOfSns(url) && new URL(url).searchParams.get("Action") === "ConfirmSubscription"
      ? { kind: "confirm", url }
      : refused(403, "The address to confirm is not one of Amazon SNS.");
  }
  const message = textOf(fields["Message"]);
  if (message?.trim() === VALIDATED) return { kind: "events", events: [] };
  const said = message === null ? undefined : jsonOf(message);
  if (typeof said !== "object" || said === null || Array.isArray(said)) {
    return refused(400, "The message of the notice is none of Amazon SES.");
  }
  const envelope = { messageId: textOf(fields["MessageId"]), at: isoTimeOf(fields["Timestamp"]) };
  return { kind: "events", events: eventsOf(recordOf(said), envelope) };
}
