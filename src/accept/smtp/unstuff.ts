const DOT = 0x2e;
const LINE_DOT = Buffer.from("\r\n.");

/** Takes away the dot that the client put before every line beginning with one (RFC 5321 §4.5.2). Copies only where there is one. */
export function unstuffed(text: Buffer): Buffer {
  let dot = text[0] === DOT ? 0 : nextDot(text, 0);
  if (dot === -1) return text;
  const plain = Buffer.allocUnsafe(text.length);
  let length = 0;
  let from = 0;
  while (dot !== -1) {
    length += text.copy(plain, length, from, dot);
    from = dot + 1;
    dot = nextDot(text, from);
  }
  length += text.copy(plain, length, from);
  return plain.subarray(0, length);
}

function nextDot(text: Buffer, from: number): number {
  const at = text.indexOf(LINE_DOT, from);
  return at === -1 ? -1 : at + 2;
}
