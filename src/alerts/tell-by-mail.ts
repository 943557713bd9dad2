import { createHash } from "node:crypto";
import { type AcceptPort, compose } from "../accept/index.ts";
import type { AlertTargetSettings, ProviderSettings } from "../config/index.ts";
import type { Random } from "../kernel/index.ts";
import { parseMailbox } from "../mail/index.ts";
import type { TryResult } from "./alert.ts";
import type { Facts } from "./dialects/index.ts";
import { ALERTS_CREDENTIAL, ALERTS_TENANT, streamFor } from "./tenant.ts";
import { linesOf } from "./wording.ts";

type MailParts = {
  port: Pick<AcceptPort, "accept">;
  providers: readonly Pick<ProviderSettings, "name" | "ownerGroup">[];
  random: Random;
};

/**
 * One message to all addresses of a target, accepted in this process like customers' mail, on a way beside what it tells
 * of. Accepted is not told yet: followMail watches it leave. Asked again it is the same message.
 */
export async function tellByMail(
  { port, providers, random }: MailParts,
  { alert, tellingId, wording, source }: Pick<Facts, "alert" | "tellingId" | "wording" | "source">,
  target: AlertTargetSettings,
): Promise<TryResult> {
  const stream = streamFor(target, alert.provider, providers);
  if (stream === null) return refused("no provider but the affected one");
  const from = parseMailbox(target.from!);
  const recipients = target.to.map(parseMailbox);
  if (from === null || recipients.includes(null)) return refused("an address cannot be written to");
  const raw = compose(
    {
      from: { address: target.from!, name: `Postern ${source}` },
      to: target.to.map((address) => ({ address, name: undefined })),
      cc: [],
      replyTo: [],
      subject: wording.headline,
      text: `${linesOf(wording).join("\n\n")}\n\n-- \nPostern at ${source}\n`,
      html: undefined,
      headers: [["Auto-Submitted", "auto-generated"]], // RFC 3834 §5: nobody's out-of-office shall answer it
      messageId: undefined,
      attachments: [],
    },
    random,
  );
  const key = `${tellingId} ${target.name}`;
  const answer = await port.accept({
    submitter: { tenant: ALERTS_TENANT, credential: ALERTS_CREDENTIAL },
    door: "internal",
    stream,
    envelope: {
      returnPath: from,
      recipients: recipients.map((mailbox) => ({ mailbox: mailbox!, dsn: {} })),
      dsn: {},
      needsSmtputf8: [from, ...recipients].some((one) => one!.needsSmtputf8),
      needs8bit: false,
    },
    raw,
    idempotency: { key, bodyHash: createHash("sha256").update(key).digest() },
  });
  if (answer.kind === "accepted")
    return { kind: "taken", answer: `accepted as ${answer.spoolId}`, spoolId: answer.spoolId };
  const { code, retryAfterS } = answer.refusal;
  return retryAfterS === undefined
    ? refused(code)
    : { kind: "failed", error: code, isRefusal: false, retryAfterMs: retryAfterS * 1_000 };
}

const refused = (error: string): TryResult => ({ kind: "failed", error, isRefusal: true, retryAfterMs: null });
