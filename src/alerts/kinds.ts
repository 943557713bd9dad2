import type { Alert } from "./alert.ts";

/** A target that others are told of, because it takes nothing. */
export const TARGET_SILENT = "target-silent";

export type Words = {
  title: string;
  /** What Postern does by itself. */
  did: string;
  /** What to do, with the command. */
  next: (provider: string, alert: Pick<Alert, "numbers">) => string;
  /** What it is about, as the title begins. */
  subject: (alert: Pick<Alert, "provider" | "numbers">) => string | null;
};

const provider: Words["subject"] = (alert) => alert.provider;

const KINDS: Readonly<Record<string, Omit<Words, "subject"> & Partial<Pick<Words, "subject">>>> = {
  "standby-in-use": {
    title: "Mail goes by a standby",
    did: "Postern has moved the mail to the next provider of each route. After an outage it goes back by itself; after a quarantine or a pin a person decides.",
    next: (name) => `Nothing at this moment. Why, and how far it is: postern provider show ${name}`,
  },
  quarantined: {
    title: "A provider is quarantined",
    did: "Postern hands it nothing any more, and does not go back by itself.",
    next: (name) =>
      `Change its keys. Then two people, each: postern provider release ${name} --operator NAME --reason TEXT --keys-rotated INSTANT`,
  },
  "local-outage": {
    title: "Nothing gets through by any provider",
    did: "Postern judges no provider meanwhile. Mail is taken, kept and waits; none is lost.",
    next: () => "Look at this machine's network, names and clock: postern doctor",
  },
  "pinned-off": {
    title: "A provider is taken out of use",
    did: "Postern hands it nothing until an operator takes it back.",
    next: (name) =>
      `See who or what took it out: postern provider show ${name}. Take it back: postern provider unpin ${name} --operator NAME --reason TEXT`,
  },
  "events-dark": {
    title: "A provider's notices are silent",
    did: "Mail goes on through it; Postern reads its log instead.",
    next: (name) =>
      `Look at the settings of its webhook, and: postern doctor. How it stands: postern provider show ${name}`,
  },
  "canary-altered": {
    title: "A provider changes what it carries",
    did: "Postern tells people; an address or link of strangers quarantines the provider besides. Mail goes on otherwise.",
    next: (name) =>
      `Look at what its account adds (footers, tracking, rules), and who may use it. What was found: postern canary list --provider ${name} --altered`,
  },
  "body-gone": {
    title: "Lost mail cannot be sent again",
    did: "Its text is kept no longer, so Postern has asked its applications for new messages: message.reissue-wanted.",
    next: (_, { numbers }) =>
      `See which: postern redrive show ${numbers["order"] ?? "N"}. Where no application listens, write to those people by hand; and keep texts for longer: retention.body`,
  },
  "sign-up": {
    title: "People who sign up are not written to",
    did: "Postern goes on trying the sign-up as a stranger would, and ends this by itself.",
    next: () =>
      "Sign up by hand, and look at the application's log: whether it sent the confirmation, and to which Postern. What was found: postern canary list --sign-ups",
    subject: () => null,
  },
  [TARGET_SILENT]: {
    title: "This target of alerts takes nothing",
    did: "Postern goes on trying, and tells the other targets.",
    next: (_, { numbers }) =>
      `Mend what alerts.targets says of it, or the service there. Then: postern alerts test ${numbers["target"] ?? "NAME"} --operator NAME`,
    subject: ({ numbers }) => String(numbers["target"] ?? ""),
  },
  test: {
    title: "A test of this target",
    did: "Nothing: somebody ran postern alerts test.",
    next: () => "Nothing has to be done.",
  },
};

/** Of a kind that another version of Postern raised its name is the title. */
export const wordsOf = (kind: string): Words => ({
  subject: provider,
  ...(Object.hasOwn(KINDS, kind) ? KINDS[kind]! : { title: kind, did: "", next: () => "" }),
});
