import type { CanaryTemplateSettings, TenantSettings } from "../../config/index.ts";
import { type Log, MINUTE_MS, type Clock, type Random } from "../../kernel/index.ts";
import { addressesOf } from "../../mail/index.ts";
import { type Tenants, tenantsOf } from "../../tenancy/index.ts";
import { type TemplateStore, renderTemplate } from "../../templates/index.ts";
import { templateRules } from "../../accept/index.ts";
import type { Subject } from "../plan.ts";
import { type Written, neutral } from "./neutral.ts";
import { synthetic } from "./synthetic.ts";

/** Who it is from, as the tenant's real mail has it, and what it says. */
export type Letter = Written & { from: { address: string; name: string | undefined }; replyTo: string | null };

type Choice = { name: string; values: Record<string, unknown> };
/** A template that is published takes so long to be used. */
const LOOK_AGAIN_MS = MINUTE_MS;
const PAGE = 100;

export type WriterParts = {
  tenants: readonly TenantSettings[];
  templates: Pick<TemplateStore, "list" | "compiled">;
  chosen: readonly CanaryTemplateSettings[];
  clock: Clock;
  random: Random;
  log: Log;
};

/**
 * Writes canaries as the tenant's own mail of the stream they stand for: its published templates with made-up values.
 * Which template belongs to which stream is said in the configuration, or by a label that is the stream's name or class.
 */
export class Writer {
  readonly #parts: WriterParts;
  readonly #tenants: Tenants;
  readonly #labelled = new Map<string, { at: number; byLabel: Map<string, string[]> }>();
  readonly #turns = new Map<string, number>();
  readonly #told = new Set<string>();

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#tenants = tenantsOf(parts.tenants);
  }

  async write(subject: Subject, name: string): Promise<Letter> {
    const { tenants, random } = this.#parts;
    const domain = tenants.find((one) => one.name === subject.tenant)!.domains[0]!;
    const from = { address: `no-reply@${domain}`, name: undefined };
    const choices = await this.#choices(subject);
    const key = `${subject.tenant}/${subject.stream}`;
    const turn = this.#turns.get(key) ?? 0;
    this.#turns.set(key, turn + 1);
    const choice = choices[turn % Math.max(1, choices.length)];
    const rendered = choice ? await this.#render(subject, choice, { name, domain, random }) : null;
    return rendered ?? { ...neutral(subject.class, { name, domain, random }), from, replyTo: null };
  }

  async #render(
    subject: Subject,
    { name: ref, values }: Choice,
    writing: { name: string; domain: string; random: Random },
  ): Promise<Letter | null> {
    const { templates, log } = this.#parts;
    const found = await templates.compiled(subject.tenant, { name: ref }, "published");
    if (!found) return null;
    const rules = templateRules(this.#tenants, { tenant: subject.tenant, credential: "" }, subject.stream);
    const data = { ...synthetic(writing), ...found.version.fallbacks, ...values };
    const made = renderTemplate(found.compiled, data, { ...rules, missing: "empty" });
    if (made.kind === "problems") {
      const key = `${subject.tenant} ${ref}`;
      if (!this.#told.has(key))
        log.warn("canary.template-unusable", { tenant: subject.tenant, code: made.problems[0]!.code });
      this.#told.add(key);
      return null;
    }
    const { subject: title, text, html } = made.rendered;
    const author = mailboxIn(found.template.from);
    return {
      from: author ?? { address: `no-reply@${writing.domain}`, name: undefined },
      replyTo: mailboxIn(found.template.replyTo)?.address ?? null,
      subject: (title ?? "").replaceAll(/\s+/g, " ").trim(),
      text: text === null && html === null ? "" : text,
      html,
    };
  }

  async #choices(subject: Subject): Promise<Choice[]> {
    const chosen = this.#parts.chosen.filter(
      ({ tenant, stream }) => tenant === subject.tenant && stream === subject.stream,
    );
    if (chosen.length > 0) return chosen.map(({ template, values }) => ({ name: template, values }));
    const byLabel = await this.#labels(subject.tenant);
    const names = byLabel.get(subject.stream.toLowerCase()) ?? byLabel.get(subject.class.toLowerCase()) ?? [];
    return names.map((name) => ({ name, values: {} }));
  }

  async #labels(tenant: string): Promise<Map<string, string[]>> {
    const { templates, clock } = this.#parts;
    const known = this.#labelled.get(tenant);
    if (known && clock.monotonicMs() - known.at < LOOK_AGAIN_MS) return known.byLabel;
    const byLabel = new Map<string, string[]>();
    for (let after: string | null = null; ;) {
      const page = await templates.list(tenant, PAGE, after);
      for (const { name, labels, isPublished } of page) {
        if (!isPublished) continue;
        for (const label of labels.map((one) => one.toLowerCase()))
          byLabel.set(label, [...(byLabel.get(label) ?? []), name]);
      }
      if (page.length < PAGE) break;
      after = page.at(-1)!.name;
    }
    this.#labelled.set(tenant, { at: clock.monotonicMs(), byLabel });
    return byLabel;
  }
}

/** `Ada <ada@example.com>` in its parts; null where it is none. */
function mailboxIn(text: string | null): { address: string; name: string | undefined } | null {
  const [address] = text === null ? [] : addressesOf(text);
  if (text === null || address === undefined) return null;
  const name = text.slice(0, text.indexOf("<")).replaceAll('"', "").trim();
  return { address, name: text.includes("<") && name !== "" ? name : undefined };
}
