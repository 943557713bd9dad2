import type { FastifyInstance } from "fastify";
import type { CompatParts } from "../compat.ts";
import type { WhoOf } from "../keyed.ts";
import { isFault, ofDomain } from "./dialect.ts";
import { formOf } from "./form-of.ts";
import { readMime } from "./read-mime.ts";
import { sendForm } from "./send-form.ts";
import { submit, taken } from "./submit.ts";

export function messageRoutes(scope: FastifyInstance, whoOf: WhoOf, parts: CompatParts): void {
  scope.post(
    "/messages",
    ofDomain(parts, whoOf, async ({ who, domain }, request) => {
      const form = await formOf(request);
      return isFault(form) ? form : sendForm(form, domain, who, parts);
    }),
  );
  scope.post(
    "/messages.mime",
    ofDomain(parts, whoOf, async ({ who, domain }, request) => {
      const form = await formOf(request);
      if (isFault(form)) return form;
      const read = readMime(form, domain, parts);
      if (isFault(read)) return read;
      return read.rehearsal ? taken(read.messageId) : submit(read.content, read.messageId, who, parts);
    }),
  );
}
