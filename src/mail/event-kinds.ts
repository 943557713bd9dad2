/**
 * What can happen to a message, in the words in which its tenant hears of it (webhooks, GET /v1/messages/{id}).
 * Names are for ever; new ones may come. What an event carries besides: docs/webhooks.md.
 */
export const EVENT_KINDS = {
  "message.accepted": "Postern took responsibility: the message is on disk and was answered with 250 or 202.",
  "message.handed-off": "A provider took it for these recipients.",
  "message.deferred": "A try ended without a provider taking it; it will be tried again.",
  "message.held": "It waits for a person or a rule, and will not go out by itself.",
  "message.released": "A hold has ended; it is due at once, or at the time it is scheduled for.",
  "message.retried": "Somebody asked for a try at once.",
  "message.outcome-unknown":
    "A try ended without an answer: the provider may have taken it or not, and is asked first.",
  "message.rejected": "It was refused for good for these recipients.",
  "message.expired": "Its time ran out before any provider took it for these recipients.",
  "message.suppressed": "These recipients were not attempted, because the tenant must not write to them.",
  "message.rescheduled": "It waits for another instant than before.",
  "message.redriven":
    "The provider that took it did not deliver, as far as can be known: it goes out once more, by another way.",
  "message.reissue-wanted":
    "It is lost, or may be, and cannot be sent again: make a new one, and name this one in `supersedes`.",
  "message.superseded": "A newer message took its place: this one is not sent, or not sent again.",
  "message.cancelled": "Somebody cancelled it before a provider took it.",
  "message.delivered": "The receiving server took it, as the provider reports.",
  "message.delayed": "The receiving server did not take it yet; the provider goes on trying.",
  "message.bounced": "The receiving server refused it, at once or later, as the provider reports.",
  "message.complained": "The recipient marked it as spam.",
  "message.unsubscribed": "The recipient asked the provider for no more mail.",
  "message.opened": "It was opened, as far as a provider can tell.",
  "message.clicked": "A link in it was followed.",
} as const;

export type EventKind = keyof typeof EVENT_KINDS;
export const EVENT_KIND_NAMES = Object.keys(EVENT_KINDS) as EventKind[];
