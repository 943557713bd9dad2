/** What Postern wrote into a message it handed off, as far as the message says so; null where it does not. */
export type PosternFields = {
  attemptId: string | null;
  spoolId: string | null;
  stream: string | null;
  messageClass: string | null;
};

const HEADER_END = Buffer.from("\r\n\r\n");
const FIELD = /^x-postern-(attempt|id|stream|class):[ \t]*([!-~]{1,100})[ \t]*\r?$/gim;

/** Reads the header section only: a body may quote anything. The first field of a name counts, for Postern's stand on top. */
export function posternFields(raw: Buffer): PosternFields {
  const end = raw.indexOf(HEADER_END);
  const header = raw.toString("latin1", 0, end === -1 ? raw.length : end);
  const found = new Map<string, string>();
  for (const [, name, value] of header.matchAll(FIELD)) {
    const key = name!.toLowerCase();
    if (!found.has(key)) found.set(key, value!);
  }
  return {
    attemptId: found.get("attempt") ?? null,
    spoolId: found.get("id") ?? null,
    stream: found.get("stream") ?? null,
    messageClass: found.get("class") ?? null,
  };
}
