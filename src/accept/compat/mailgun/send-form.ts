import type { Content } from "../../http/submit/read-message.ts";
import type { Form } from "../../../mail/index.ts";
import type { Submitter } from "../../submission.ts";
import { addressList } from "../address-list.ts";
import type { CompatParts } from "../compat.ts";
import { readMessageThere } from "../read-message-there.ts";
import { type BatchRecipient, batchOf, frameFor } from "./batch.ts";
import { type Fault, fault, isFault } from "./dialect.ts";
import { ordersOf, withOrders } from "./orders.ts";
import { type Frame, frameOf } from "./read.ts";
import { type Taken, submit, taken } from "./submit.ts";
import { type Writer, writerOf } from "./write.ts";

/**
 * POST /v3/{domain}/messages.
 * 1. What is asked for (orders.ts) and the message around its text (read.ts).  2. Who writes the text (write.ts).
 * 3. One message to all; or with `recipient-variables` one to each, and then all are read before the first is sent.
 */
export async function sendForm(
  given: Form,
  domain: string,
  who: Submitter,
  parts: CompatParts,
): Promise<Taken | Fault> {
  const form = withOrders(given);
  const orders = ordersOf(form);
  if (isFault(orders)) return orders;
  const frame = frameOf(form, domain, orders, parts);
  if (isFault(frame)) return frame;
  const batch = batchOf(form, frame);
  if (batch && isFault(batch)) return batch;
  const write = await writerOf(form, orders, who, frame.stream, parts);
  if (isFault(write)) return write;

  if (batch) return sendBatch(batch, frame, write, orders.rehearsal, who, parts);
  const content = written(frame, write, null, parts);
  if (isFault(content)) return content;
  return orders.rehearsal ? taken(frame.messageId) : submit(content, frame.messageId, who, parts);
}

/** Others are served in between. */
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

async function sendBatch(
  batch: readonly BatchRecipient[],
  frame: Frame,
  write: Writer,
  rehearsal: boolean,
  who: Submitter,
  parts: CompatParts,
): Promise<Taken | Fault> {
  // Attachments are the same for all: they are read with the first one, and not held in memory a thousand times.
  for (const [index, recipient] of batch.entries()) {
    const one = index === 0 ? frame : { ...frame, attachments: [] };
    const content = written(frameFor(one, recipient), write, recipient.variables, parts);
    if (isFault(content)) return content;
    await turn();
  }
  if (rehearsal) return taken(frame.messageId);
  for (const [index, recipient] of batch.entries()) {
    const content = written(frameFor(frame, recipient), write, recipient.variables, parts);
    const done = isFault(content) ? content : await submit(content, frame.messageId, who, parts);
    if (!isFault(done)) continue;
    if (index === 0) return done;
    const message = `${done.message} The first ${index} of ${batch.length} recipients are queued, in the order of "to": send again to the others only.`;
    return { ...done, message };
  }
  return taken(frame.messageId);
}

function written(
  frame: Frame,
  write: Writer,
  variables: Record<string, unknown> | null,
  { random }: CompatParts,
): Content | Fault {
  const writing = write(variables);
  if (isFault(writing)) return writing;
  const { from, replyTo, ...text } = writing;
  const content = readMessageThere(
    {
      ...frame,
      ...text,
      from: frame.from === "" ? (from ?? "") : frame.from,
      replyTo: frame.replyTo?.length || replyTo === undefined ? frame.replyTo : addressList(replyTo),
    },
    random,
  );
  return "code" in content ? fault(400, content.detail) : content;
}
