/** A form as its fields: text as text, files with their names and types. */
export type FormFile = { name: string; filename: string; type: string; content: Buffer };
export type Form = { text: Map<string, string[]>; files: FormFile[] };

const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i;
/** Parts and fields of a form; a message has a few dozen. */
const MOST_FIELDS = 2_000;

/**
 * multipart/form-data (RFC 7578) or application/x-www-form-urlencoded, parsed by Node itself (Response.formData). How long a
 * body may be is for whoever reads it from the network to say.
 * @returns null where it is neither, or broken; also where a value holds the text of the boundary, even without its dashes:
 * Node's parser takes that for the end of the value and finds none.
 */
export async function readForm(body: Buffer, contentType: string): Promise<Form | null> {
  if (!FORM.test(contentType)) return null;
  const form: Form = { text: new Map(), files: [] };
  try {
    const data = await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData();
    let count = 0;
    for (const [name, value] of data) {
      count += 1;
      if (count > MOST_FIELDS) return null;
      if (typeof value === "string") {
        const others = form.text.get(name);
        if (others) others.push(value);
        else form.text.set(name, [value]);
      } else {
        const content = Buffer.from(await value.arrayBuffer());
        form.files.push({ name, filename: value.name, type: value.type, content });
      }
    }
    return form;
  } catch {
    return null;
  }
}

export const first = (form: Form, name: string): string | undefined => form.text.get(name)?.[0];
