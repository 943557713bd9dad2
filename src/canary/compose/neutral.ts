import type { Random } from "../../kernel/index.ts";
import type { CanaryClass } from "../tenant.ts";

export type Written = { subject: string; text: string | null; html: string | null };
export type Writing = { name: string; domain: string; random: Random };

/**
 * What is sent for a stream that has no template here: plain mail of its class, with a link to the tenant's own domain that
 * leads nowhere, and nothing that says what it is for.
 */
export function neutral(messageClass: CanaryClass, { name, domain, random }: Writing): Written {
  const link = `https://${domain}/${random.bytes(9).toString("base64url")}`;
  const greeting = `Hello ${name},`;
  const { subject, before, label, after } = TEXTS[messageClass];
  const text = [greeting, before, link, after, domain].join("\n\n");
  const html =
    `<!doctype html><html><body><p>${greeting}</p><p>${before}</p>` +
    `<p><a href="${link}">${label}</a></p><p>${after}</p><p>${domain}</p></body></html>`;
  return { subject, text, html };
}

const TEXTS: Readonly<Record<CanaryClass, { subject: string; before: string; label: string; after: string }>> = {
  C0: {
    subject: "Your link to continue",
    before: "Use this link to continue. It works once and for a short time only.",
    label: "Continue",
    after: "If you did not ask for it, you need not do anything.",
  },
  C1: {
    subject: "A change to your account",
    before: "A setting of your account was changed. You find what was changed here:",
    label: "Show the change",
    after: "If this was not you, let us know at once.",
  },
  C2: {
    subject: "Please confirm your address",
    before: "Please confirm that this address is yours:",
    label: "Confirm the address",
    after: "Until then some functions stay closed.",
  },
};
