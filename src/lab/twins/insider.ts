import { AS_IT_IS, type Alteration } from "./alteration.ts";
import type { TwinAccount, SentMessage } from "./account.ts";
import type { Clock } from "../../kernel/index.ts";

/** What someone with the vendor's own console can do to the account, and leave behind in its configuration. */
export type Insider = {
  /** Every message with all that is in it. */
  readSent(): readonly SentMessage[];
  addSender(email: string): void;
  addKey(name: string): void;
  /** Starts an export of everyone mail was sent to, and gives the list. */
  exportRecipients(): string[];
  /** The account sends nothing more to this address. */
  suppress(email: string): void;
  /** Notices go there too. */
  addWebhook(url: string): void;
  /** All mail that leaves the account from now on. */
  alter(how: Partial<Alteration>): void;
  stopAltering(): void;
  /** Mail in the name of the account, that Postern never handed over. */
  sendAs(message: { from: string; to: string; subject: string; text: string }): Promise<SentMessage>;
};

export function insiderOf(
  account: TwinAccount,
  parts: {
    clock: Clock;
    newId: () => string;
    deliver: (message: SentMessage) => Promise<void>;
    compose: (text: Letter) => Promise<Buffer>;
  },
): Insider {
  return {
    readSent: () => account.sent,
    addSender: (email) => account.put("sender", { id: email, email, confirmed: true, at: parts.clock.now() }),
    addKey: (name) => account.put("key", { id: `key-${account.nextCount()}`, name, at: parts.clock.now() }),
    exportRecipients() {
      account.put("export", { id: `export-${account.nextCount()}`, state: "complete", at: parts.clock.now() });
      return [...new Set(account.sent.flatMap(({ recipients }) => recipients))];
    },
    suppress: (email) => account.put("suppression", { id: email, email, reason: "manual", at: parts.clock.now() }),
    addWebhook: (url) => account.put("webhook", { id: `webhook-${account.nextCount()}`, url }),
    alter(how) {
      account.alteration = { ...account.alteration, ...how };
    },
    stopAltering() {
      account.alteration = AS_IT_IS;
    },
    async sendAs(letter) {
      const message: SentMessage = {
        id: parts.newId(),
        at: parts.clock.now(),
        from: letter.from,
        recipients: [letter.to],
        subject: letter.subject,
        metadata: {},
        tags: [],
        raw: await parts.compose(letter),
        fields: {},
        state: "sent",
        by: "insider",
        ends: new Map(),
      };
      account.keep(message);
      await parts.deliver(message);
      return message;
    },
  };
}

type Letter = { from: string; to: string; subject: string; text: string };
