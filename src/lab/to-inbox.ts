import type { ApiProviderSettings } from "../config/index.ts";
import type { Clock } from "../kernel/index.ts";
import type { LabInbox } from "./inbox.ts";
import { type Deliver, composed } from "./twins/index.ts";

/** What a twin delivers ends in the inbox, under the vendor's own bounce address, as a vendor would send it. */
export const toInbox =
  (inbox: LabInbox, { name, kind }: ApiProviderSettings, clock: Clock): Deliver =>
  async ({ from, recipients, subject, raw, outgoing }) => {
    inbox.add({
      provider: name,
      takenAt: clock.now(),
      envelope: {
        returnPath: `bounces@${kind}.example`,
        parameters: [],
        recipients: recipients.map((address) => ({ address, parameters: [] })),
        smtputf8: false,
      },
      raw: outgoing ?? raw ?? (await composed({ from, to: [...recipients], subject, text: "" })),
    });
  };
