import { decodeWords } from "postal-mime";
import type { LabTwin } from "./lab-twin.ts";
import type { SentMessage } from "./twins/index.ts";

/** What somebody with a vendor's console does to an account. `fields`: what the act must be given, each a text. */
export type InsiderAct = {
  /** As a button and a help text say it. */
  label: string;
  explains: string;
  fields: readonly string[];
  run(twin: LabTwin, fields: Readonly<Record<string, string>>): object | Promise<object>;
};

/** The newest ones: a console shows a page of its log, and an answer stays small. */
const SENT_SHOWN = 100;

export const ACTS: Readonly<Record<string, InsiderAct>> = {
  "read-sent": {
    label: "Read what was sent",
    explains: "Every message with all that is in it, the newest 100.",
    fields: [],
    run: ({ insider }) => ({ messages: insider.readSent().slice(-SENT_SHOWN).toReversed().map(sentJson) }),
  },
  "add-sender": {
    label: "Add a sender",
    explains: "An address of theirs may send in the account's name.",
    fields: ["email"],
    run: ({ insider }, { email = "" }) => {
      insider.addSender(email);
      return { email };
    },
  },
  "add-key": {
    label: "Add a key",
    explains: "A key of theirs stays when yours is changed.",
    fields: ["keyName"],
    run: ({ insider }, { keyName = "" }) => {
      insider.addKey(keyName);
      return { keyName };
    },
  },
  "add-webhook": {
    label: "Add a webhook",
    explains: "Notices of every mail would go there too. The lab sends none: nothing leaves this machine.",
    fields: ["url"],
    run: ({ insider }, { url = "" }) => {
      insider.addWebhook(url);
      return { url };
    },
  },
  "export-recipients": {
    label: "Export the recipients",
    explains: "Everyone the account has sent to, as a list.",
    fields: [],
    run: ({ insider }) => ({ recipients: insider.exportRecipients() }),
  },
  suppress: {
    label: "Suppress an address",
    explains: "The account sends nothing more to this address.",
    fields: ["email"],
    run: ({ insider }, { email = "" }) => {
      insider.suppress(email.toLowerCase());
      return { email: email.toLowerCase() };
    },
  },
  "add-footer": {
    label: "Add a footer",
    explains: "These words stand under every mail that leaves the account from now on, signed like the rest.",
    fields: ["text"],
    run: ({ insider }, { text = "" }) => {
      insider.alter({ footer: text });
      return { text };
    },
  },
  "rewrite-links": {
    label: "Rewrite links",
    explains: "Every link of every mail that leaves the account from now on leads there.",
    fields: ["url"],
    run: ({ insider }, { url = "" }) => {
      insider.alter({ linksTo: url });
      return { url };
    },
  },
  "stop-altering": {
    label: "Leave mail as it is",
    explains: "Ends the footer and the rewriting of links.",
    fields: [],
    run: ({ insider }) => {
      insider.stopAltering();
      return {};
    },
  },
  "send-as": {
    label: "Send as the account",
    explains: "Mail in the account's name that Postern never handed over.",
    fields: ["from", "to", "subject", "text"],
    run: async ({ insider }, { from = "", to = "", subject = "", text = "" }) => {
      const { id } = await insider.sendAs({ from, to, subject, text });
      return { id };
    },
  },
};

export const actNamed = (name: string): InsiderAct | undefined => (Object.hasOwn(ACTS, name) ? ACTS[name] : undefined);

/** As JSON; the text as it left, where that is known. */
const sentJson = ({ id, at, from, recipients, subject, state, by, metadata, raw, outgoing, fields }: SentMessage) => ({
  id,
  at: new Date(at).toISOString(),
  from,
  recipients,
  subject: decodeWords(subject),
  state,
  by,
  metadata,
  ...(raw || outgoing ? { raw: (outgoing ?? raw)!.toString("utf8") } : { fields }),
});
