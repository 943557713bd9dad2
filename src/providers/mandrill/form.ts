import type { WebhookRequest } from "../events.ts";

/** A thousand events with their texts are some 2 MB. */
const FORM_OCTETS = 16 * 1024 * 1024;
const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

/**
 * The fields of a form, decoded: what is signed is what they say, not how they travelled.
 * @returns null where it is no form, holds a file, or gives a field twice, of which a signature would cover only one.
 */
export async function formOf({ headers, body }: WebhookRequest): Promise<Map<string, string> | null> {
  const type = headers["content-type"] ?? "";
  if (!FORM.test(type) || body.length > FORM_OCTETS) return null;
  let data: FormData;
  try {
    data = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  } catch {
    return null;
  }
  const fields = new Map<string, string>();
  for (const [name, value] of data) {
    if (typeof value !== "string" || fields.has(name)) return null;
    fields.set(name, value);
  }
  return fields;
}
