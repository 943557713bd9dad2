import type { z } from "zod";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { notSupported, shown } from "./errors.ts";
import { parse } from "./parse.ts";
import { addAllowed, addReject, deleteAllowed, deleteReject, listAllowed, listRejects } from "./rejects.ts";
import { render, renderShape } from "./render.ts";
import { cancelScheduled, listScheduled, reschedule } from "./scheduled.ts";
import { info, search, searchTimeSeries } from "./search.ts";
import { send, sendRaw, sendTemplate } from "./send.ts";
import * as senders from "./senders.ts";
import * as shape from "./shape.ts";
import * as tags from "./tags.ts";
import * as templates from "./templates.ts";
import { userInfo } from "./users.ts";
import { listWebhooks, webhookInfo, webhookShape } from "./webhooks.ts";

export type Method = {
  shape: z.ZodType;
  run(given: unknown, who: Submitter, parts: CompatParts): Promise<unknown>;
};

const method = <Shape extends z.ZodType>(
  given: Shape,
  run: (given: z.infer<Shape>, who: Submitter, parts: CompatParts) => unknown,
): Method => ({ shape: given, run: async (read, who, parts) => run(read as z.infer<Shape>, who, parts) });

const allowlist = (verb: string): [string, string] => [`allowlists/${verb}`, `whitelists/${verb}`];
/** Under its name of today and that of older clients. */
const both = (names: readonly string[], one: Method): [string, Method][] => names.map((name) => [name, one]);

/** Every method there is here, by its path. */
export const MANDRILL_METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["messages/send", method(shape.sendShape, send)],
  ["messages/send-template", method(shape.sendTemplateShape, sendTemplate)],
  ["messages/send-raw", method(shape.sendRawShape, sendRaw)],
  ["messages/info", method(shape.idShape, info)],
  ["messages/search", method(shape.searchShape, search)],
  ["messages/search-time-series", method(shape.searchShape, searchTimeSeries)],
  ["messages/list-scheduled", method(shape.toShape, listScheduled)],
  ["messages/cancel-scheduled", method(shape.idShape, cancelScheduled)],
  ["messages/reschedule", method(shape.rescheduleShape, reschedule)],
  ["messages/parse", method(shape.rawShape, parse)],
  ["templates/add", method(templates.templateShape, templates.addTemplate)],
  ["templates/info", method(templates.nameShape, templates.templateInfo)],
  ["templates/update", method(templates.templateShape, templates.updateTemplate)],
  ["templates/publish", method(templates.nameShape, templates.publishTemplate)],
  ["templates/delete", method(templates.nameShape, templates.deleteTemplate)],
  ["templates/list", method(templates.labelShape, templates.listTemplates)],
  ["templates/time-series", method(templates.nameShape, templates.templateTimeSeries)],
  ["templates/render", method(renderShape, render)],
  ["rejects/add", method(shape.emailShape, addReject)],
  ["rejects/delete", method(shape.emailShape, deleteReject)],
  ["rejects/list", method(shape.listShape, listRejects)],
  ...both(allowlist("add"), method(shape.emailShape, addAllowed)),
  ...both(allowlist("delete"), method(shape.emailShape, deleteAllowed)),
  ...both(allowlist("list"), method(shape.listShape, listAllowed)),
  ["users/ping", method(shape.nothingShape, () => "PONG!")],
  ["users/ping2", method(shape.nothingShape, () => ({ PING: "PONG!" }))],
  ["users/info", method(shape.nothingShape, userInfo)],
  ["users/senders", method(shape.nothingShape, senders.listSenders)],
  ["senders/list", method(shape.nothingShape, senders.listSenders)],
  ["senders/info", method(senders.addressShape, senders.senderInfo)],
  ["senders/time-series", method(senders.addressShape, senders.senderTimeSeries)],
  ["senders/domains", method(shape.nothingShape, senders.listDomains)],
  ["senders/check-domain", method(senders.domainShape, senders.checkDomain)],
  ["tags/list", method(shape.nothingShape, tags.listTags)],
  ["tags/info", method(tags.tagShape, tags.tagInfo)],
  ["tags/time-series", method(tags.tagShape, tags.tagTimeSeries)],
  ["tags/all-time-series", method(shape.nothingShape, tags.allTimeSeries)],
  ["webhooks/list", method(shape.nothingShape, listWebhooks)],
  ["webhooks/info", method(webhookShape, webhookInfo)],
]);

const CONFIGURED = "they stand in the configuration, where two people see them. It";
/** Why some are not here. */
const REASONS: Readonly<Record<string, string>> = {
  "messages/content": "Reading a message back: what it says is kept sealed, and not at all after its end. It",
  "senders/add-domain": `Adding domains here: ${CONFIGURED}`,
  "senders/verify-domain": `Verifying domains here: ${CONFIGURED}`,
  "senders/delete-domain": `Removing domains here: ${CONFIGURED}`,
  "webhooks/add": `Adding webhooks here: ${CONFIGURED}`,
  "webhooks/update": `Changing webhooks here: ${CONFIGURED}`,
  "webhooks/delete": `Removing webhooks here: ${CONFIGURED}`,
};

/** Any other method is answered as not supported, never as done. */
export const notHere = (path: string) =>
  notSupported(Object.hasOwn(REASONS, path) ? REASONS[path]! : `The method ${shown(path)}`);
