import { readForm } from "../../mail/index.ts";
import type { WebhookRequest } from "../events.ts";

/** A thousand events with their texts are some 2 MB. */
const FORM_OCTETS = 16 * 1024 * 1024;

/**
 * The fields of a form, decoded: what is signed is what they say, not how they travelled.
 * @returns null where it is no form, holds a file, or gives a field twice, of which a signature would cover only one.
 */
export async function formOf({ headers, body }: WebhookRequest): Promise<Map<string, string> | null> {
  if (body.length > FORM_OCTETS) return null;
  const form = await readForm(body, headers["content-type"] ?? "");
  if (form === null || form.files.length > 0) return null;
  const fields = new Map<string, string>();
  for (const [name, [value = "", ...others]] of form.text) {
    if (others.length > 0) return null;
    fields.set(name, value);
  }
  return fields;
}
