import { type AcceptPort, compose } from "../accept/index.ts";
import { type Clock, type Log, type Random, causeText, newSpoolId } from "../kernel/index.ts";
import { parseMailbox } from "../mail/index.ts";
import type { Queryable } from "../store/index.ts";
import { expectedOf } from "./compose/expected-of.ts";
import type { Writer } from "./compose/writer.ts";
import { finding } from "./findings.ts";
import type { Order } from "./plan.ts";
import { insertCanary } from "./rows/insert-canary.ts";
import { refuseCanary } from "./rows/refuse-canary.ts";
import { CANARY_CREDENTIAL, CANARY_TENANT, canaryStream } from "./tenant.ts";
import type { Tokens } from "./tokens.ts";

export type SenderParts = {
  port: Pick<AcceptPort, "accept">;
  writer: Writer;
  tokens: Tokens;
  database: Queryable;
  clock: Clock;
  random: Random;
  log: Log;
};

/**
 * Sends one canary through the same acceptance and the same hand-off as customers' mail.
 * 1. A letter as its tenant would write it, to an address nobody has seen before.  2. Its row, before it can arrive.
 * 3. Accepted in this process; what is refused says nothing of its provider.
 */
export class Sender {
  readonly #parts: SenderParts;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  async send({ provider, receiver, subject }: Order, burst: boolean, deadlineMs: number): Promise<void> {
    const { port, writer, tokens, database, clock, random, log } = this.#parts;
    const token = tokens.draw(random);
    const address = receiver.kind === "mx" ? `${token.localPart}@${receiver.domain}` : receiver.address;
    const letter = await writer.write(subject, token.name);
    const raw = compose(
      {
        from: letter.from,
        to: [{ address, name: token.name }],
        cc: [],
        replyTo: letter.replyTo === null ? [] : [{ address: letter.replyTo, name: undefined }],
        subject: letter.subject,
        text: letter.text ?? undefined,
        html: letter.html ?? undefined,
        headers: [],
        messageId: undefined,
        attachments: [],
      },
      random,
    );
    const spoolId = newSpoolId(clock, random);
    const sentAt = clock.now();
    await insertCanary(database, {
      canaryId: spoolId,
      kind: "mail",
      provider,
      receiver: receiver.name,
      own: receiver.kind === "mx",
      ...subject,
      burst,
      tokenHash: token.hash,
      sentAt,
      deadlineAt: sentAt + deadlineMs,
      expected: expectedOf(letter, address),
    });
    const refused = async (why: string): Promise<void> => {
      log.warn("canary.refused", { id: spoolId, provider, why });
      await refuseCanary(database, spoolId, finding("refused-by-us", why));
    };
    const [from, to] = [parseMailbox(letter.from.address), parseMailbox(address)];
    if (!from || !to) return refused("an address of it cannot be written to");
    try {
      const answer = await port.accept({
        submitter: { tenant: CANARY_TENANT, credential: CANARY_CREDENTIAL },
        door: "canary",
        spoolId,
        stream: canaryStream(provider, subject.class),
        envelope: {
          returnPath: from,
          recipients: [{ mailbox: to, dsn: {} }],
          dsn: {},
          needsSmtputf8: from.needsSmtputf8 || to.needsSmtputf8,
          needs8bit: false,
        },
        raw,
      });
      if (answer.kind === "refused") await refused(answer.refusal.code);
    } catch (error) {
      await refused(causeText(error));
    }
  }
}
