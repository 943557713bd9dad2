import { type Form, first } from "../../../mail/index.ts";
import {
  type CompiledTemplate,
  type TemplateRules,
  compileTemplate,
  problemText,
  renderMerge,
  renderTemplate,
} from "../../../templates/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { textFromHtml } from "../auto-parts.ts";
import { templateRules } from "../../template-rules.ts";
import { type Fault, fault, isFault, notSupported } from "./dialect.ts";
import { fillAll } from "./fill.ts";
import type { Orders } from "./orders.ts";
import { headersOf } from "./template-headers.ts";
import { findTemplate, tagOf, versionCalled } from "./template-find.ts";

/** What a message says, as it is to be sent to one recipient. */
export type Writing = { subject: string; text?: string; html?: string; from?: string; replyTo?: string };
/** `variables`: those of the recipient; null: the same message for all. */
export type Writer = (variables: Record<string, unknown> | null) => Writing | Fault;

type Rendering = ReturnType<typeof renderTemplate>;

const DIALECT = { dialect: "recipient-variables" } as const;

/**
 * Who writes subject and bodies: the form's own, or a stored template with values. What the request says goes before what
 * the template has. `%recipient.x%` stands in all of it, in the values of the template as well ("Batch sending").
 */
export async function writerOf(
  form: Form,
  { variables }: Orders,
  who: Submitter,
  stream: string | undefined,
  parts: CompatParts,
): Promise<Writer | Fault> {
  const rules = templateRules(parts.tenants, who, stream);
  const name = first(form, "template");
  const own = {
    subject: first(form, "subject") ?? null,
    text: first(form, "text") ?? null,
    html: first(form, "html") ?? null,
  };
  if (!name) return ownWriter(own, rules);

  const template = await findTemplate(parts.templates, who.tenant, name);
  if (!template) return fault(400, `template '${name.slice(0, 128)}' not found`);
  const tag = first(form, "t:version");
  const version = tag ? await versionCalled(parts.templates, template, tag) : template.published;
  if (!version || tagOf(version) === "")
    return fault(400, `template version ${tag ? `'${tag.slice(0, 128)}' ` : ""}not found`);
  const found = await parts.templates.compiled(who.tenant, { uuid: template.uuid }, { version: version.uuid });
  if (!found) return fault(400, `template '${name.slice(0, 128)}' not found`);
  const { from, replyTo } = headersOf(template, version);
  const wantsText = /^(?:yes|true)$/i.test(first(form, "t:text") ?? "");
  return (recipient) => {
    const values = recipient === null ? variables : fillAll(variables, recipient);
    const made = merged(renderTemplate(found.compiled, values, rules), own, recipient, rules);
    if (made.kind === "problems") return told(made);
    const { subject, html } = made.rendered;
    const text = made.rendered.text ?? (wantsText && html !== null ? textFromHtml(html) : null);
    const written = writing({ subject, html, text });
    if (isFault(written)) return written;
    return { ...written, ...(from === null ? {} : { from }), ...(replyTo === null ? {} : { replyTo }) };
  };
}

type Sources = Record<"subject" | "text" | "html", string | null>;

function ownWriter(own: Sources, rules: TemplateRules): Writer {
  let compiled: CompiledTemplate | null = null;
  return (recipient) => {
    if (recipient === null) return writing(own);
    if (!compiled) {
      const read = compileTemplate(own, DIALECT);
      if (read.kind === "problems") return told(read);
      compiled = read.template;
    }
    const made = renderTemplate(compiled, recipient, rules);
    return made.kind === "rendered" ? writing(made.rendered) : told(made);
  };
}

/** The template's parts with those of the request above them, for a recipient of their own. */
function merged(made: Rendering, own: Sources, recipient: object | null, rules: TemplateRules): Rendering {
  if (made.kind === "problems") return made;
  const { subject, html, text } = made.rendered;
  const sources = { subject: own.subject ?? subject, html, text: own.text ?? text };
  return recipient === null ? { kind: "rendered", rendered: sources } : renderMerge(sources, DIALECT, recipient, rules);
}

/** Written by Mailgun where it sends; nobody would write it here. */
const MAILGUNS_OWN = /%(?:tag_|mailing_list_)?unsubscribe_(?:url|email)%/;

function writing({ subject, text, html }: Sources): Writing | Fault {
  const own = MAILGUNS_OWN.exec(`${subject ?? ""} ${text ?? ""} ${html ?? ""}`)?.[0];
  if (own !== undefined) return notSupported(own);
  return {
    subject: subject ?? "",
    ...(text === null ? {} : { text }),
    ...(html === null ? {} : { html }),
  };
}
const told = ({ problems }: Extract<Rendering, { kind: "problems" }>): Fault => fault(400, problemText(problems[0]!));
