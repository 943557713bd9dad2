import type { CompiledTemplate, TemplateSources } from "../template.ts";
import type { Dialect } from "../dialects/index.ts";
import type { TemplateProblem } from "../problem.ts";

/**
 * A template of a tenant as it is kept: what it is called and its sources, version by version. Providers name templates in
 * four ways, and all of them lead here: a name (Mandrill, Mailgun, SES), an alias (Postmark, Resend), a number that never
 * changes (Postmark), a UUID (SendGrid with `d-` before it, Resend).
 */
export type Template = {
  id: number;
  uuid: string;
  tenant: string;
  /** Of the tenant alone: 1 to 128 characters, no controls; also what the compiled form is asked for by. */
  name: string;
  displayName: string;
  aliases: readonly string[];
  dialect: Dialect;
  /** Used where a message that is made of it names none; as `Ada <ada@example.com>`. */
  from: string | null;
  replyTo: string | null;
  labels: readonly string[];
  /** For whoever speaks a provider's dialect: what that has and we have no use for. A JSON object of at most 4 KiB. */
  extra: Readonly<Record<string, unknown>>;
  /** Goes out; null: nothing yet. */
  published: TemplateVersion | null;
  /** The newest; the same as `published` once that was published. */
  draft: TemplateVersion;
  /** Milliseconds since 1970. */
  createdAt: number;
  updatedAt: number;
};

export type TemplateVersion = TemplateSources & {
  uuid: string;
  /** From 1, in the order they were put. */
  number: number;
  /** As the provider's dialect calls it (SendGrid's name, Mailgun's tag); "" where it has none. */
  label: string;
  /** Values of variables that are not given (Resend). */
  fallbacks: Readonly<Record<string, string | number>>;
  createdAt: number;
};

export type TemplateSummary = Pick<
  Template,
  "id" | "uuid" | "name" | "displayName" | "aliases" | "dialect" | "labels"
> & {
  isPublished: boolean;
  createdAt: number;
  updatedAt: number;
};

/** `name` finds aliases, too. */
export type TemplateRef = { name: string } | { id: number } | { uuid: string };

/** What is not given stays as it is; in a new template it is empty. */
export type TemplateChange = {
  /** Needed for a new one. */
  dialect?: Dialect;
  /** Of a new one: the UUID it had elsewhere, for those who call it by that. Taken where no template has it. */
  uuid?: string;
  /** Another name for one that exists. */
  name?: string;
  displayName?: string;
  aliases?: readonly string[];
  from?: string | null;
  replyTo?: string | null;
  labels?: readonly string[];
  extra?: Readonly<Record<string, unknown>>;
  /** Any of these makes a new version, which takes the others from the draft before it. */
  subject?: string | null;
  html?: string | null;
  text?: string | null;
  fallbacks?: Readonly<Record<string, string | number>>;
  versionLabel?: string;
  /** False: the change waits as a draft. */
  publish: boolean;
};

export type PutAnswer =
  | { kind: "stored"; template: Template; isNew: boolean }
  /** The sources do not compile; nothing was stored. */
  | { kind: "problems"; problems: TemplateProblem[] }
  | { kind: "refused"; code: PutRefusal; detail: string };

/** Listed in docs/failures.md. */
export type PutRefusal =
  | "template-not-found"
  | "template-name-invalid"
  | "template-name-taken"
  | "template-change-invalid"
  | "templates-too-many"
  | "templates-too-large";

/** Which sources: those that go out, the newest, or a version by its UUID. */
export type WhichVersion = "published" | "draft" | { version: string };

/** `template` without its sources, which are in `version`. */
export type CompiledVersion = {
  template: Omit<Template, "published" | "draft">;
  version: TemplateVersion;
  compiled: CompiledTemplate;
};

/** Templates of tenants. Nothing of one tenant can be reached with the name of another. */
export type TemplateStore = {
  /** In the order of the names; `after` is the last one of the page before. */
  list(tenant: string, limit: number, after: string | null): Promise<TemplateSummary[]>;
  get(tenant: string, ref: TemplateRef): Promise<Template | null>;
  /** Changes the template; makes it where `ref` is a name and there is none of that name. */
  put(tenant: string, ref: TemplateRef, change: TemplateChange): Promise<PutAnswer>;
  /** @returns false where there is no such template or version. */
  publish(tenant: string, ref: TemplateRef, version?: string): Promise<boolean>;
  remove(tenant: string, ref: TemplateRef): Promise<boolean>;
  /** Newest first; null where there is no such template. */
  versions(tenant: string, ref: TemplateRef): Promise<TemplateVersion[] | null>;
  /** One that is published cannot be removed. @returns false where there is none, or it is published. */
  removeVersion(tenant: string, ref: TemplateRef, version: string): Promise<boolean>;
  /** Ready to be rendered, from memory where it was asked for before. Null: no such template, or none published. */
  compiled(tenant: string, ref: TemplateRef, which: WhichVersion): Promise<CompiledVersion | null>;
};
