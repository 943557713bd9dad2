/** Unstructured text with its encoded words read (RFC 2047 §2); what cannot be read stays as it is. */
export function encodedWords(value: string): string {
  return value
    .slice(0, 2_000)
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(
      /=\?([\w-]{1,40})\?([bq])\?([^?\s]{0,200})\?=/gi,
      (whole: string, charset: string, encoding: string, text: string) => {
        const octets = encoding.toLowerCase() === "b" ? Buffer.from(text, "base64") : quoted(text);
        try {
          return new TextDecoder(charset).decode(octets);
        } catch {
          return whole;
        }
      },
    );
}

const quoted = (text: string): Buffer =>
  Buffer.from(
    text
      .replaceAll("_", " ")
      .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
